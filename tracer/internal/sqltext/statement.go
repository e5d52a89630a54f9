// Package sqltext analyzes the text of SQL by PostgreSQL's rules: its name in reports, the
// statements in it, and whether it controls a transaction, writes or locks.
package sqltext

import (
	"regexp"
	"slices"
	"strings"
)

// sqlc keeps this header in the SQL it generates, so it is a stable name that reaches the server.
// Hand-written SQL can have it too.
var header = regexp.MustCompile(`\A\s*(?:--|/\*)\s*name:\s*([A-Za-z_][A-Za-z0-9_]*)\s+:[a-z]+`)

// HasHeader reports whether sql begins with such a header, which names all of it.
func HasHeader(sql string) bool { return header.MatchString(sql) }

// IsTx reports whether sql consists only of transaction control, in one or several statements.
func IsTx(sql string) bool {
	if !beginsTx([]string{firstWord(sql), "transaction"}) {
		return false // the fast path of nearly all statements
	}
	var (
		words []string // the first two of the current statement
		tx    bool
		rest  = scanner(sql)
	)
	for {
		t := rest.next()
		switch {
		case t.class != end && t.text != ";":
			if len(words) < 2 {
				words = append(words, t.text)
			}
		case len(words) > 0 && !beginsTx(words):
			return false
		default:
			tx = tx || len(words) > 0
			words = words[:0]
		}
		if t.class == end {
			return tx
		}
	}
}

// IsEmpty reports whether sql contains no statement, at most comments.
func IsEmpty(sql string) bool { return begin(sql) == len(sql) }

// firstWord returns the first word of sql after comments.
func firstWord(sql string) string {
	sql = sql[begin(sql):]
	return sql[:span(sql, isWord)]
}

// begin returns where the first statement of sql begins.
func begin(sql string) int {
	i := blankLen(sql)
	for strings.HasPrefix(sql[i:], ";") {
		i++
		i += blankLen(sql[i:])
	}
	return i
}

// RollsBack reports whether a statement of transaction control undoes something.
func RollsBack(sql string) bool { return beginsWith(sql, "rollback", "abort") }

// OpensTx reports whether a statement of transaction control begins a transaction.
func OpensTx(sql string) bool { return beginsWith(sql, "begin", "start") }

// EndsTx reports whether a statement of transaction control ends the transaction and begins no
// other.
func EndsTx(sql string) bool {
	words := strings.Fields(strings.ToLower(sql))
	return beginsWith(sql, "commit", "end", "prepare", "rollback", "abort") &&
		!slices.Contains(words, "to") && (!slices.Contains(words, "chain") || slices.Contains(words, "no"))
}

func beginsWith(sql string, words ...string) bool {
	return slices.Contains(words, strings.ToLower(firstWord(sql)))
}

// beginsTx reports whether a statement that begins with words is transaction control.
func beginsTx(words []string) bool {
	is := func(i int, word string) bool { return len(words) > i && strings.EqualFold(words[i], word) }
	switch len(words[0]) {
	case 3:
		return is(0, "end") || is(0, "set") && is(1, "transaction")
	case 5:
		return is(0, "begin") || is(0, "abort") || is(0, "start") && is(1, "transaction")
	case 6:
		return is(0, "commit")
	case 7:
		return is(0, "release") || is(0, "prepare") && is(1, "transaction")
	case 8:
		return is(0, "rollback")
	case 9:
		return is(0, "savepoint")
	}
	return false
}
