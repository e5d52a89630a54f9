package tracer_test

import (
	"context"
	"net"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// scripted returns a config whose connections answer the first request with answer, and end.
func scripted(t *testing.T, answer ...pgproto3.BackendMessage) *pgx.ConnConfig {
	t.Helper()
	config, err := pgx.ParseConfig("host=scripted user=nobody sslmode=disable")
	must(t, err)
	config.LookupFunc = func(context.Context, string) ([]string, error) { return []string{"127.0.0.1"}, nil }
	config.DialFunc = func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer server.Close()
			backend := pgproto3.NewBackend(server, server)
			if _, err := backend.ReceiveStartupMessage(); err != nil {
				return
			}
			backend.Send(&pgproto3.AuthenticationOk{})
			backend.Send(&pgproto3.ParameterStatus{Name: "standard_conforming_strings", Value: "on"})
			backend.Send(&pgproto3.ParameterStatus{Name: "client_encoding", Value: "UTF8"})
			backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
			if backend.Flush() != nil {
				return
			}
			for asked := false; !asked; {
				message, err := backend.Receive()
				if err != nil {
					return
				}
				switch message.(type) {
				case *pgproto3.Sync, *pgproto3.Query:
					asked = true
				}
			}
			for _, message := range answer {
				backend.Send(message)
			}
			_ = backend.Flush()
		}()
		return client, nil
	}
	return config
}

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
			config := scripted(t, c.answer...)
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
