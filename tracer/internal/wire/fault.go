package wire

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
	parsing  bool   // it is the answer to a Parse
	bound    bool   // it comes after the arguments were read and the statement was planned
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
				f.line = f.line.next(c)
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
		// The last line tells what the statement itself was at, those before it what that led to.
		f.within, f.argument = f.length > 0, f.line == lineNumber || f.line == lineEnd
	}
}

// A contextLine is how far a line of the context has come to be the one in which the
// server says that it was reading an argument: "unnamed portal parameter $1", or
// "unnamed portal parameter $1 = 'text'". The words depend on the server's language. Other
// lines quote a statement, have a colon before it, or do not end with the argument.
type contextLine uint8

const (
	lineWords  contextLine = iota // "unnamed portal parameter "
	lineDollar                    // "$"
	lineNumber                    // "1", which may be the end
	lineSpace                     // " "
	lineEquals                    // "="
	lineQuote                     // " "
	lineText                      // "'text", of any number of lines
	lineEnd                       // "'"
	lineOther                     // it is none
)

// next takes the next byte.
func (l contextLine) next(c byte) contextLine {
	switch {
	case l == lineText && c != '\'':
		return lineText
	case l == lineText:
		return lineEnd
	case c == '\n':
		return lineWords
	case l == lineWords && c == '$':
		return lineDollar
	case l == lineWords && c != ':' && c != '"' && c != '\'':
		return lineWords
	case (l == lineDollar || l == lineNumber) && '0' <= c && c <= '9':
		return lineNumber
	case l == lineNumber && c == ' ', l == lineSpace && c == '=', l == lineEquals && c == ' ':
		return l + 1
	case (l == lineQuote || l == lineEnd) && c == '\'': // a quote in the text is doubled
		return lineText
	default:
		return lineOther
	}
}

// meaning is Fatal if the connection ends, Refused if the server has refused the
// statement for what it says or for its arguments, before it executed any of it, else
// Failed.
func (f *fault) meaning() Signs {
	switch {
	case f.severity == "FATAL", f.severity == "PANIC":
		return Fatal
	case len(f.code) != 5, f.waited():
		return Failed
	case f.parsing, f.position && !f.inTypeName():
		return Refused
	case f.bound: // whatever the words
		return Failed
	case f.argument && f.code[:2] != "23" && f.code[:2] != "P0": // else its domain was at work
		return Refused
	case f.within:
		return Failed
	}
	switch f.file {
	case "postgres.c":
		switch f.code {
		case "42601", // several statements where there may be one
			"42P18", // an argument of unknown type
			"08P01", // too many arguments, or too few
			"25P02": // the transaction has failed before
			return Refused
		}
	case "analyze.c", "plancache.c":
		if f.code == "0A000" { // rows that cannot be locked, a plan that has become another; ANALYZE has no such code
			return Refused
		}
	case "parse_relation.c", "rewriteHandler.c": // a wrong list of columns, a view that takes no such statement
		return Refused
	}
	return Failed
}

// waited reports whether it is about what the server had to wait for: other transactions,
// or whoever cancels. That is work, in whichever step it comes: to parse a statement takes
// the locks of its tables.
func (f *fault) waited() bool {
	return f.code[:2] == "40" || f.code[:2] == "57" || f.code == "55P03"
}

// inTypeName reports whether it points at a place in the name of a type, which the server
// parses as it does a statement, also while it executes one.
func (f *fault) inTypeName() bool {
	return f.within && (f.file == "scan.l" || f.file == "gram.y")
}

// SignsOf returns what e says, as it does on the wire; parsing: it is the answer to a Parse;
// bound: it comes after the arguments were read.
func SignsOf(e *pgconn.PgError, parsing, bound bool) Signs {
	severity := e.SeverityUnlocalized
	if severity == "" {
		severity = e.Severity
	}
	f := &fault{parsing: parsing, bound: bound}
	for _, field := range []string{
		"V" + severity, "C" + e.Code, "F" + e.File, "P" + strconv.Itoa(int(e.Position)), "W" + e.Where,
	} {
		f.read([]byte(field + "\x00"))
	}
	return f.meaning()
}
