package tracer

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

// StatementName returns what a report calls the statement: the name in an
// sqlc-style header (-- name: GetOrder :one), else the SQL without comments and
// with "?" for literals, parameters and lists of them. It contains no value that
// the SQL contained.
func StatementName(sql string) string {
	if m := header.FindStringSubmatch(sql); m != nil {
		return m[1]
	}
	normalized, _, err := sqllexer.ObfuscateAndNormalize(masked(sql), obfuscator, normalizer, sqllexer.WithDBMS(sqllexer.DBMSPostgres))
	if err != nil {
		return "(SQL that cannot be normalized)"
	}
	return rows.ReplaceAllString(normalized, "$1")
}

// isTx reports whether sql is transaction control and nothing else, by the first
// words of its statements.
func isTx(sql string) bool {
	tx := false
	for statement := range strings.SplitSeq(masked(sql), ";") {
		switch first, second := firstWords(statement); first {
		case "":
			continue
		case "begin", "commit", "end", "rollback", "abort", "savepoint", "release":
		case "start", "set", "prepare":
			if second != "transaction" {
				return false
			}
		default:
			return false
		}
		tx = true
	}
	return tx
}

// firstWords returns the first two words of sql in lower case, past comments.
func firstWords(sql string) (first, second string) {
	lexer := sqllexer.New(sql, sqllexer.WithDBMS(sqllexer.DBMSPostgres))
	for {
		token := lexer.Scan()
		switch token.Type {
		case sqllexer.SPACE, sqllexer.COMMENT, sqllexer.MULTILINE_COMMENT:
			continue
		case sqllexer.EOF, sqllexer.ERROR:
			return first, ""
		}
		if first != "" {
			return first, strings.ToLower(token.Value)
		}
		first = strings.ToLower(token.Value)
	}
}

// classify turns what a call was recorded with into what is reported.
func classify(kind Kind, text string) (Kind, string) {
	switch kind {
	case Query:
		if isTx(text) {
			return Tx, StatementName(text)
		}
		return Query, StatementName(text)
	case Setup, Prepare:
		return kind, StatementName(text)
	default:
		return kind, text
	}
}
