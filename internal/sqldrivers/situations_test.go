package sqldrivers

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

const (
	selectOne = "SELECT name FROM item WHERE id = $1"
	insertOne = "INSERT INTO item VALUES ($1, $2)"
)

// A situation is a case of package tracer's conformance suite in the terms of database/sql.
type situation struct {
	name   string
	run    func(t *testing.T, ctx context.Context, db *sql.DB)
	counts string // SQL, SQLUnique and transaction control, the same in each way
	events string // of statements, the same in each way
	leaks  int
	// apart has the counts of a Connector that differ because it does not see the wire, for each
	// way.
	apart map[string]string
}

func each(n int, f func(i int)) {
	for i := range n {
		f(i + 1)
	}
}

func exec(t *testing.T, ctx context.Context, db interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}, query string, args ...any) {
	t.Helper()
	_, err := db.ExecContext(ctx, query, args...)
	must(t, err)
}

func fails(t *testing.T, ctx context.Context, db interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}, query string, args ...any) {
	t.Helper()
	mustFail(t, drain(db.QueryContext(ctx, query, args...)))
}

func drain(rows *sql.Rows, err error) error {
	if err != nil {
		return err
	}
	for rows.Next() {
	}
	_ = rows.Close()
	return rows.Err()
}

func read(t *testing.T, ctx context.Context, db interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}, query string, args ...any) {
	t.Helper()
	must(t, drain(db.QueryContext(ctx, query, args...)))
}

const killed = "a connection that was killed, and another one"

