package sqltext

import (
	"strings"

	sqllexer "github.com/DataDog/go-sqllexer"
)

// tokens returns a lexer of sql, masked.
func tokens(sql string) *sqllexer.Lexer {
	return sqllexer.New(masked(sql), sqllexer.WithDBMS(sqllexer.DBMSPostgres))
}

// masked returns sql without its comments, with an empty string for each of its
// string constants and 0 for each of its numbers, by the rules of PostgreSQL.
// go-sqllexer, which serves all dialects, would take a part of some for SQL: of
// nested comments, of constants that go on in the next line, of what does not end.
func masked(sql string) string {
	var b strings.Builder
	b.Grow(len(sql))
	for sql != "" {
		length, instead := 1, ""
		switch c := sql[0]; {
		case strings.HasPrefix(sql, "--"):
			length, instead = until(sql, "\n"), "\n"
		case strings.HasPrefix(sql, "/*"):
			length, instead = commentLen(sql), " "
		case c == '\'':
			length, instead = stringLen(sql, false), "''"
		case c == '"':
			length = 1 + until(sql[1:], `"`)
			instead = sql[:length]
		case c == '$':
			if tag := dollarTag(sql); tag != "" {
				length, instead = len(tag)+until(sql[len(tag):], tag), "''"
				break
			}
			length = 1 + span(sql[1:], isDigit) // a parameter
			instead = sql[:length]
		case isDigit(c), c == '.' && len(sql) > 1 && isDigit(sql[1]):
			length, instead = numberLen(sql), "0"
		default:
			word := sql[:span(sql, isWord)]
			quote := strings.TrimPrefix(sql[len(word):], "&")
			switch {
			case word == "":
				instead = sql[:1]
			case strings.HasPrefix(quote, "'") && isPrefix(sql[:len(sql)-len(quote)]):
				length = len(sql) - len(quote)
				length, instead = length+stringLen(quote, word == "e" || word == "E"), "''"
			default:
				length, instead = len(word), word
			}
		}
		b.WriteString(instead)
		sql = sql[length:]
	}
	return b.String()
}

// isPrefix reports whether s before a quote makes a string constant of its own kind.
func isPrefix(s string) bool {
	switch strings.ToLower(s) {
	case "e", "b", "x", "n", "u&":
		return true
	}
	return false
}

// until returns the length of s up to and with end.
func until(s, end string) int {
	if i := strings.Index(s, end); i >= 0 {
		return i + len(end)
	}
	return len(s)
}

// commentLen returns the length of the comment s begins with. Comments nest.
func commentLen(s string) int {
	depth := 0
	for i := 0; i < len(s)-1; i++ {
		switch s[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			depth--
			i++
		}
		if depth == 0 {
			return i + 1
		}
	}
	return len(s)
}

// stringLen returns the length of the string constant s begins with. It may go on
// on another line.
func stringLen(s string, escapes bool) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && escapes:
			i++
		case s[i] != '\'':
		case strings.HasPrefix(s[i+1:], "'"):
			i++
		default:
			space := span(s[i+1:], isSpace)
			next := s[i+1+space:]
			if !strings.ContainsAny(s[i+1:i+1+space], "\r\n") || !strings.HasPrefix(next, "'") {
				return i + 1
			}
			i += space + 1
		}
	}
	return len(s)
}

// dollarTag returns the $tag$ that s begins with, or "".
func dollarTag(s string) string {
	n := 1 + span(s[1:], func(c byte) bool { return isWord(c) && c != '$' })
	if n == len(s) || s[n] != '$' || isDigit(s[1]) {
		return ""
	}
	return s[:n+1]
}

func numberLen(s string) int {
	n := 0
	for n < len(s) && (isWord(s[n]) && s[n] != '$' || s[n] == '.' ||
		(s[n] == '+' || s[n] == '-') && n > 0 && s[n-1]|0x20 == 'e' && n+1 < len(s) && isDigit(s[n+1])) {
		n++
	}
	return n
}

// span returns the length of the beginning of s whose bytes are all in class.
func span(s string, class func(byte) bool) int {
	for i := range len(s) {
		if !class(s[i]) {
			return i
		}
	}
	return len(s)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

func isWord(c byte) bool {
	return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' || c == '$' || c >= 0x80
}
