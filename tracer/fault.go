package tracer

import (
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"
)

// A fault reads what an ErrorResponse says and tells what it means for the statement.
// The simple protocol does not say in which step an error came, so the error alone
// decides, and a statement counts the same whatever its pgx.QueryExecMode.
type fault struct {
	field    byte // that is being read; 0 between two
	length   int  // of its value so far
	value    [24]byte
	severity string
	code     string
	file     string // of the server's source
	position bool   // it points at a place in the statement's text
	within   bool   // it says what the server was doing: within a function, on a row
	argument bool   // that was to read an argument
	line     contextLine
}

// read takes the body of the message, or the next piece of it.
func (f *fault) read(body []byte) {
	for _, c := range body {
		switch {
		case f.field == 0:
			f.field, f.length = c, 0
		case c == 0:
			f.end()
			f.field = 0
		default:
			if f.length < len(f.value) {
				f.value[f.length] = c
			}
			f.length++
			if f.field == 'W' {
				f.argument = f.line.read(c) || f.argument
			}
		}
	}
}

// end takes the value of a field.
func (f *fault) end() {
	value := string(f.value[:min(f.length, len(f.value))])
	switch f.field {
	case 'S', 'V': // the latter, in English, follows since PostgreSQL 9.6
		f.severity = value
	case 'C':
		f.code = value
	case 'F':
		f.file = value
	case 'P':
		f.position = value != "0"
	case 'W':
		f.within, f.argument = f.length > 0, f.line.read('\n') || f.argument
	}
}

// A contextLine finds the line in which the server says that it was reading an argument,
// as in "unnamed portal parameter $1 = '...'". The words depend on its language. A quoted
// statement may have a $1 too.
type contextLine struct {
	quoted bool
	dollar int // how much of "$1 = " has come
}

// read takes the next byte, and reports whether the line is such a one.
func (l *contextLine) read(c byte) bool {
	switch {
	case c == '\n':
		found := l.dollar == 2
		*l = contextLine{}
		return found
	case c == '"':
		l.quoted = true
	case l.quoted:
	case c == '$':
		l.dollar = 1
	case l.dollar > 0 && l.dollar < 3 && '0' <= c && c <= '9':
		l.dollar = 2
	case l.dollar == 2 && c == ' ':
		l.dollar = 3
	case l.dollar == 3 && c == '=':
		return true
	default:
		l.dollar = 0
	}
	return false
}

// meaning is saidFatal if the connection ends, saidRefused if the server has refused the
// statement for what it says or for its arguments, before it executed any of it, else
// saidFailed.
func (f *fault) meaning() signs {
	switch {
	case f.severity == "FATAL", f.severity == "PANIC":
		return saidFatal
	case len(f.code) != 5:
		return saidFailed
	case f.argument:
		return saidRefused
	case f.position:
		switch f.code[:2] {
		case "40", "55", "57": // to wait for the lock of a table is work, in whichever step it comes
			return saidFailed
		}
		return saidRefused
	case f.within:
		return saidFailed
	case f.code == "42601", // several statements where there may be one
		f.code == "42P18",            // an argument of unknown type
		f.code == "08P01",            // too many arguments, or too few
		f.code == "25P02",            // the transaction has failed before
		f.file == "rewriteHandler.c": // a view that takes no such statement
		return saidRefused
	default:
		return saidFailed
	}
}

// faultOf returns what e says. It is as on the wire.
func faultOf(e *pgconn.PgError) *fault {
	severity := e.SeverityUnlocalized
	if severity == "" {
		severity = e.Severity
	}
	f := &fault{}
	for _, field := range []string{
		"V" + severity, "C" + e.Code, "F" + e.File, "P" + strconv.Itoa(int(e.Position)), "W" + e.Where,
	} {
		f.read([]byte(field + "\x00"))
	}
	return f
}
