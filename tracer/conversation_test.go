package tracer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Messages of clients other than pgx. Each list is sent at once, after the answers to the
// previous one.
func TestConversations(t *testing.T) {
	type messages = []pgproto3.FrontendMessage
	var (
		sync, flush = &pgproto3.Sync{}, &pgproto3.Flush{}
		ignored     = &ignoredSync{}
		data, done  = &pgproto3.CopyData{Data: []byte("1\ta\n")}, &pgproto3.CopyDone{}
	)
	parse := func(name, sql string) *pgproto3.Parse { return &pgproto3.Parse{Name: name, Query: sql} }
	bind := func(name string, args ...string) *pgproto3.Bind {
		b := &pgproto3.Bind{PreparedStatement: name}
		for _, arg := range args {
			b.Parameters = append(b.Parameters, []byte(arg))
		}
		return b
	}
	execute := func(rows uint32) *pgproto3.Execute { return &pgproto3.Execute{MaxRows: rows} }
	query := func(sql string) *pgproto3.Query { return &pgproto3.Query{String: sql} }
	at := func(sql string) messages { return messages{parse("", sql), bind(""), execute(0)} }
	join := slices.Concat[messages]
	pool := pgtest.Pool(t, schema+"; CREATE TABLE later (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
	const series = "SELECT generate_series(1, 5)"
	for _, c := range []struct {
		name   string
		sent   []messages
		counts string
		names  string // of statements, where they matter
	}{
		{"in one request", []messages{join(at("SELECT 1"), messages{sync})}, "sql=1 sql_unique=1 round_trips=1", "SELECT ?"},
		{"prepared", []messages{{parse("s", "SELECT $1::int"), sync}, {bind("s", "1"), execute(0), sync}, {bind("s", "1"), execute(0), sync}},
			"sql=2 sql_unique=1 round_trips=3 prepare=1", "SELECT ?::int"},
		{"prepared, without waiting for the answer", []messages{{parse("s", "SELECT $1::int"), sync, bind("s", "1"), execute(0), sync, bind("s", "2"), execute(0), sync}},
			"sql=2 sql_unique=2 round_trips=3 prepare=1", "SELECT ?::int"},
		{"described by one request, executed by another", []messages{{parse("", "SELECT $1::int"), &pgproto3.Describe{ObjectType: 'S'}, sync}, {bind("", "1"), execute(0), sync}},
			"sql=1 sql_unique=1 round_trips=2 prepare=1", "SELECT ?::int"},
		{"in pieces", []messages{{parse("", "SELECT 1"), flush}, {bind(""), &pgproto3.Describe{ObjectType: 'P'}, flush}, {execute(0), sync}},
			"sql=1 sql_unique=1 round_trips=1", ""},
		{"prepared under a new name, another one under the old", []messages{
			{parse("a", "SELECT 1"), sync}, {&pgproto3.Close{ObjectType: 'S', Name: "a"}, sync}, {parse("a", "SELECT 2 + 2"), sync}, {bind("a"), execute(0), sync},
		}, "sql=1 sql_unique=1 round_trips=3 prepare=2", "SELECT ? + ?"},
		{"a name that is taken", []messages{{parse("a", "SELECT 1"), sync}, {parse("a", "SELECT 2 + 2"), sync}, {bind("a"), execute(0), sync}},
			"sql=1 sql_unique=1 round_trips=3 prepare=2", "SELECT ?"},
		{"two of several prepared, one refused", []messages{{parse("a", "SELECT 1"), parse("b", "SELEC"), parse("c", "SELECT 3"), sync}},
			"round_trips=1 prepare=2", ""},
		{"executed after another was refused", []messages{{parse("a", "SELECT 1"), parse("b", "SELEC"), bind("a"), execute(0), sync}},
			"round_trips=1 prepare=1", ""},
		{"refused in pieces", []messages{{parse("", "SELEC"), flush}, {bind(""), execute(0), sync}}, "round_trips=1", ""},
		{"failed in pieces", []messages{{parse("", "SELECT 1/0"), bind(""), flush}, {execute(0), sync}}, "sql=1 sql_unique=1 round_trips=1", ""},
		{"a pipeline", []messages{join(at("SELECT 1"), at("SELECT 2"), at("BEGIN"), messages{sync}), {query("COMMIT")}},
			"sql=2 sql_unique=2 round_trips=2 tx=2", ""},
		{"a pipeline that fails", []messages{join(at("SELECT 1"), at("SELECT 1/0"), at("SELECT 2"), messages{sync}, at("SELECT 3"), messages{sync})},
			"sql=3 sql_unique=3 round_trips=2", ""},
		{"a pipeline that is refused", []messages{join(at("SELECT 1"), at("SELECT nothing"), at("SELECT 2"), messages{sync, query("SELECT 3")})},
			"sql=2 sql_unique=2 round_trips=2", ""},
		{"several in a string", []messages{{query("SELECT 1; BEGIN; SELECT 2; COMMIT")}}, "sql=2 sql_unique=2 round_trips=1 tx=2", ""},
		{"queries without waiting", []messages{{query("SELECT 1"), query("SELECT 1/0"), query("SELECT 2")}}, "sql=3 sql_unique=3 round_trips=3", ""},
		{"a query within a request", []messages{{parse("", "SELECT 1"), query("SELECT 2")}}, "sql=1 sql_unique=1 round_trips=1 prepare=1", ""},
		{"in parts", []messages{{query("BEGIN")}, {parse("", series), bind(""), execute(2), flush}, {execute(2), sync}, {execute(2), sync}, {query("COMMIT")}},
			"sql=1 sql_unique=1 round_trips=4 tx=2", ""},
		{"in parts, not all of them", []messages{{parse("", series), bind(""), execute(2), sync}, {query("SELECT 1")}},
			"sql=2 sql_unique=2 round_trips=2", ""},
		{"one row of each is enough", []messages{join(
			messages{parse("", series), bind(""), execute(1)}, messages{bind(""), execute(1)}, messages{sync})}, "sql=2 sql_unique=1 round_trips=1", ""},
		{"a copy", []messages{{query("COPY item FROM STDIN"), data, done}}, "sql=1 sql_unique=1 round_trips=1", ""},
		{"a copy that fails", []messages{{query("COPY item FROM STDIN"), data, data, done}, {query("SELECT 1")}}, "sql=2 sql_unique=2 round_trips=2", ""},
		{"a copy that the client breaks off", []messages{{query("COPY item FROM STDIN"), &pgproto3.CopyFail{Message: "x"}}}, "sql=1 sql_unique=1 round_trips=1", ""},
		{"a copy in a request", []messages{join(at("COPY item FROM STDIN"), messages{ignored, data, done, sync}), {query("SELECT 1")}},
			"sql=2 sql_unique=2 round_trips=2", ""},
		{"a copy in a request, in pieces", []messages{join(at("COPY item FROM STDIN"), messages{flush}), {ignored, data, done, sync}, {query("SELECT 1")}},
			"sql=2 sql_unique=2 round_trips=2", ""},
		{"a copy in a request, that fails", []messages{join(at("COPY item FROM STDIN"), messages{ignored, data, data, done, sync}), {query("SELECT 1")}},
			"sql=2 sql_unique=2 round_trips=2", ""},
		{"copied out", []messages{join(at("COPY (SELECT 1) TO STDOUT"), messages{sync})}, "sql=1 sql_unique=1 round_trips=1", ""},
		{"a function", []messages{{&pgproto3.FunctionCall{Function: 2026}}}, "sql=1 sql_unique=1 round_trips=1", ""}, // pg_backend_pid
		{"a function that fails", []messages{{&pgproto3.FunctionCall{Function: 1}}}, "sql=1 sql_unique=1 round_trips=1", ""},
		{"nothing", []messages{{query("")}, {query(" ; -- x")}, join(at(""), messages{sync}), {sync}}, "", ""},
		{"a constraint at the end", []messages{join(at("INSERT INTO later VALUES (1), (1)"), messages{sync})}, "sql=1 sql_unique=1 round_trips=1", ""},
		{"a cursor as a portal", []messages{{query("BEGIN; DECLARE c CURSOR FOR SELECT 1")}, {&pgproto3.Execute{Portal: "c"}, sync}, {query("COMMIT")}},
			"sql=2 sql_unique=2 round_trips=3 tx=2", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			run(t, t.Context(), pool, "TRUNCATE item")
			var r tracer.Recorder
			conn, err := pgconn.ConnectConfig(t.Context(), &proxied(t, &r, pool.Config()).ConnConfig.Config)
			must(t, err)
			client, err := conn.Hijack()
			must(t, err)
			defer client.Conn.Close()
			recording := recordOpen(t, &r, func(context.Context) {
				for _, list := range c.sent {
					converse(t, client.Frontend, list)
				}
			})
			counts := withPrepares(recording)
			if got := describeCounts(counts); got != c.counts {
				t.Errorf("counts\n got %s\nwant %s; events %s", got, c.counts, describeEvents(recording))
			}
			for name := range counts.Statements {
				if c.names != "" && name != c.names {
					t.Errorf("statement %q, want %q", name, c.names)
				}
			}
			if strings.Contains(describeEvents(recording), "unfinished") {
				t.Errorf("unfinished: %s", describeEvents(recording))
			}
			balanced(t, &r)
		})
	}
}

