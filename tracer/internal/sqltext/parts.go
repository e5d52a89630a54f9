package sqltext

import (
	"strings"

	sqllexer "github.com/DataDog/go-sqllexer"
)

// Several reports whether sql may be more than one statement, at the price of a look.
func Several(sql string) bool {
	return strings.Contains(strings.TrimRight(sql, "; \t\r\n"), ";")
}

// Parts returns the statements of sql, with constants blanked, or nil if it is one.
func Parts(sql string) []string {
	if !Several(sql) {
		return nil
	}
	var (
		parts []string
		part  strings.Builder
		depth int
		lexer = tokens(sql)
	)
	flush := func() {
		if text := strings.TrimSpace(part.String()); text != "" {
			parts = append(parts, text)
		}
		part.Reset()
	}
	for {
		token := lexer.Scan()
		switch {
		case token.Type == sqllexer.EOF, token.Type == sqllexer.ERROR:
			flush()
			if len(parts) < 2 {
				return nil
			}
			return parts
		case token.Value == "(":
			depth++
		case token.Value == ")":
			depth--
		case token.Value == ";" && depth <= 0: // CREATE RULE … DO (…; …) is one statement
			flush()
			continue
		}
		part.WriteString(token.Value)
	}
}