var situations = []situation{
	{
		name: "a query twice with the same argument, and with another",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			for _, id := range []int{7, 7, 8} {
				must(t, db.QueryRowContext(ctx, selectOne, id).Scan(new(string)))
			}
		},
		counts: "sql=3 sql_unique=2", events: "query done, query done, query done",
	},
	{
		name: "arguments of many types",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			for _, c := range []struct {
				kind string
				arg  any
			}{
				{"text", "a"}, {"text", sql.NullString{String: "b", Valid: true}}, {"text", sql.NullString{}}, {"bytea", []byte("a")},
				{"bool", true}, {"float8", 1.5}, {"int", 3}, {"timestamptz", time.Unix(0, 0).UTC()},
			} {
				each(2, func(int) { read(t, ctx, db, "SELECT $1::"+c.kind, c.arg) })
			}
		},
		counts: "sql=16 sql_unique=8", events: "query done ×16",
	},
	{
		name: "no rows",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			mustFail(t, db.QueryRowContext(ctx, selectOne, 100).Scan(new(string)))
		},
		counts: "sql=1 sql_unique=1", events: "query done",
	},
	{
		name: "rows that are closed early",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			rows, err := db.QueryContext(ctx, "SELECT id FROM item")
			must(t, err)
			rows.Next()
			must(t, rows.Close())
		},
		counts: "sql=1 sql_unique=1", events: "query done",
	},
	{
		name: "rows that are never closed",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			rows, err := db.QueryContext(ctx, "SELECT id FROM item")
			must(t, err)
			t.Cleanup(func() { _ = rows.Close() })
		},
		counts: "sql=1 sql_unique=1", events: "query unfinished",
	},
	{
		name: "a scan that fails",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			mustFail(t, db.QueryRowContext(ctx, "SELECT 'a'").Scan(new(int)))
		},
		counts: "sql=1 sql_unique=1", events: "query done",
	},
	{
		name: "a transaction",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			tx, err := db.BeginTx(ctx, nil)
			must(t, err)
			exec(t, ctx, tx, insertOne, 100, "a")
			must(t, tx.Commit())
			mustFail(t, tx.Rollback())
		},
		counts: "sql=1 sql_unique=1 tx=2", events: "tx done, query done, tx done",
	},
	{
		name: "a transaction with options, rolled back",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable})
			must(t, err)
			must(t, tx.QueryRowContext(ctx, selectOne, 1).Scan(new(string)))
			must(t, tx.Rollback())
		},
		counts: "sql=1 sql_unique=1 tx=2", events: "tx done, query done, tx done",
	},
	{
		name: "a savepoint",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			tx, err := db.BeginTx(ctx, nil)
			must(t, err)
			exec(t, ctx, tx, "SAVEPOINT a")
			exec(t, ctx, tx, insertOne, 100, "a")
			exec(t, ctx, tx, "ROLLBACK TO SAVEPOINT a")
			_, err = tx.Exec(insertOne, 101, "b") // no context: the transaction goes on
			must(t, err)
			must(t, tx.Commit())
		},
		counts: "sql=2 sql_unique=2 tx=4", events: "tx done, tx done, query done, tx done, query done, tx done", leaks: 1,
	},
	{
		name: "a transaction whose commit fails",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			tx, err := db.BeginTx(ctx, nil)
			must(t, err)
			exec(t, ctx, tx, "INSERT INTO later VALUES (1), (1)")
			mustFail(t, tx.Commit())
		},
		counts: "sql=1 sql_unique=1 tx=2", events: "tx done, query done, tx failed",
	},
	{
		name: "a statement in a transaction that has failed",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			tx, err := db.BeginTx(ctx, nil)
			must(t, err)
			fails(t, ctx, tx, "SELECT 1/0")
			_, err = tx.ExecContext(ctx, "SELECT 2")
			mustFail(t, err)
		},
		counts: "sql=1 sql_unique=1 tx=1", events: "tx done, query failed, query not sent",
	},
	{
		name: "a transaction without contexts",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			tx, err := db.BeginTx(ctx, nil)
			must(t, err)
			_, err = tx.Exec("SELECT 1")
			must(t, err)
			must(t, tx.QueryRow(selectOne, 1).Scan(new(string)))
			must(t, tx.Commit())
		},
		counts: "sql=2 sql_unique=2 tx=2", events: "tx done, query done, query done, tx done", leaks: 2,
	},
	{
		name: "transaction control of its own",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			conn, err := db.Conn(ctx)
			must(t, err)
			exec(t, ctx, conn, "/* a */ START TRANSACTION ISOLATION LEVEL SERIALIZABLE")
			exec(t, context.Background(), conn, "SELECT 1")
			exec(t, ctx, conn, "END")
			must(t, conn.Close())
		},
		counts: "sql=1 sql_unique=1 tx=2", events: "tx done, query done, tx done", leaks: 1,
	},
	{
		name: "retried after a serialization failure",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			for _, failing := range []bool{true, false} {
				tx, err := db.BeginTx(ctx, nil)
				must(t, err)
				read(t, ctx, tx, "SELECT count(*) FROM item")
				if failing {
					fails(t, ctx, tx, "DO $$ BEGIN RAISE SQLSTATE '40001'; END $$")
					must(t, tx.Rollback())
					continue
				}
				must(t, tx.Commit())
			}
		},
		counts: "sql=3 sql_unique=3 tx=4", events: "tx done, query done, query failed, tx done, tx done, query done, tx done",
	},
	{
		name: "a prepared statement",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			s, err := db.PrepareContext(ctx, selectOne)
			must(t, err)
			for _, id := range []int{1, 1, 2} {
				must(t, s.QueryRowContext(ctx, id).Scan(new(string)))
			}
			must(t, s.Close())
		},
		counts: "sql=3 sql_unique=2", events: "query done, query done, query done",
	},
	{
		name: "a statement prepared without a context, in a transaction",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			tx, err := db.BeginTx(ctx, nil)
			must(t, err)
			s, err := tx.PrepareContext(ctx, insertOne)
			must(t, err)
			_, err = s.Exec(100, "a")
			must(t, err)
			_, err = s.ExecContext(ctx, 101, "b")
			must(t, err)
			must(t, tx.Commit())
		},
		counts: "sql=2 sql_unique=2 tx=2", events: "tx done, query done, query done, tx done", leaks: 1,
	},
	{
		name: "a prepare that fails",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			_, err := db.PrepareContext(ctx, "SELECT * FROM nowhere")
			mustFail(t, err)
		},
	},
	{
		name: "a syntax error, an unknown column, an unknown table",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			fails(t, ctx, db, "SELEC 1")
			fails(t, ctx, db, "SELECT nothing FROM item WHERE id = $1", 1)
			fails(t, ctx, db, "SELECT 1 FROM nowhere")
		},
		events: "query not sent, query not sent, query not sent",
	},
	{
		name: "an argument that cannot be read",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			fails(t, ctx, db, "SELECT 1 WHERE $1::int = 1", "abc")
		},
		events: "query not sent",
	},
	{
		name: "too few arguments",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			fails(t, ctx, db, insertOne, 1)
		},
		events: "query not sent",
	},
	{
		name: "failures at run time",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			fails(t, ctx, db, "SELECT 1/(id - 1) FROM item")
			_, err := db.ExecContext(ctx, insertOne, 1, "again")
			mustFail(t, err)
			fails(t, ctx, db, "SELECT 1/(4 - id) FROM item ORDER BY id")
			_, err = db.ExecContext(ctx, "DO $$ BEGIN RAISE 'no'; END $$")
			mustFail(t, err)
		},
		counts: "sql=4 sql_unique=4", events: "query failed, query failed, query failed, query failed",
	},
	{
		name: "three in one string",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			exec(t, ctx, db, "SELECT 1; SELECT 1; SELECT 2")
		},
		counts: "sql=3 sql_unique=3", events: "batch done, query done, query done, query done",
	},
	{
		name: "a string with a syntax error",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			_, err := db.ExecContext(ctx, "SELECT 1; SELEC 2")
			mustFail(t, err)
		},
		events: "batch not sent, query not sent, query not sent",
	},
	{
		name: "a string that fails in the second of three",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			_, err := db.ExecContext(ctx, "INSERT INTO item VALUES (100, 'a'); SELECT 1/0; SELECT 2")
			mustFail(t, err)
		},
		counts: "sql=2 sql_unique=2", events: "batch failed, query done, query failed, query skipped",
		apart: byConnector("sql=3 sql_unique=3: batch failed, query unknown, query unknown, query unknown"),
	},
	{
		name: "a string of which the second is refused",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			_, err := db.ExecContext(ctx, "SELECT 1; SELECT nothing; SELECT 2")
			mustFail(t, err)
		},
		counts: "sql=1 sql_unique=1", events: "batch failed, query done, query not sent, query skipped",
		apart: byConnector(": batch not sent, query not sent, query not sent, query not sent"),
	},
	{
		name: "a statement between comments",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			exec(t, ctx, db, "/* a */ SELECT 1 -- b")
		},
		counts: "sql=1 sql_unique=1", events: "query done",
	},
	{
		name: "the same read before and after a write",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			count := func() { read(t, ctx, db, "SELECT count(*) FROM item") }
			count()
			count()
			exec(t, ctx, db, insertOne, 100, "a")
			count()
			count()
		},
		counts: "sql=5 sql_unique=3", events: "query done ×5",
	},
	{
		name: "the same read before and after a transaction that is undone",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			tx, err := db.BeginTx(ctx, nil)
			must(t, err)
			exec(t, ctx, tx, insertOne, 100, "a")
			read(t, ctx, tx, "SELECT count(*) FROM item")
			must(t, tx.Rollback())
			read(t, ctx, db, "SELECT count(*) FROM item")
		},
		counts: "sql=3 sql_unique=3 tx=2", events: "tx done, query done, query done, tx done, query done",
	},
	{
		name: "what varies, a function, a procedure that commits",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			each(2, func(int) { read(t, ctx, db, "SELECT random()") })
			exec(t, ctx, db, `CREATE FUNCTION two() RETURNS int LANGUAGE plpgsql AS $$
				BEGIN PERFORM count(*) FROM item; RETURN (SELECT count(*) FROM item); END $$`)
			read(t, ctx, db, "SELECT two()")
			exec(t, ctx, db, `CREATE PROCEDURE commits() LANGUAGE plpgsql AS $$
				BEGIN INSERT INTO item VALUES (100, 'a'); COMMIT; INSERT INTO item VALUES (101, 'b'); END $$`)
			exec(t, ctx, db, "CALL commits()")
		},
		counts: "sql=6 sql_unique=6", events: "query done ×6",
	},
	{
		name: "a statement that writes and returns, with a name",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			const named = "-- name: CreateItem :one\nINSERT INTO item VALUES ($1, $2) RETURNING id"
			each(2, func(i int) { must(t, db.QueryRowContext(ctx, named, 100+i, "a").Scan(new(int))) })
		},
		counts: "sql=2 sql_unique=2", events: "query done, query done",
	},
	{
		name: "a cursor",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			tx, err := db.BeginTx(ctx, nil)
			must(t, err)
			exec(t, ctx, tx, "DECLARE c CURSOR FOR SELECT generate_series(1, 9)")
			each(3, func(int) { read(t, ctx, tx, "FETCH 3 FROM c") })
			exec(t, ctx, tx, "CLOSE c")
			must(t, tx.Commit())
		},
		counts: "sql=5 sql_unique=5 tx=2", events: "tx done, query done, query done, query done, query done, query done, tx done",
	},
	{
		name: "settings",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			exec(t, ctx, db, "SET work_mem = '8MB'")
			read(t, ctx, db, "SHOW work_mem")
			exec(t, ctx, db, "SET TRANSACTION READ ONLY")
		},
		counts: "sql=2 sql_unique=2 tx=1", events: "query done, query done, tx done",
	},
	{
		name: "NOTIFY and LISTEN",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			exec(t, ctx, db, "NOTIFY news, 'a'")
			exec(t, ctx, db, "LISTEN news")
		},
		counts: "sql=2 sql_unique=2", events: "query done, query done",
	},
	{
		name: "a ping",
		run:  func(t *testing.T, ctx context.Context, db *sql.DB) { must(t, db.PingContext(ctx)) },
	},
	{
		name: "a context that has ended",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			fails(t, ctx, db, "SELECT 1")
			_, err := db.BeginTx(ctx, nil)
			mustFail(t, err)
		},
	},
	{
		name: killed,
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			var pid int
			must(t, db.QueryRowContext(ctx, "SELECT pg_backend_pid()").Scan(&pid))
			other := pgtest.Pool(t, "")
			_, err := other.Exec(t.Context(), "SELECT pg_terminate_backend($1, 10000)", pid)
			must(t, err)
			for range 10 { // how often it fails is up to the driver
				if err = drain(db.QueryContext(ctx, "SELECT 1")); err == nil {
					return
				}
			}
			t.Fatal(err)
		},
		counts: "sql=2 sql_unique=2", events: "*",
	},
	{
		name: "many rows and columns",
		run: func(t *testing.T, ctx context.Context, db *sql.DB) {
			read(t, ctx, db, "SELECT i, i::text, now(), true, i::numeric FROM generate_series(1, 10000) i")
		},
		counts: "sql=1 sql_unique=1", events: "query done",
	},
}