// An ignoredSync is a Sync within a copy, which the server does not answer.
type ignoredSync struct{ pgproto3.Sync }

// converse sends messages and reads their answers.
func converse(t *testing.T, client *pgproto3.Frontend, list []pgproto3.FrontendMessage) {
	t.Helper()
	waits, answers := 0, 0
	for _, m := range list {
		client.Send(m)
		switch m.(type) {
		case *pgproto3.Sync, *pgproto3.Query, *pgproto3.FunctionCall:
			waits++
		case *pgproto3.Parse, *pgproto3.Bind, *pgproto3.Describe, *pgproto3.Execute:
			answers++
		}
	}
	must(t, client.Flush())
	for pieces := waits == 0; waits > 0 || pieces && answers > 0; {
		m, err := client.Receive()
		must(t, err)
		switch m.(type) {
		case *pgproto3.ReadyForQuery:
			waits--
		case *pgproto3.ParseComplete, *pgproto3.BindComplete, *pgproto3.NoData, *pgproto3.RowDescription,
			*pgproto3.CommandComplete, *pgproto3.PortalSuspended, *pgproto3.CopyInResponse:
			answers--
		case *pgproto3.ErrorResponse:
			answers = 0
		}
	}
}

// Work belongs to the open scope only if there is exactly one.
func TestScopeOfProxiedWork(t *testing.T) {
	var r tracer.Recorder
	conn := connect(t, proxied(t, &r, pgtest.Pool(t, schema).Config()).ConnConfig)
	for range 2 {
		run(t, t.Context(), conn, "SELECT 'before'")
	}
	if got := recordOpen(t, &r, func(ctx context.Context) { run(t, ctx, conn, "SELECT 1") }).Counts(); got.SQL != 1 {
		t.Errorf("%d statements, want 1", got.SQL)
	}
	run(t, t.Context(), conn, "SELECT 'after' || 'wards'")
	if got, want := fmt.Sprint(r.Unattributed()), "[SELECT ? ×2 SELECT ? || ? ×1 (after its scope had ended)]"; got != want {
		t.Errorf("unattributed %s, want %s", got, want)
	}
	before := beside.Balance(&r)
	_, other := tracer.Start(t.Context(), "other")
	closed := beside.Open(&r, other)
	recording := recordOpen(t, &r, func(ctx context.Context) { run(t, ctx, conn, "SELECT 2") })
	closed()
	if n := recording.Counts().SQL + other.End().Counts().SQL; n != 0 {
		t.Errorf("%d statements in two scopes that were open, want none", n)
	}
	if err := beside.ErrSince(beside.Balance(&r), before); err == nil || !strings.Contains(err.Error(), "while several tests were measured") {
		t.Errorf("with two scopes: %v", err)
	}
	if got := len(r.Unattributed()); got != 2 {
		t.Errorf("%d unattributed, want 2", got)
	}
}

