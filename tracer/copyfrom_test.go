package tracer_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

func copyItems(ctx context.Context, db database, table string, rows ...[]any) error {
	_, err := db.CopyFrom(ctx, pgx.Identifier{table}, []string{"id", "name"}, pgx.CopyFromRows(rows))
	return err
}

func TestCopyFrom(t *testing.T) {
	const pool = "acquires=1 max_held=1"
	runServerCases(t, []serverCase{
		{
			name: "any number of rows", run: does(doCopy("item", []any{1, "a"}, []any{2, "b"})),
			counts: "sql=1 sql_unique=1 round_trips=2 prepare=1", pool: pool,
			events: "copy done, prepare done",
		},
		{
			name: "two copies are never the same work", run: does(doCopy("item"), doCopy("item")),
			counts: "sql=2 sql_unique=2 round_trips=3 prepare=1", pool: "acquires=2 max_held=1",
			events: "copy done, prepare done, copy done",
		},
		{
			name: "unknown table", run: fails(doCopy("missing", []any{1, "a"})),
			counts: "round_trips=1 prepare=1", pool: pool,
			events: "copy not sent, prepare failed",
		},
		{
			name: "constraint violation", run: fails(doCopy("item", []any{1, "a"}, []any{1, "b"})),
			counts: "sql=1 sql_unique=1 round_trips=2 prepare=1", pool: pool,
			events: "copy failed, prepare done",
		},
		{
			name: "value that cannot be encoded", run: fails(doCopy("item", []any{struct{}{}, "a"})),
			counts: "sql=1 sql_unique=1 round_trips=2 prepare=1", pool: pool,
			events: "copy failed, prepare done", // the server aborts a copy it has begun
		},
		{
			name: "context canceled before", run: canceled(fails(doCopy("item", []any{1, "a"}))),
			events: "copy not sent, prepare not sent",
		},
	})
}

// The connection is busy while a CopyFrom asks for its rows. The copy continues and counts.
func TestRowsOfCopyFromUseItsConnection(t *testing.T) {
	setup := pgtest.Pool(t, schema)
	for what, use := range map[string]func(ctx context.Context, conn *pgx.Conn) error{
		"exec":    func(ctx context.Context, conn *pgx.Conn) error { return execute(ctx, conn, "SELECT $1::int", 1) },
		"simple":  func(ctx context.Context, conn *pgx.Conn) error { return execute(ctx, conn, "SELECT 1") },
		"batch":   func(ctx context.Context, conn *pgx.Conn) error { return conn.SendBatch(ctx, quotients(10)).Close() },
		"copy":    func(ctx context.Context, conn *pgx.Conn) error { return copyItems(ctx, conn, "item") },
		"unknown": func(ctx context.Context, conn *pgx.Conn) error { return copyItems(ctx, conn, "missing") },
		"prepare": func(ctx context.Context, conn *pgx.Conn) error {
			_, err := conn.Prepare(ctx, "", "SELECT 2")
			return err
		},
	} {
		for _, around := range []string{"scope", "counter", "none"} {
			for _, within := range []string{"scope", "counter", "none", "canceled"} {
				run(t, t.Context(), setup, "TRUNCATE item")
				r := &tracer.Recorder{}
				config := setup.Config().ConnConfig
				r.Attach(config)
				conn := connect(t, config)
				inScope, scope := tracer.Start(t.Context(), "copy")
				counted, counter := tracer.Count(t.Context())
				canceled, cancel := context.WithCancel(counted)
				cancel()
				contexts := map[string]context.Context{"scope": inScope, "counter": counted, "none": t.Context(), "canceled": canceled}
				const copies = 2 // pgx describes the table for the first one only
				for copied := range copies {
					_, err := conn.CopyFrom(contexts[around], pgx.Identifier{"item"}, []string{"id", "name"}, pgx.CopyFromSlice(20, func(i int) ([]any, error) {
						if i == 10 && use(contexts[within], conn) == nil {
							return nil, errors.New("the connection is not busy")
						}
						return []any{20*copied + i, strings.Repeat("x", 50_000)}, nil
					}))
					must(t, err)
				}
				name := what + ", " + within + " within " + around
				b, got := tracer.SumsOf(r), map[string]int{"scope": scope.End().Counts().SQL, "counter": counter.Totals().SQL}
				if b.Err() != nil || b.Get("Unfinished") != 0 || b.Get("Hidden") != 0 || b.Get("SQL")+b.Get("Unattributed") != copies {
					t.Errorf("%s: balance %s, %v, want %d", name, describeBalance(b), b.Err(), copies)
				}
				for where, n := range got {
					if want := map[bool]int{true: copies}[where == around]; n != want {
						t.Errorf("%s: %d in the %s, want %d", name, n, where, want)
					}
				}
			}
		}
	}
}

func execute(ctx context.Context, db database, sql string, args ...any) error {
	_, err := db.Exec(ctx, sql, args...)
	return err
}

// A CopyFrom whose end pgx does not report sends nothing and counts nothing.
func TestUnreportedEndOfCopyFrom(t *testing.T) {
	copies := fails(doCopy("item", []any{1, "a"}))
	for _, c := range []struct {
		name   string
		change func(config *pgx.ConnConfig)
		copies work
		events string
	}{
		{"canceled", nil, canceled(copies), "copy not sent, prepare not sent, query done"},
		{"no statement cache", func(config *pgx.ConnConfig) { config.StatementCacheCapacity = 0 }, copies, "copy not sent, query done"},
		{"no description cache", func(config *pgx.ConnConfig) {
			config.DefaultQueryExecMode, config.DescriptionCacheCapacity = pgx.QueryExecModeCacheDescribe, 0
		}, copies, "copy not sent, query done"},
		{"no such mode", func(config *pgx.ConnConfig) { config.DefaultQueryExecMode = 99 }, copies, "copy not sent, query done"},
	} {
		conn, r := recordedConn(t, schema, c.change)
		ctx, counter := tracer.Count(t.Context())
		recording := record(t, func(inScope context.Context) {
			for _, ctx := range []context.Context{ctx, inScope} {
				c.copies(t, ctx, conn)
				must(t, conn.Ping(t.Context()))
				run(t, ctx, conn, "SELECT 1")
			}
		})
		equal(t, c.name+": counts", describeCounts(recording.Counts()), "sql=1 sql_unique=1 round_trips=1")
		equal(t, c.name+": events", describeEvents(recording), c.events)
		if got := counter.Totals(); got != (tracer.Totals{SQL: 1}) {
			t.Errorf("%s: Totals() = %+v, want one statement", c.name, got)
		}
		if b := tracer.SumsOf(r); b.Err() != nil || b.Get("Unfinished") != 0 || b.Get("Hidden") != 2 {
			t.Errorf("%s: balance %s, %v", c.name, describeBalance(b), b.Err())
		}
	}
}
