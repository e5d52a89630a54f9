package sqltext

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
)

// Names are for people, and stand in the lines of reports: they are of a width.
const (
	maxName = 84
	// A hash of the statement marks what a name leaves out.
	hashLen = 7
	maxText = maxName - len(" #") - hashLen
)

// Name returns what a report calls the statement: the name in an
// sqlc-style header (-- name: GetOrder :one), else its normal form. Where that
// is long, lists of columns are "…", and if need be so is what else can be spared, or the end.
// The hash that follows then is another one for another statement. It contains no value that
// the SQL contained.
func Name(sql string) string {
	if m := header.FindStringSubmatch(sql); m != nil {
		return strings.Clone(m[1]) // sql may be large
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

// columns returns how many bytes of text, at most all, a report shows in so many columns.
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
		table bool // it is the name of one that is inserted into
	)
	for i, t := range tokens {
		if i > 0 && isApart(last, t, table) {
			b.WriteByte(' ')
		}
		b.WriteString(t.text)
		table = t.isWord("into") || table && (t.class == word || t.class == quoted || t.text == ".")
		last = t
	}
	return b.String()
}

// isApart reports whether there is a space between two tokens.
func isApart(last, t token, table bool) bool {
	if last.class == mark {
		switch last.text {
		case "(", "[", ".", "::":
			return false
		}
	}
	if t.class != mark {
		return true
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
