package postgres

import (
	"cmp"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// A redactor holds the patterns of a password. The driver does not quote it, but what a
// server or an application says cannot be known in advance. The zero value redacts nothing.
type redactor []*regexp.Regexp

// wordLength is the length from which on a password is looked for inside words
// too. Shorter ones would tear holes into words that contain them by chance.
const wordLength = 6

// passwordOf returns a redactor for the password in a connection string, or wherever else
// the driver has found it.
func passwordOf(given string, config *pgx.ConnConfig) redactor {
	if config.Password == "" {
		return nil
	}
	return append(redactor{regexp.MustCompile(regexp.QuoteMeta(given))}, hiding(config.Password)...)
}

// hiding returns a redactor for password, as it is and as connection strings have it.
func hiding(password string) redactor {
	if password == "" {
		return nil
	}
	_, ofUser, _ := strings.Cut(url.UserPassword("", password).String(), ":")
	forms := []string{password, ofUser, url.QueryEscape(password), inKeywords.Replace(password)}
	// Longest first: one form inside another one would break it up.
	slices.SortFunc(forms, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	var r redactor
	for _, form := range slices.Compact(forms) {
		r = append(r, regexp.MustCompile(pattern(form)))
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

// error reduces an error of the driver to its text in one line. It does not
// wrap err, whose fields contain what is hidden here.
func (r redactor) error(err error) error {
	return errors.New(printable(r.text(oneLine.Replace(err.Error()))))
}

// oneLine joins the lines of the driver, which has one for each address it has tried.
var oneLine = strings.NewReplacer(":\n\t", ": ", "\n\t", "; ")

func (r redactor) text(s string) string {
	for _, p := range r {
		s = p.ReplaceAllLiteralString(s, "***")
	}
	return s
}

// Redacted returns the text of err, an error of work on a database of s, without the
// password of the server and without the values that the driver and the server quote
// when they refuse an argument. It names hosts and users, so it is for whoever runs
// the command, and not for files.
func (s *Server) Redacted(err error) string {
	text := encodedValue.ReplaceAllString(withoutValues(err.Error(), err), "unable to encode *** into $1")
	return s.redact.text(text)
}

// withoutValues takes out of text the values in each error of the server that err wraps.
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