func byConnector(want string) map[string]string {
	apart := map[string]string{}
	for _, w := range ways {
		if strings.HasPrefix(w.name, "Connector") {
			apart[w.name] = want
		}
	}
	return apart
}

func TestSituations(t *testing.T) {
	for _, s := range situations {
		t.Run(s.name, func(t *testing.T) {
			var first, firstWay string
			for _, w := range ways {
				t.Run(w.name, func(t *testing.T) {
					r := &tracer.Recorder{Sites: true}
					db := w.database(t, r)
					recording := record(t, func(ctx context.Context) { s.run(t, ctx, db) })
					want := s.counts + ": " + s.events
					if apart, ok := s.apart[w.name]; ok {
						want = apart
					}
					got := describe(recording)
					if strings.HasSuffix(want, "*") {
						got, _, _ = strings.Cut(got, ": ")
						want, _, _ = strings.Cut(want, ": ")
					}
					if got != want {
						t.Errorf("got  %s\nwant %s", got, want)
					}
					if got := len(recording.Leaks()); got != s.leaks {
						t.Errorf("leaks %v, want %d", recording.Leaks(), s.leaks)
					}
					if got := r.Unattributed(); len(got) != 0 {
						t.Errorf("Unattributed() = %v, want none", got)
					}
					if err := r.Balance(); err != nil {
						t.Error(err)
					}
					if _, ok := s.apart[w.name]; ok || s.events == "*" {
						return
					}
					if all := namesAndSites(recording); first == "" {
						first, firstWay = all, w.name
					} else if all != first {
						t.Errorf("names and sites\n%s\nand by %s\n%s", all, firstWay, first)
					}
				})
			}
		})
	}
}

