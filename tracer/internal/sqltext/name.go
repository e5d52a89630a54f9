package sqltext

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
)

// Names are for people and appear in lines of reports, so their width is bounded.
const (
	maxName = 84
	// A hash of the statement replaces what a name omits.
	hashLen = 7
	maxText = maxName - len(" #") - hashLen
)

// Name returns the name of a statement in reports: the name in an sqlc-style header (-- name:
// GetOrder :one), or else its normal form. In a long one, lists of columns become "…", then other
// clauses, then the end, and a hash of the statement keeps the name unique. The name contains no
// values of the SQL.
func Name(sql string) string {
	if m := header.FindStringSubmatch(sql); m != nil {
		return strings.Clone(m[1]) // do not keep sql alive
	}
	tokens := normal(sql)
	whole := text(tokens)
	if columns(whole, maxName) == len(whole) {
		return whole
	}
	sum := sha256.Sum256([]byte(whole))
	name := text(folded(tokens, lists))
	if columns(name, maxText) < len(name) {
		name = text(folded(tokens, clauses))
	}
	if n := columns(name, maxText); n < len(name) {
		n = columns(name, maxText-len(" …"))
		if space := strings.LastIndexByte(name[:n], ' '); space > n/2 {
			n = space
		}
		name = strings.TrimSuffix(name[:n], " …") + " …"
	}
	return name + " #" + hex.EncodeToString(sum[:])[:hashLen]
}

// columns returns how many bytes of text fit into most columns.
func columns(text string, most int) int {
	for i, r := range text {
		switch {
		case r < unicode.MaxASCII && unicode.IsPrint(r):
			most--
		case unicode.IsPrint(r):
			most -= 2 // or 1
		default:
			most -= len("<U+0010FFFF>")
		}
		if most < 0 {
			return i
		}
	}
	return len(text)
}

// text returns SQL as people write it.
func text(tokens []token) string {
	var (
		b     strings.Builder
		last  token
		table bool // it is a table to insert into
	)
	for i, t := range tokens {
		if i > 0 && isApart(last, t, table) {
			b.WriteByte(' ')
		}
		b.WriteString(t.text)
		table = namesTable(t, table)
		last = t
	}
	return b.String()
}

// isApart reports whether there is a space between two tokens.
func isApart(last, t token, table bool) bool {
	switch last.text {
	case "(", "[", ".", "::":
		return false
	}
	switch t.text {
	case ",", ";", ")", "]", ".", "::":
		return false
	case "(":
		return table || last.class != quoted && (last.class != word || spaced[strings.ToLower(last.text)])
	case "[":
		return last.class == operator || last.text == ","
	}
	return true
}
