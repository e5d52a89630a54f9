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
	if !beginsTx(firstWord(sql), token{word, "transaction"}) {
		return false // the fast path of nearly all statements
	}
	var first, second token // of the current statement
	for t := range scan(sql) {
		switch {
		case t.text == ";":
			if first.class != none && !beginsTx(first, second) {
				return false
			}
			first, second = token{}, token{}
		case first.class == none:
			first = t
		case second.class == none:
			second = t
		}
	}
	return first.class == none || beginsTx(first, second)
}

// IsEmpty reports whether sql contains no statement, at most comments.
func IsEmpty(sql string) bool { return begin(sql) == "" }

// firstWord returns the first word of sql after comments.
func firstWord(sql string) token {
	sql = begin(sql)
	return token{word, sql[:span(sql, isWord)]}
}

// begin returns sql from its first statement on.
func begin(sql string) string {
	sql = trimBlank(sql)
	for strings.HasPrefix(sql, ";") {
		sql = trimBlank(sql[1:])
	}
	return sql
}

// RollsBack reports whether a statement of transaction control undoes something.
func RollsBack(sql string) bool { return firstWord(sql).isWord("rollback", "abort") }

// OpensTx reports whether a statement of transaction control begins a transaction.
func OpensTx(sql string) bool { return firstWord(sql).isWord("begin", "start") }

// EndsTx reports whether a statement of transaction control ends the transaction and begins no
// other.
func EndsTx(sql string) bool {
	words := strings.Fields(strings.ToLower(sql))
	return firstWord(sql).isWord("commit", "end", "prepare", "rollback", "abort") &&
		!slices.Contains(words, "to") && (!slices.Contains(words, "chain") || slices.Contains(words, "no"))
}

// beginsTx reports whether a statement that begins with two tokens is transaction control.
func beginsTx(first, second token) bool {
	return first.isWord("begin", "commit", "end", "rollback", "abort", "savepoint", "release") ||
		first.isWord("start", "set", "prepare") && second.isWord("transaction")
}
