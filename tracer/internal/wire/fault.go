package wire

import (
	"cmp"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// A fault is an ErrorResponse that arrives.
type fault struct {
	body    []byte
	parsing bool // it answers a Parse
	bound   bool // the arguments were read and the statement was planned
}

// read handles the body of the message, or the next piece of it.
func (f *fault) read(body []byte) {
	f.body = append(f.body, body[:min(len(body), MaxBody-len(f.body))]...)
}

// meaning returns SignsOf the message.
func (f *fault) meaning() Signs {
	var m pgproto3.ErrorResponse
	_ = m.Decode(f.body) // at its end a body that is too short has no more fields
	return SignsOf(pgconn.ErrorResponseToPgError(&m), f.parsing, f.bound)
}

// SignsOf decides what an error means for the statement. The simple protocol does not show the
// step that failed, so only the error decides. A statement then counts the same in every
// pgx.QueryExecMode.
//
// It returns Fatal if the connection ends, Refused if the server refused the statement for its
// text or its arguments before it executed any of it, and otherwise Failed. parsing: e answers a
// Parse; bound: the arguments were read before, and the statement was planned.
func SignsOf(e *pgconn.PgError, parsing, bound bool) Signs {
	severity := cmp.Or(e.SeverityUnlocalized, e.Severity) // the former exists since PostgreSQL 9.6
	within := e.Where != ""                               // it has a context, such as a function or a row
	switch {
	case severity == "FATAL", severity == "PANIC":
		return Fatal
	case len(e.Code) != 5, waited(e.Code):
		return Failed
	// The server parses type names like statements, also during execution.
	case parsing, e.Position != 0 && (!within || e.File != "scan.l" && e.File != "gram.y"):
		return Refused
	case bound: // whatever the words
		return Failed
	case readsArgument(e.Where) && e.Code[:2] != "23" && e.Code[:2] != "P0": // otherwise a domain check failed
		return Refused
	case within:
		return Failed
	}
	switch e.File {
	case "postgres.c":
		switch e.Code {
		case "42601", // several statements where one is allowed
			"42P18", // an argument of unknown type
			"08P01", // wrong number of arguments
			"25P02": // the transaction has already failed
			return Refused
		}
	case "analyze.c", "plancache.c":
		if e.Code == "0A000" { // rows that cannot be locked, a changed plan; ANALYZE has no such code
			return Refused
		}
	case "parse_relation.c", "rewriteHandler.c": // a wrong list of columns, a view that does not support the statement
		return Refused
	}
	return Failed
}

// waited reports whether the error is about waiting, for other transactions or until canceled.
// That is work in any step: parsing a statement locks its tables.
func waited(code string) bool { return code[:2] == "40" || code[:2] == "57" || code == "55P03" }

// argument matches the beginning of the context line about reading an argument: "unnamed portal
// parameter $1", or "unnamed portal parameter $1 = 'text'", possibly on several lines. Its words
// depend on the server's language. Other lines quote a statement, have a colon before it, or do not
// end with the argument.
var argument = regexp.MustCompile(`^[^$:"'\n]*\$[0-9]+`)

// readsArgument reports whether the last line of a context is about reading an argument. It is
// about the statement itself, the lines before are about what it called.
func readsArgument(where string) bool {
	for where != "" {
		line := argument.FindString(where)
		rest := where[len(line):]
		for text, open := strings.CutPrefix(rest, " = '"); open && line != ""; text, open = strings.CutPrefix(rest, "'") {
			var closed bool
			if _, rest, closed = strings.Cut(text, "'"); !closed {
				return false
			}
		}
		if rest == "" && line != "" {
			return true
		}
		_, where, _ = strings.Cut(rest, "\n")
	}
	return false
}