// The memory for a connection is bounded by the server's own.
func TestForgottenStatements(t *testing.T) {
	const many, text = 100, 100_000
	var r tracer.Recorder
	conn := connect(t, proxied(t, &r, pgtest.Pool(t, schema).Config()).ConnConfig)
	filler := "SELECT '" + strings.Repeat("x", text) + "'"
	grown := kept(func() {
		for way, forget := range []string{"DEALLOCATE ALL -- %s", "DISCARD ALL -- %s", "DEALLOCATE %s", `DEALLOCATE PREPARE "%s";`, ""} {
			for i := range many {
				name := fmt.Sprintf("s%d_%d", way, i)
				_, err := conn.PgConn().Prepare(t.Context(), name, filler, nil)
				must(t, err)
				if forget == "" {
					must(t, conn.PgConn().Deallocate(t.Context(), name))
				} else {
					_, err = conn.PgConn().Exec(t.Context(), fmt.Sprintf(forget, name)).ReadAll()
					must(t, err)
				}
			}
		}
	})
	if grown > 2<<20 {
		t.Errorf("%d bytes are kept of statements that are no more", grown)
	}
}

// Any traffic in any pieces causes neither a panic nor more memory than was sent.
func FuzzConversation(f *testing.F) {
	seed := func(list ...interface{ Encode([]byte) ([]byte, error) }) []byte {
		var b []byte
		for _, m := range list {
			b, _ = m.Encode(b)
		}
		return b
	}
	f.Add(seed(&pgproto3.Parse{Query: "SELECT 1"}, &pgproto3.Bind{Parameters: [][]byte{nil, {1}}}, &pgproto3.Execute{MaxRows: 1}, &pgproto3.Sync{}),
		seed(&pgproto3.ReadyForQuery{TxStatus: 'I'}, &pgproto3.ParseComplete{}, &pgproto3.BindComplete{}, &pgproto3.PortalSuspended{}, &pgproto3.ReadyForQuery{TxStatus: 'I'}), uint8(7))
	f.Add(seed(&pgproto3.Query{String: "DEALLOCATE a; COPY a FROM STDIN"}, &pgproto3.CopyData{}, &pgproto3.CopyDone{}, &pgproto3.FunctionCall{}),
		seed(&pgproto3.ReadyForQuery{TxStatus: 'I'}, &pgproto3.CommandComplete{CommandTag: []byte("DEALLOCATE")}, &pgproto3.CopyInResponse{}, &pgproto3.ErrorResponse{Code: "57P01", Severity: "FATAL"}), uint8(3))
	f.Add([]byte("Q\xff\xff\xff\xffSELECT"), []byte("D\x00\x00\x00\x00"), uint8(1))
	f.Fuzz(func(t *testing.T, client, server []byte, size uint8) {
		var r tracer.Recorder
		said := beside.Follow(&r, &pgx.ConnConfig{}, &pgx.ConnConfig{})
		_, scope := tracer.Start(t.Context(), "fuzz")
		closed := beside.Open(&r, scope)
		for n := int(size) + 1; len(client) > 0 || len(server) > 0; {
			a, b := min(n, len(client)), min(n, len(server))
			if err := errors.Join(said.Client(client[:a]), said.Server(server[:b])); err != nil {
				break
			}
			client, server = client[a:], server[b:]
		}
		said.Close()
		scope.End()
		closed()
		_ = r.Balance()
		_ = r.Unattributed()
	})
}
