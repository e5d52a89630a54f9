package sqltext

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A class is the class of a token.
type class uint8

const (
	none     class = iota
	word           // keyword or identifier
	quoted         // quoted identifier
	number         // number, without its sign
	value          // other constant, or parameter
	operator       // such as "=" or "->>"
	mark           // anything else, such as "(" or "::"
)

// A token is a part of SQL. The text of a value is "?", that of a number "0".
type token struct {
	class
	text string
}

// isWord reports whether t is one of words, which are lowercase.
func (t token) isWord(words ...string) bool {
	if t.class == word {
		for _, w := range words {
			if strings.EqualFold(t.text, w) {
				return true
			}
		}
	}
	return false
}

var placeholder = token{value, "?"}

// before returns the token before position at, or none.
func before(tokens []token, at int) token {
	if at <= 0 || at > len(tokens) {
		return token{}
	}
	return tokens[at-1]
}

// scan yields the tokens of SQL and their source text, without comments, by PostgreSQL's rules. It
// accepts any text; unterminated parts extend to the end. pgx's named arguments are parameters,
// and so is "?", as in other databases; PostgreSQL's operator looks the same.
func scan(sql string) iter.Seq2[token, string] {
	return func(yield func(token, string) bool) {
		for rest := trimBlank(sql); rest != ""; {
			class, length := first(rest)
			t := token{class, rest[:length]}
			switch class {
			case value:
				t = placeholder
			case number:
				t.text = "0"
			}
			if !yield(t, rest[:length]) {
				return
			}
			rest = trimBlank(rest[length:])
		}
	}
}

const space = " \t\n\v\f\r"

// trimBlank returns sql without the space and comments at its beginning.
func trimBlank(sql string) string {
	for {
		sql = strings.TrimLeft(sql, space)
		switch {
		case strings.HasPrefix(sql, "--"):
			sql = sql[lineLen(sql):]
		case strings.HasPrefix(sql, "/*"):
			sql = sql[commentLen(sql):]
		default:
			return sql
		}
	}
}

// first returns the class of the first token of sql, and its length.
func first(sql string) (class, int) {
	switch c := sql[0]; {
	case c == '\'':
		return value, stringLen(sql, false)
	case c == '"':
		return quoted, quotedLen(sql)
	case c == '$':
		if tag := dollarTag(sql); tag != "" {
			return value, len(tag) + until(sql[len(tag):], tag)
		}
		if digits := span(sql[1:], isDigit); digits > 0 {
			return value, 1 + digits
		}
	case isDigit(c), c == '.' && len(sql) > 1 && isDigit(sql[1]):
		return number, numberLen(sql)
	case isNamed(sql):
		return value, 1 + span(sql[1:], isWord)
	case isOperator(c):
		if length := operatorLen(sql); sql[:length] != "?" {
			return operator, length
		}
		return value, 1
	case isWord(c):
		length := span(sql, isWord)
		quote := strings.TrimPrefix(sql[length:], "&")
		prefix := sql[:len(sql)-len(quote)]
		switch {
		case strings.HasPrefix(quote, "'") && stringPrefixes[strings.ToLower(prefix)]:
			return value, len(prefix) + stringLen(quote, strings.EqualFold(prefix, "e"))
		case strings.HasPrefix(quote, `"`) && strings.EqualFold(prefix, "u&"):
			return quoted, len(prefix) + quotedLen(quote)
		}
		return word, length
	case strings.HasPrefix(sql, "::"), strings.HasPrefix(sql, ":="):
		return mark, 2
	}
	return mark, 1
}

// stringPrefixes lists what makes another kind of string constant before its quote.
var stringPrefixes = wordSet("e b x n u&")

// isNamed reports whether sql begins with a named argument of pgx.
func isNamed(sql string) bool {
	if sql[0] != '@' {
		return false
	}
	r, _ := utf8.DecodeRuneInString(sql[1:])
	return r == '_' || unicode.IsLetter(r)
}

// operatorLen returns the length of the operator at the beginning of sql. Signs or parameters at
// its end are not part of it.
func operatorLen(sql string) int {
	n := 1
	const most = 63 // PostgreSQL's limit; a longer one is several
	for n < min(len(sql), most) && isOperator(sql[n]) && !strings.HasPrefix(sql[n:], "--") && !strings.HasPrefix(sql[n:], "/*") && !isNamed(sql[n:]) {
		n++
	}
	signed := strings.ContainsAny(sql[:n], "~!@#%^&|`?")
	for n > 1 && (sql[n-1] == '+' || sql[n-1] == '-') && !signed {
		n--
	}
	for n > 1 && sql[n-1] == '?' && sql[:n] != "@?" {
		n--
	}
	return n
}

// until returns the length of s up to and including end.
func until(s, end string) int {
	if i := strings.Index(s, end); i >= 0 {
		return i + len(end)
	}
	return len(s)
}

// lineLen returns the length of s up to the end of its line, which for PostgreSQL is also "\r".
func lineLen(s string) int {
	if i := strings.IndexAny(s, "\r\n"); i >= 0 {
		return i + 1
	}
	return len(s)
}

// commentLen returns the length of the comment at the beginning of s. Comments nest.
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

// stringLen returns the length of the string constant at the beginning of s. It may continue on
// another line.
func stringLen(s string, escapes bool) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && escapes:
			i++
		case s[i] != '\'':
		case strings.HasPrefix(s[i+1:], "'"):
			i++
		default:
			next := strings.TrimLeft(s[i+1:], space)
			between := s[i+1 : len(s)-len(next)]
			if !strings.ContainsAny(between, "\r\n") || !strings.HasPrefix(next, "'") {
				return i + 1
			}
			i += len(between) + 1
		}
	}
	return len(s)
}

// quotedLen returns the length of the quoted identifier at the beginning of s.
func quotedLen(s string) int {
	n := 1 + until(s[1:], `"`)
	for strings.HasPrefix(s[n:], `"`) {
		n += 1 + until(s[n+1:], `"`)
	}
	return n
}

// dollarTag returns the $tag$ at the beginning of s, or "".
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

// span returns the length of the prefix of s whose bytes are all in class.
func span(s string, class func(byte) bool) int {
	for i := range len(s) {
		if !class(s[i]) {
			return i
		}
	}
	return len(s)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isWord(c byte) bool {
	return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' || c == '$' || c >= 0x80
}

func isOperator(c byte) bool { return strings.IndexByte("+-*/<>=~!@#%^&|`?", c) >= 0 }
