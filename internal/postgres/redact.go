package postgres

import (
	"cmp"
	"errors"
	"net"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// A redactor holds the patterns of what must not be shown. It is the net below
// reason: little should be left for it to find, but what a server says about a
// statement cannot be known in advance. The zero value redacts nothing.
type redactor []*regexp.Regexp

// wordLength is the length from which on a secret is looked for inside words
// too. Shorter ones would tear holes into words that contain them by chance.
const wordLength = 6

// secretsOf returns a redactor for everything in a connection string that says
// who connects to what.
func secretsOf(url string, config *pgx.ConnConfig) redactor {
	secrets := []string{url, config.Password, config.User, config.Host}
	for _, f := range config.Fallbacks {
		secrets = append(secrets, f.Host)
	}
	return hiding(secrets...)
}

// hiding returns a redactor for secrets.
func hiding(secrets ...string) redactor {
	// Longest first: a secret inside another one would break it up.
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	var r redactor
	for _, s := range slices.Compact(secrets) {
		if s != "" {
			r = append(r, regexp.MustCompile(pattern(s)))
		}
	}
	return r
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

// error reduces an error of the driver to what may be shown. It does not
// wrap err, whose text and fields contain what is hidden here.
func (r redactor) error(err error) error { return errors.New(r.text(reason(err))) }

func (r redactor) text(s string) string {
	for _, p := range r {
		s = p.ReplaceAllLiteralString(s, "***")
	}
	return s
}

// Redacted returns the text of err, an error of work on a database of s, without
// who connects where: addresses, users, and the socket of a temporary server. Nor
// does it hold the values that the driver and the server quote when they refuse an
// argument.
func (s *Server) Redacted(err error) string {
	text := encodedValue.ReplaceAllString(reduced(err.Error(), err), "unable to encode *** into $1")
	return s.redact.text(text)
}

// reduced exchanges in text what each error of the driver that err wraps says.
func reduced(text string, err error) string {
	switch e := err.(type) { //nolint:errorlint // every error of the tree is visited
	case *pgconn.ConnectError:
		return strings.ReplaceAll(text, e.Error(), "connect: "+reason(e))
	case *net.OpError:
		return strings.ReplaceAll(text, e.Error(), e.Op+": "+reason(e))
	case *pgconn.PgError:
		return strings.ReplaceAll(text, e.Message, refusedValue.ReplaceAllString(e.Message, "$1***"))
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			return reduced(text, inner)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			text = reduced(text, inner)
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
