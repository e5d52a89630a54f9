// Package redact prepares errors of the PostgreSQL driver and server for display to the user
// of the command: in one line, without passwords.
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

// A Redactor removes a password from texts. The driver does not quote the password, but a
// server or an application may. The zero value removes nothing.
type Redactor []*regexp.Regexp

// wordLength is the minimum length of a password that is also redacted inside words.
// Shorter ones occur there by chance.
const wordLength = 6

// Password returns a redactor for password in plain form and as written in connection
// strings, and for connString itself.
func Password(connString, password string) Redactor {
	if password == "" {
		return nil
	}
	_, ofUser, _ := strings.Cut(url.UserPassword("", password).String(), ":")
	forms := []string{password, ofUser, url.QueryEscape(password), Keyword(password)}
	// Longest first, because a form may contain a shorter one.
	slices.SortFunc(forms, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	r := Redactor{regexp.MustCompile(regexp.QuoteMeta(connString))}
	for _, form := range slices.Compact(forms) {
		r = append(r, regexp.MustCompile(pattern(form)))
	}
	return r
}

// Keyword escapes a value for single quotes in a key=value connection string.
func Keyword(value string) string { return strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) }

// pattern matches secret. A short secret matches only whole words.
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

// isWord reports whether \b treats b as part of a word.
func isWord(b byte) bool {
	return b == '_' || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

// Error returns a new error with the redacted text of err in one line. It does not wrap
// err, whose fields hold the secrets.
func (r Redactor) Error(err error) error {
	return errors.New(Printable(r.text(oneLine.Replace(err.Error()))))
}

// oneLine joins the lines of a driver error, one for each address.
var oneLine = strings.NewReplacer(":\n\t", ": ", "\n\t", "; ")

func (r Redactor) text(s string) string {
	for _, p := range r {
		s = p.ReplaceAllLiteralString(s, "***")
	}
	return s
}

// Text returns the text of err without the password and without the argument values that
// the driver and the server quote in their errors.
func (r Redactor) Text(err error) string {
	return r.text(encodedValue.ReplaceAllString(withoutValues(err.Error(), err), "unable to encode *** into $1"))
}

// withoutValues removes the values quoted by each server error that err wraps from text.
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
	// The driver quotes an argument it cannot encode, and often adds the reason.
	encodedValue = regexp.MustCompile(`(?s)unable to encode .* into (\w+ format for \S+ \(OID \d+\)).*`)
	// The server quotes an argument it cannot use: invalid input syntax for type integer:
	// "12a", value "99999999999" is out of range for type integer.
	refusedValue = regexp.MustCompile(`(?s)(: |value )".*"`)
)

// Also adds an error of the cleanup after err, on the same line.
func Also(err, cleanup error) error {
	if cleanup == nil {
		return err
	}
	return fmt.Errorf("%w; %w", err, cleanup)
}

// Printable drops control characters, which could move a terminal's cursor or reorder text.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, s)
}
