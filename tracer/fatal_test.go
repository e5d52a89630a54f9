package tracer_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// An error that ends the connection may have been sent before the statement arrived. The messages
// before it decide.
func TestFatal(t *testing.T) {
	fatal := &pgproto3.ErrorResponse{Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: "57P01", Message: "terminating connection"}
	shutdown := &pgproto3.ErrorResponse{Severity: "PANIC", SeverityUnlocalized: "PANIC", Code: "XX000", Message: "terminating connection"}
	old := &pgproto3.ErrorResponse{Severity: "FATAL", Code: "57P01", Message: "terminating connection"} // of a server before 9.6
	rows := &pgproto3.RowDescription{Fields: []pgproto3.FieldDescription{{Name: []byte("a"), DataTypeOID: 23, DataTypeSize: 4}}}
	all, direct := modes, []pgx.QueryExecMode{pgx.QueryExecModeExec}
	simple := []pgx.QueryExecMode{pgx.QueryExecModeSimpleProtocol}
	for _, c := range []struct {
		name   string
		modes  []pgx.QueryExecMode
		answer []pgproto3.BackendMessage
		want   string
	}{
		{"at once", all, []pgproto3.BackendMessage{fatal}, ""},
		{"panic", all, []pgproto3.BackendMessage{shutdown}, ""},
		{"old server", all, []pgproto3.BackendMessage{old}, ""},
		{"after a notice", all, []pgproto3.BackendMessage{&pgproto3.NoticeResponse{Severity: "WARNING"}, &pgproto3.ParameterStatus{Name: "a", Value: "b"}, fatal}, ""},
		{"bound", direct, []pgproto3.BackendMessage{&pgproto3.ParseComplete{}, &pgproto3.BindComplete{}, fatal}, "sql=1 sql_unique=1 round_trips=1"},
		{"described", direct, []pgproto3.BackendMessage{&pgproto3.ParseComplete{}, &pgproto3.BindComplete{}, rows, fatal}, "sql=1 sql_unique=1 round_trips=1"},
		{"first row, simple", simple, []pgproto3.BackendMessage{rows, &pgproto3.DataRow{Values: [][]byte{[]byte("1")}}, fatal}, "sql=1 sql_unique=1 round_trips=1"},
		{"completed, simple", simple, []pgproto3.BackendMessage{&pgproto3.CommandComplete{CommandTag: []byte("SELECT 0")}, fatal}, "sql=1 sql_unique=1 round_trips=1"},
		{"after a failure", simple, []pgproto3.BackendMessage{&pgproto3.ErrorResponse{Severity: "ERROR", SeverityUnlocalized: "ERROR", Code: "22012"}, fatal}, "sql=1 sql_unique=1 round_trips=1"},
		{"after a refusal", simple, []pgproto3.BackendMessage{&pgproto3.ErrorResponse{Severity: "ERROR", SeverityUnlocalized: "ERROR", Code: "42601", Position: 1}, fatal}, "round_trips=1"},
	} {
		for _, mode := range c.modes {
			r := &tracer.Recorder{}
			config := tracer.Scripted(t, c.answer...)
			config.DefaultQueryExecMode = mode
			r.Attach(config)
			conn := connect(t, config)
			recording := record(t, func(ctx context.Context) {
				_, err := conn.Exec(ctx, "DELETE FROM item WHERE id = $1", 1)
				mustFail(t, err)
			})
			if got := describeCounts(withPrepares(recording)); got != c.want {
				t.Errorf("%s, %s: counts %q, want %q; events %s", c.name, mode, got, c.want, describeEvents(recording))
			}
			balanced(t, r, c.name, mode)
		}
	}
}
