package sqltext

import (
	"regexp"
	"slices"
	"strings"
)

// maxDepth bounds the depth of parentheses in which lists are searched: each level reads them
// again.
const maxDepth = 64

// normal returns the tokens of sql in the form that equal statements share: values are "?", and
// equal elements of a list become one. IN with a list reads "= ?", because ORMs write "= $1" for
// one value and "IN ($1, $2)" for more.
func normal(sql string) []token {
	var n normalizer
	for t := range scan(sql) {
		last := before(n.out, len(n.out)).text
		switch {
		case t.text == "(", t.text == "[":
			n.open = append(n.open, len(n.out))
			n.out = append(n.out, t)
		case t.text == ")", t.text == "]":
			n.close(t)
		case t.text == ";" && (last == "" || last == ";"):
		default:
			n.add(t)
		}
	}
	for before(n.out, len(n.out)).text == ";" {
		n.out = n.out[:len(n.out)-1]
	}
	return n.out
}

type normalizer struct {
	out  []token
	open []int // positions of open parentheses
	rows []row // of VALUES lists that may continue
}

// A row is a row of VALUES that differs from all before it: its tokens, and the number of rows
// before it.
type row struct{ start, end, of int }

// maxRows bounds how many rows a row is compared with.
const maxRows = 16

func (n *normalizer) add(t token) {
	switch t.class {
	case number:
		t = placeholder
		sign := len(n.out) - 1
		if of := before(n.out, sign+1); (of.text == "-" || of.text == "+") && !isOperand(before(n.out, sign)) {
			n.out = n.out[:sign]
		}
	case word:
		if isConstant(t) && before(n.out, len(n.out)).class == operator {
			t = placeholder
		}
	case operator:
		if t.text == "!=" {
			t.text = "<>"
		}
	case quoted:
		if name, ok := strings.CutSuffix(t.text[1:], `"`); ok && isPlain(name) {
			t = token{word, name}
		}
	}
	if n.namesSavepoint(t) {
		t = placeholder
	}
	n.out = append(n.out, t)
}

// namesSavepoint reports whether t is the name of a savepoint. pgx counts them, and ORMs use the
// address of an object.
func (n *normalizer) namesSavepoint(t token) bool {
	first := before(n.out, len(n.out))
	if !first.isWord("savepoint", "release", "to") || t.isWord("savepoint") || t.class != word && t.class != quoted {
		return false
	}
	for i := len(n.out); i > 0 && n.out[i-1].text != ";"; i-- {
		first = n.out[i-1]
	}
	return first.isWord("savepoint", "release", "rollback")
}

// isOperand reports whether t can be the left operand of an operator.
func isOperand(t token) bool {
	switch t.class {
	case word:
		return !beforeSign[strings.ToLower(t.text)]
	case quoted, value:
		return true
	}
	return t.text == ")" || t.text == "]"
}

// isConstant reports whether t is a constant that is not a literal.
func isConstant(t token) bool { return t.isWord("null", "true", "false") }

// isPlain reports whether an identifier means the same without quotes.
func isPlain(name string) bool { return plain.MatchString(name) && !keywords[name] }

var plain = regexp.MustCompile(`^[a-z_][a-z_0-9]*$`)

// close ends the innermost group.
func (n *normalizer) close(t token) {
	if len(n.open) == 0 {
		n.out = append(n.out, t)
		return
	}
	group := n.open[len(n.open)-1] // position of its parenthesis
	n.open = n.open[:len(n.open)-1]
	if len(n.open) >= maxDepth {
		n.out = append(n.out, t)
		return
	}
	for len(n.rows) > 0 && n.rows[len(n.rows)-1].start > group { // rows of nested lists
		n.rows = n.rows[:len(n.rows)-1]
	}
	last := before(n.out, group)
	in := last.isWord("in")
	first := last.isWord("values")
	further := last.text == "," && len(n.rows) > 0 && n.rows[len(n.rows)-1].end == group-1
	n.shorten(group+1, in || first || further)
	n.out = append(n.out, t)
	switch {
	case in:
		n.equal(group)
	case first:
		n.rows = append(n.rows, row{group, len(n.out), 0})
	case further:
		at := n.rows[len(n.rows)-1].of + 1
		for _, r := range n.rows[len(n.rows)-min(at, maxRows):] {
			if slices.Equal(n.out[r.start:r.end], n.out[group:]) {
				n.out = n.out[:group-1]
				return
			}
		}
		n.rows = append(n.rows, row{group, len(n.out), at})
	}
}

// shorten keeps one of consecutive equal elements of the list from start, if they begin with a
// value or, with constants, may be constants.
func (n *normalizer) shorten(start int, constants bool) {
	var (
		list  = n.out[start:]
		kept  = list[:0]
		prior []token // the previous element
		depth = 0
		begin = 0
	)
	for i := 0; i <= len(list); i++ {
		if i < len(list) {
			switch list[i].text {
			case "(", "[":
				depth++
			case ")", "]":
				depth--
			}
			if list[i].text != "," || depth > 0 {
				continue
			}
		}
		element := list[begin:i]
		if constants && len(element) > 0 && isConstant(element[0]) && (len(element) == 1 || element[1].text == "::") {
			element[0] = placeholder
		}
		begin = i + 1
		if len(element) > 0 && (element[0] == placeholder || constants && element[0].text == "(") && slices.Equal(element, prior) {
			continue
		}
		if len(kept) > 0 {
			kept = append(kept, token{mark, ","})
		}
		at := len(kept)
		kept = append(kept, element...)
		prior = kept[at:]
	}
	n.out = n.out[:start+len(kept)]
}

// equal writes IN with a list of values, whose parenthesis is at at, as "=".
func (n *normalizer) equal(at int) {
	list := n.out[at+1 : len(n.out)-1]
	if !isValue(list) {
		return
	}
	sign := "="
	at--
	if at > 0 && n.out[at-1].isWord("not") {
		sign = "<>"
		at--
	}
	n.out = append(append(n.out[:at], token{operator, sign}), list...)
}

// isValue reports whether list is one value or a row of values.
func isValue(list []token) bool {
	if len(list) > 2 && list[0].text == "(" && list[len(list)-1].text == ")" {
		list = list[1 : len(list)-1]
	}
	if len(list) == 0 || list[0] != placeholder {
		return false
	}
	for i := 1; i < len(list); i++ { // a cast, such as ?::numeric(10, 2)[]
		if list[1].text != "::" || list[i].class == operator || list[i].text == "," {
			return false
		}
	}
	return true
}
