package wire

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
		want Signs
	}{
		{"at a place", pgconn.PgError{Code: "42703", Position: 8}, Refused},
		{"within a statement of a function", pgconn.PgError{Code: "42703", InternalPosition: 8, Where: "PL/pgSQL function f() line 1"}, Failed},
		{"a deadlock while it is parsed", pgconn.PgError{Code: "40P01", Position: 8}, Failed},
		{"an argument", pgconn.PgError{Code: "22P02", Where: "unnamed portal parameter $1 = '...'"}, Refused},
		{"an argument that is not shown", pgconn.PgError{Code: "22P02", Where: "unnamed portal parameter $12"}, Refused},
		{"an argument of a named portal", pgconn.PgError{Code: "22P02", Where: "JSON data, line 1: {a\nParameter $1 = 'a\nb'"}, Refused},
		{"a quoted statement with an argument", pgconn.PgError{Code: "55P03", Where: "while locking tuple (0,1) in relation \"item\"\nSQL statement \"SELECT 1 WHERE id OPERATOR(=) $1\""}, Failed},
		{"a quoted statement that compares one", pgconn.PgError{Code: "57014", Where: "SQL statement \"SELECT $1 = id\""}, Failed},
		{"a quoted statement in German", pgconn.PgError{Code: "22012", Where: "SQL-Anweisung »UPDATE item SET name = 'a' WHERE $1 = id«"}, Failed},
		{"a quoted statement in French", pgconn.PgError{Code: "22012", Where: "instruction SQL « SELECT 1 WHERE id = $1 »"}, Failed},
		{"an argument in German", pgconn.PgError{Code: "22P02", Where: "unbenanntes Portal Parameter $1 = '...'"}, Refused},
		{"an argument in Japanese", pgconn.PgError{Code: "22P02", Where: "無名ポータルパラメータ $2"}, Refused},
		{"an argument of several lines and quotes", pgconn.PgError{Code: "22P02", Where: "unnamed portal parameter $1 = 'it''s\n''$2: \n'''"}, Refused},
		{"an argument that another server reads", pgconn.PgError{Code: "22P02", Where: "unnamed portal parameter $1 = '...'\nremote SQL command: SELECT id FROM public.item WHERE ((name = $1::text))"}, Failed},
		{"a statement of another server", pgconn.PgError{Code: "23505", Where: "remote SQL command: UPDATE public.item SET name = $2 WHERE ctid = $1"}, Failed},
		{"one with a constant of several lines", pgconn.PgError{Code: "22012", Where: "remote SQL command: SELECT id FROM item WHERE name = 'a\nb' AND id = $1"}, Failed},
		{"a quoted statement of several lines", pgconn.PgError{Code: "22012", Where: "SQL statement \"UPDATE item SET id = 1/0\nWHERE id = $1\nAND name = 'a'\"\nPL/pgSQL function f(integer) line 3 at SQL statement"}, Failed},
		{"one that ends with the argument", pgconn.PgError{Code: "22012", Where: "SQL statement \"DELETE FROM item WHERE id =\n$1\""}, Failed},
		{"a function with such a name", pgconn.PgError{Code: "22012", Where: "PL/pgSQL function f$1(integer) line 1 at RETURN"}, Failed},
		{"all arguments", pgconn.PgError{Code: "23505", Where: "unnamed portal with parameters: $1 = '1'"}, Failed},
		{"all arguments, several", pgconn.PgError{Code: "23505", Where: "unnamed portal with parameters: $1 = '1', $2 = 'a'"}, Failed},
		{"all arguments after a statement", pgconn.PgError{Code: "22012", Where: "SQL function \"f\" statement 1\nunnamed portal with parameters: $1 = 'a\nparameter $2'"}, Failed},
		{"an argument that its domain does not take", pgconn.PgError{Code: "23514", Where: "unnamed portal parameter $1 = '...'"}, Failed},
		{"a place in the name of a type", pgconn.PgError{Code: "42601", Position: 5, File: "scan.l", Where: "invalid type name \"int[[\""}, Failed},
		{"an argument that names a type", pgconn.PgError{Code: "42601", Position: 5, File: "scan.l", Where: "invalid type name \"int[[\"\nunnamed portal parameter $1 = '...'"}, Refused},
		{"a constant that is read while it is parsed", pgconn.PgError{Code: "22P02", Position: 8, File: "jsonfuncs.c", Where: "JSON data, line 1: {a"}, Refused},
		{"a text that is parsed while it is executed", pgconn.PgError{Code: "42601", File: "tsquery.c"}, Failed},
		{"several statements", pgconn.PgError{Code: "42601", File: "postgres.c"}, Refused},
		{"rows that cannot be locked", pgconn.PgError{Code: "0A000", File: "analyze.c"}, Refused},
		{"a column that ANALYZE does not find", pgconn.PgError{Code: "42703", File: "analyze.c"}, Failed},
		{"the lock of a table", pgconn.PgError{Code: "55P03", Position: 15}, Failed},
		{"a price", pgconn.PgError{Code: "22P02", Where: "COPY item, line 1, column price: $ 5"}, Failed},
		{"arguments that do not fit", pgconn.PgError{Code: "08P01", File: "postgres.c"}, Refused},
		{"such a code, raised", pgconn.PgError{Code: "08P01", File: "pl_exec.c", Where: "PL/pgSQL function f() line 1 at RAISE"}, Failed},
		{"the end", pgconn.PgError{Code: "57P01", Severity: "FATAL"}, Fatal},
		{"the end, in another language", pgconn.PgError{Code: "57P01", Severity: "FATALE", SeverityUnlocalized: "FATAL"}, Fatal},
		{"no code", pgconn.PgError{Position: 1}, Failed},
	} {
		if got := SignsOf(&c.err, false, false); got != c.want {
			t.Errorf("%s: meaning %b, want %b", c.name, got, c.want)
		}
	}
}

