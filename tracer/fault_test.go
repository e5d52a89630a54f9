package tracer

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

func TestMeaningOfErrors(t *testing.T) {
	for _, c := range []struct {
		name string
		err  pgconn.PgError
		want signs
	}{
		{"at a place", pgconn.PgError{Code: "42703", Position: 8}, saidRefused},
		{"within a statement of a function", pgconn.PgError{Code: "42703", InternalPosition: 8, Where: "PL/pgSQL function f() line 1"}, saidFailed},
		{"a deadlock while it is parsed", pgconn.PgError{Code: "40P01", Position: 8}, saidFailed},
		{"an argument", pgconn.PgError{Code: "22P02", Where: "unnamed portal parameter $1 = '...'"}, saidRefused},
		{"an argument that is not shown", pgconn.PgError{Code: "22P02", Where: "unnamed portal parameter $12"}, saidRefused},
		{"an argument of a named portal", pgconn.PgError{Code: "22P02", Where: "JSON data, line 1: {a\nParameter $1 = 'a\nb'"}, saidRefused},
		{"a quoted statement with an argument", pgconn.PgError{Code: "55P03", Where: "while locking tuple (0,1) in relation \"item\"\nSQL statement \"SELECT 1 WHERE id OPERATOR(=) $1\""}, saidFailed},
		{"a quoted statement that compares one", pgconn.PgError{Code: "57014", Where: "SQL statement \"SELECT $1 = id\""}, saidFailed},
		{"a price", pgconn.PgError{Code: "22P02", Where: "COPY item, line 1, column price: $ 5"}, saidFailed},
		{"arguments that do not fit", pgconn.PgError{Code: "08P01"}, saidRefused},
		{"such a code, raised", pgconn.PgError{Code: "08P01", Where: "PL/pgSQL function f() line 1 at RAISE"}, saidFailed},
		{"the end", pgconn.PgError{Code: "57P01", Severity: "FATAL"}, saidFatal},
		{"the end, in another language", pgconn.PgError{Code: "57P01", Severity: "FATALE", SeverityUnlocalized: "FATAL"}, saidFatal},
		{"no code", pgconn.PgError{Position: 1}, saidFailed},
	} {
		if got := faultOf(&c.err).meaning(); got != c.want {
			t.Errorf("%s: meaning %b, want %b", c.name, got, c.want)
		}
	}
}

// FuzzFault holds what pgx makes of an error against what is read along on the wire.
func FuzzFault(f *testing.F) {
	f.Add("ERROR", "42703", "parse_relation.c", "", int32(8), uint8(3))
	f.Add("ERROR", "22P02", "numutils.c", "unnamed portal parameter $1 = '...'", int32(0), uint8(1))
	f.Add("FATAL", "57P01", "postgres.c", "SQL statement \"SELECT $1\"", int32(0), uint8(200))
	f.Fuzz(func(t *testing.T, severity, code, file, where string, position int32, size uint8) {
		if strings.ContainsRune(severity+code+file+where, 0) {
			return // a zero ends a text
		}
		message := pgproto3.ErrorResponse{
			Severity: "x", SeverityUnlocalized: severity, Code: code, Message: "m", File: file, Where: where, Position: position,
		}
		body, err := message.Encode(nil)
		if err != nil {
			t.Fatal(err)
		}
		var told pgproto3.ErrorResponse
		if err := told.Decode(body[headerSize:]); err != nil {
			t.Fatal(err)
		}
		r := &meteredReader{meter: &meter{}}
		var got signs
		for len(body) > 0 {
			n := min(int(size)+1, len(body))
			_, seen := r.scan(body[:n])
			got |= seen
			body = body[n:]
		}
		if want := faultOf(pgconn.ErrorResponseToPgError(&told)).meaning(); got != want {
			t.Errorf("meaning on the wire %b, want %b", got, want)
		}
	})
}
