// Package sqltext tells what the text of SQL says, by the rules of PostgreSQL: what a report calls
// a statement, whether it is several, controls a transaction, writes or locks.
package sqltext

import (
	"regexp"
	"strings"

	sqllexer "github.com/DataDog/go-sqllexer"
)

var (
	// sqlc keeps the header it reads in the SQL it generates, which makes it a
	// stable name that reaches the server; hand-written SQL can carry it as well.
	header = regexp.MustCompile(`\A\s*(?:--|/\*)\s*name:\s*([A-Za-z_][A-Za-z0-9_]*)\s+:[a-z]+`)

	// The number of rows is data, like the length of an IN list.
	rows = regexp.MustCompile(`(?i)(\bvalues ` + row + `)(?:, ` + row + `)+`)

	obfuscator = sqllexer.NewObfuscator(sqllexer.WithReplacePositionalParameter(true))
	normalizer = sqllexer.NewNormalizer(
		sqllexer.WithRemoveSpaceBetweenParentheses(true),
		sqllexer.WithKeepIdentifierQuotation(true), // "T" and T are different tables
	)
)

// row is one row of VALUES, with calls in it and calls in those.
const row = `\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)`

// HasHeader reports whether sql begins with such a header, which names all of it.
func HasHeader(sql string) bool { return header.MatchString(sql) }

// Name returns what a report calls the statement: the name in an
// sqlc-style header (-- name: GetOrder :one), else the SQL without comments and
// with "?" for literals, parameters and lists of them. It contains no value that
// the SQL contained.
func Name(sql string) string {
	if m := header.FindStringSubmatch(sql); m != nil {
		return strings.Clone(m[1]) // sql may be large
	}
	normalized, _, err := sqllexer.ObfuscateAndNormalize(masked(sql), obfuscator, normalizer, sqllexer.WithDBMS(sqllexer.DBMSPostgres))
	if err != nil {
		return "(SQL that cannot be normalized)"
	}
	return rows.ReplaceAllString(normalized, "$1")
}

// IsTx reports whether sql is transaction control and nothing else: one such
// statement or several.
func IsTx(sql string) bool {
	if !beginsTx([]string{firstWord(sql), "transaction"}) {
		return false // which nearly all statements are, at a hundredth of the price
	}
	var (
		words []string // the first two of the statement being read
		tx    bool
		lexer = tokens(sql)
	)
	for {
		token := lexer.Scan()
		end := token.Type == sqllexer.EOF || token.Type == sqllexer.ERROR
		switch {
		case token.Type == sqllexer.SPACE:
		case !end && token.Value != ";":
			if len(words) < 2 {
				words = append(words, token.Value)
			}
		case len(words) > 0 && !beginsTx(words):
			return false
		default:
			tx = tx || len(words) > 0
			words = words[:0]
		}
		if end {
			return tx
		}
	}
}

// firstWord returns the word that sql begins with, after comments.
func firstWord(sql string) string {
	i := 0
	for i < len(sql) {
		switch c := sql[i]; {
		case isSpace(c), c == ';':
			i++
		case c == '-' && strings.HasPrefix(sql[i:], "--"):
			i += until(sql[i:], "\n")
		case c == '/' && strings.HasPrefix(sql[i:], "/*"):
			i += commentLen(sql[i:])
		default:
			end := i
			for end < len(sql) && isWord(sql[end]) {
				end++
			}
			return sql[i:end]
		}
	}
	return ""
}

// RollsBack reports whether a statement of transaction control undoes something.
func RollsBack(sql string) bool {
	switch strings.ToLower(firstWord(sql)) {
	case "rollback", "abort":
		return true
	}
	return false
}

// beginsTx reports whether a statement that begins with words is transaction
// control.
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
