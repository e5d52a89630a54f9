// Package redact makes errors of PostgreSQL's driver and servers fit to be shown to whoever
// runs the command: in one line, without passwords.
package redact

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5/pgconn"
)

// A Redactor holds the patterns of a password. The driver does not quote it, but what a
// server or an application says cannot be known in advance. The zero value redacts nothing.
type Redactor []*regexp.Regexp

// wordLength is the length from which on a password is looked for inside words
// too. Shorter ones would tear holes into words that contain them by chance.
const wordLength = 6

// Password returns a redactor for password, as it is and as connection strings have it, and
// for connString, the one in which or beside which it was given.
func Password(connString, password string) Redactor {
	if password == "" {
		return nil
	}
	_, ofUser, _ := strings.Cut(url.UserPassword("", password).String(), ":")
	forms := []string{password, ofUser, url.QueryEscape(password), Keyword(password)}
	// Longest first: one form inside another one would break it up.
	slices.SortFunc(forms, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	r := Redactor{regexp.MustCompile(regexp.QuoteMeta(connString))}
	for _, form := range slices.Compact(forms) {
		r = append(r, regexp.MustCompile(pattern(form)))
	}
	return r
}

// Keyword writes a value the way it stands between quotes in a connection string of
// keywords.
func Keyword(value string) string { return strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) }

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

// Error reduces an error of the driver to its text in one line. It does not
// wrap err, whose fields contain what is hidden here.
func (r Redactor) Error(err error) error {
	return errors.New(Printable(r.text(oneLine.Replace(err.Error()))))
}

// oneLine joins the lines of the driver, which has one for each address it has tried.
var oneLine = strings.NewReplacer(":\n\t", ": ", "\n\t", "; ")

func (r Redactor) text(s string) string {
	for _, p := range r {
		s = p.ReplaceAllLiteralString(s, "***")
	}
	return s
}

// Text returns the text of err without the password and without the values that the driver
// and the server quote when they refuse an argument.
func (r Redactor) Text(err error) string {
	return r.text(encodedValue.ReplaceAllString(withoutValues(err.Error(), err), "unable to encode *** into $1"))
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

// Also adds what went wrong while cleaning up after err, on the same line.
func Also(err, cleanup error) error {
	if cleanup == nil {
		return err
	}
	return fmt.Errorf("%w; %w", err, cleanup)
}

// Printable drops everything that could move a terminal's cursor or reorder
// its text.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, s)
}