// describe returns the counts that all ways have, and the outcomes of statements.
func describe(r tracer.Recording) string {
	var counts, events []string
	c := r.Counts()
	for _, m := range []tracer.Metric{tracer.SQL, tracer.SQLUnique, tracer.TxControl} {
		if n := m.Of(c); n != 0 {
			counts = append(counts, fmt.Sprintf("%s=%d", m, n))
		}
	}
	same := true
	for _, e := range statements(r) {
		events = append(events, fmt.Sprintf("%s %s", e.Kind, e.Outcome))
		same = same && events[0] == events[len(events)-1]
	}
	if n := len(events); same && n > 4 {
		events = []string{fmt.Sprintf("%s ×%d", events[0], n)}
	}
	return strings.Join(counts, " ") + ": " + strings.Join(events, ", ")
}

func statements(r tracer.Recording) []tracer.Event {
	var list []tracer.Event
	for _, e := range r.Events {
		if e.Kind != tracer.KindPrepare && e.Kind != tracer.KindConnect {
			list = append(list, e)
		}
	}
	return list
}

func namesAndSites(r tracer.Recording) string {
	var list []string
	for _, e := range statements(r) {
		site := "nowhere"
		if n := len(e.Stack); n > 0 {
			site = e.Stack[n-1].Site()
		}
		list = append(list, fmt.Sprintf("%s at %s", e.Name, site))
	}
	return strings.Join(list, "\n")
}