// The position of an error in the conversation matters more than its text.
func TestMeaningOfErrorsInTheirPlace(t *testing.T) {
	argument := pgproto3.ErrorResponse{Severity: "ERROR", Code: "22P02", Where: "unnamed portal parameter $1"}
	encoding := pgproto3.ErrorResponse{Severity: "ERROR", Code: "22021", File: "mbutils.c"}
	lock := pgproto3.ErrorResponse{Severity: "ERROR", Code: "55P03", File: "postgres.c"}
	body := pgproto3.ErrorResponse{Severity: "ERROR", Code: "42601", Position: 30}
	for _, c := range []struct {
		name  string
		asked byte
		said  string // before the error, by the types of the messages
		fault pgproto3.ErrorResponse
		want  Signs
	}{
		{"parsed", 'P', "", encoding, Refused},
		{"parsed after another", 'P', "12TC", encoding, Refused},
		{"parsed after an empty one", 'P', "12nI", encoding, Refused},
		{"unknown, after another request", 'P', "1tTZ", encoding, Failed},
		{"parsed, and waited", 'P', "", lock, Failed},
		{"planned", 'P', "1", encoding, Failed},
		{"planned, prepared", 'B', "", encoding, Failed},
		{"simple", 'Q', "", encoding, Failed},
		{"simple after another", 'Q', "TC", encoding, Failed},
		{"argument", 'P', "1", argument, Refused},
		{"argument, prepared", 'B', "", argument, Refused},
		{"argument after another", 'B', "2TC", argument, Refused},
		{"words of an argument, executed", 'P', "12T", argument, Failed},
		{"words of an argument, executed, prepared", 'B', "2", argument, Failed},
		{"definition, executed", 'P', "12n", body, Refused},
		{"definition, simple", 'Q', "", body, Refused},
	} {
		var text []byte
		for _, kind := range []byte(c.said) {
			text = append(text, message(kind, 1)...)
		}
		text, err := c.fault.Encode(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{1, len(text)} {
			r := &Reader{Meter: &Meter{}}
			r.Meter.asked.Store(uint32(c.asked))
			var got Signs
			for rest := text; len(rest) > 0; rest = rest[min(size, len(rest)):] {
				_, seen := r.scan(rest[:min(size, len(rest))])
				got |= seen
			}
			if got &^= Begun; got != c.want {
				t.Errorf("%s, %d at once: meaning %b, want %b", c.name, size, got, c.want)
			}
		}
	}
}

// FuzzFault compares pgx's view of an error with what the wire shows.
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
		r := &Reader{Meter: &Meter{}}
		var got Signs
		for len(body) > 0 {
			n := min(int(size)+1, len(body))
			_, seen := r.scan(body[:n])
			got |= seen
			body = body[n:]
		}
		if want := SignsOf(pgconn.ErrorResponseToPgError(&told), false, false); got != want {
			t.Errorf("meaning on the wire %b, want %b", got, want)
		}
	})
}
