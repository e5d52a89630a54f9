package postgres

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// A redactor takes a password out of what is said. The driver's errors have none, but a
// server says what it likes. The zero value takes out nothing.
type redactor struct{ password *regexp.Regexp }

// wordLength is the length from which on a password is looked for inside words too. A
// shorter one would tear holes into words that contain it by chance.
const wordLength = 6

func passwordOf(config *pgx.ConnConfig) redactor {
	if config.Password == "" {
		return redactor{}
	}
	return redactor{regexp.MustCompile(pattern(config.Password))}
}

// pattern matches secret, a short one only where it is not a part of a word.
func pattern(secret string) string {
	p := regexp.QuoteMeta(secret)
	if len(secret) >= wordLength {
		return p
	}
	if isWord(secret[0]) {
		p = `\b` + p
	}
	if isWord(secret[len(secret)-1]) {
		p += `\b`
	}
	return p
}

// isWord reports whether \b sees b as a part of a word.
func isWord(b byte) bool {
	return b == '_' || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

// error returns what an error of the driver says, in one line. It does not wrap err, whose
// text may hold a password.
func (r redactor) error(err error) error {
	var lines []string // one for each address, and for each way to use TLS
	for line := range strings.Lines(err.Error()) {
		if line = printable(strings.TrimSpace(line)); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return errors.New(r.text(strings.Join(lines, " ")))
}

func (r redactor) text(s string) string {
	if r.password == nil {
		return s
	}
	return r.password.ReplaceAllLiteralString(s, "***")
}

// Redacted returns the text of err, an error of work on a database of s, without its
// password, and without the values that the driver and the server quote when they refuse
// an argument. It names hosts, users and paths, so it is for a terminal and not for a file.
func (s *Server) Redacted(err error) string {
	text := encodedValue.ReplaceAllString(withoutValues(err.Error(), err), "unable to encode *** into $1")
	return s.redact.text(text)
}

// withoutValues exchanges in text what each error of the server that err wraps says.
func withoutValues(text string, err error) string {
	switch e := err.(type) { //nolint:errorlint // every error of the tree is visited
	case *pgconn.PgError:
		return strings.ReplaceAll(text, e.Message, refusedValue.ReplaceAllString(e.Message, "$1***"))
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			return withoutValues(text, inner)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			text = withoutValues(text, inner)
		}
	}
	return text
}

var (
	// What the driver says of an argument it cannot encode: the argument, and often
	// once more why.
	encodedValue = regexp.MustCompile(`(?s)unable to encode .* into (\w+ format for \S+ \(OID \d+\)).*`)
	// What the server says of an argument it cannot use: invalid input syntax for
	// type integer: "12a", value "99999999999" is out of range for type integer.
	refusedValue = regexp.MustCompile(`(?s)(: |value )".*"`)
)

// printable drops everything that could move a terminal's cursor or reorder
// its text.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, s)
}
