package wire

import (
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"
)

// A fault reads an ErrorResponse and decides what it means for the statement. The simple protocol
// does not show the step that failed, so only the error decides. A statement then counts the same
// in every pgx.QueryExecMode.
type fault struct {
	field    byte // the current field; 0 between two
	length   int  // of its value so far
	value    [24]byte
	severity string
	code     string
	file     string // of the server's source
	position bool   // it points into the statement's text
	within   bool   // it has a context, such as a function or a row
	argument bool   // the context is reading an argument
	parsing  bool   // it answers a Parse
	bound    bool   // the arguments were read and the statement was planned
	line     contextLine
}

// read handles the body of the message, or the next piece of it.
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

// end handles the value of a field.
func (f *fault) end() {
	value := string(f.value[:min(f.length, len(f.value))])
	switch f.field {
	case 'S', 'V': // V, untranslated, follows since PostgreSQL 9.6
		f.severity = value
	case 'C':
		f.code = value
	case 'F':
		f.file = value
	case 'P':
		f.position = value != "0"
	case 'W':
		// The last line is about the statement itself, the lines before about what it called.
		f.within, f.argument = f.length > 0, f.line == lineNumber || f.line == lineEnd
	}
}

// A contextLine is a state in matching the context line about reading an argument: "unnamed
// portal parameter $1", or "unnamed portal parameter $1 = 'text'". Its words depend on the
// server's language. Other lines quote a statement, have a colon before it, or do not end with
// the argument.
type contextLine uint8

const (
	lineWords  contextLine = iota // "unnamed portal parameter "
	lineDollar                    // "$"
	lineNumber                    // "1", a possible end
	lineSpace                     // " "
	lineEquals                    // "="
	lineQuote                     // " "
	lineText                      // "'text", possibly on several lines
	lineEnd                       // "'"
	lineOther                     // no match
)

// next handles the next byte.
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

// meaning returns Fatal if the connection ends, Refused if the server refused the statement for
// its text or its arguments before it executed any of it, and otherwise Failed.
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
	case f.argument && f.code[:2] != "23" && f.code[:2] != "P0": // otherwise a domain check failed
		return Refused
	case f.within:
		return Failed
	}
	switch f.file {
	case "postgres.c":
		switch f.code {
		case "42601", // several statements where one is allowed
			"42P18", // an argument of unknown type
			"08P01", // wrong number of arguments
			"25P02": // the transaction has already failed
			return Refused
		}
	case "analyze.c", "plancache.c":
		if f.code == "0A000" { // rows that cannot be locked, a changed plan; ANALYZE has no such code
			return Refused
		}
	case "parse_relation.c", "rewriteHandler.c": // a wrong list of columns, a view that does not support the statement
		return Refused
	}
	return Failed
}

// waited reports whether the error is about waiting, for other transactions or until canceled.
// That is work in any step: parsing a statement locks its tables.
func (f *fault) waited() bool {
	return f.code[:2] == "40" || f.code[:2] == "57" || f.code == "55P03"
}

// inTypeName reports whether the error points into the name of a type. The server parses type
// names like statements, also during execution.
func (f *fault) inTypeName() bool {
	return f.within && (f.file == "scan.l" || f.file == "gram.y")
}

// SignsOf returns the signs of e as on the wire. parsing: it answers a Parse; bound: the
// arguments were read before.
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
