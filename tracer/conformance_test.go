package tracer_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A work is what a serverCase does.
type work = func(t *testing.T, ctx context.Context, db database)

// onConn returns the work of f with one connection.
func onConn(f func(t *testing.T, ctx context.Context, conn *pgx.Conn)) work {
	return func(t *testing.T, ctx context.Context, db database) {
		t.Helper()
		switch db := db.(type) {
		case *pgx.Conn:
			f(t, ctx, db)
		case *pgxpool.Pool:
			must(t, db.AcquireFunc(ctx, func(c *pgxpool.Conn) error { f(t, ctx, c.Conn()); return nil }))
		}
	}
}

// An op is one call of pgx.
type op = func(ctx context.Context, db database) error

func doExec(sql string, args ...any) op {
	return func(ctx context.Context, db database) error { return execute(ctx, db, sql, args...) }
}

// doScan reads an integer.
func doScan(sql string, args ...any) op {
	return func(ctx context.Context, db database) error { return db.QueryRow(ctx, sql, args...).Scan(new(int)) }
}

// doCollect reads all rows, of an integer.
func doCollect(sql string, args ...any) op {
	return func(ctx context.Context, db database) error {
		rows, _ := db.Query(ctx, sql, args...) // CollectRows returns the error
		_, err := pgx.CollectRows(rows, pgx.RowTo[int])
		return err
	}
}

// doSend sends a new batch and closes it.
func doSend(b func() *pgx.Batch) op {
	return func(ctx context.Context, db database) error { return db.SendBatch(ctx, b()).Close() }
}

func doCopy(table string, rows ...[]any) op {
	return func(ctx context.Context, db database) error { return copyItems(ctx, db, table, rows...) }
}

// inTx does ops in a transaction that is committed.
func inTx(ops ...op) op {
	return func(ctx context.Context, db database) error {
		return pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
			for _, do := range ops {
				if err := do(ctx, tx); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// does is the work of ops, which succeed one after the other.
func does(ops ...op) work {
	return func(t *testing.T, ctx context.Context, db database) {
		t.Helper()
		for _, do := range ops {
			must(t, do(ctx, db))
		}
	}
}

// fails is the work of an op that fails.
func fails(do op) work {
	return func(t *testing.T, ctx context.Context, db database) { t.Helper(); mustFail(t, do(ctx, db)) }
}

// canceled does the work with a context that has ended.
func canceled(do work) work {
	return func(t *testing.T, ctx context.Context, db database) {
		t.Helper()
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		do(t, ctx, db)
	}
}

func run(t *testing.T, ctx context.Context, db interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}, sql string, args ...any) {
	t.Helper()
	_, err := db.Exec(ctx, sql, args...)
	must(t, err)
}

func prepare(t *testing.T, ctx context.Context, conn *pgx.Conn, name, sql string) {
	t.Helper()
	_, err := conn.Prepare(ctx, name, sql)
	must(t, err)
}

// pgx reports each of these as one statement, or in an unusual way.
func TestStatementsOfAllKinds(t *testing.T) {
	const pool = "acquires=1 max_held=1"
	const writing = "WITH i AS (INSERT INTO item VALUES ($1, 'a') RETURNING id) SELECT id FROM i"
	const counting = "SELECT count(*) FROM item"
	fetch := doExec("FETCH 3 FROM c", pgx.QueryExecModeExec)
	runServerCases(t, []serverCase{
		{
			name: "three in one string", run: does(doExec("SELECT 1; SELECT 1; SELECT 2")),
			counts: "sql=3 sql_unique=3 round_trips=1", pool: pool,
			events: "batch done, query done, query done, query done", logged: 1 - 3,
		},
		{
			name: "a string that fails in the second of three", run: fails(doExec("INSERT INTO item VALUES (1, 'a'); SELECT 1/0; SELECT 2")),
			counts: "sql=2 sql_unique=2 round_trips=1", pool: pool,
			events: "batch failed, query done, query failed, query skipped", logged: 1 - 2,
		},
		{
			name: "a string with a syntax error", run: fails(doExec("SELECT 1; SELEC 2")),
			// The server parses the whole string first.
			counts: "round_trips=1", pool: pool,
			events: "batch not sent, query not sent, query not sent",
		},
		{
			name: "a string of which the second is refused", run: fails(doExec("SELECT 1; SELECT nothing; SELECT 2")),
			counts: "sql=1 sql_unique=1 round_trips=1", pool: pool,
			events: "batch failed, query done, query not sent, query skipped",
		},
		{
			name: "a string with arguments", run: does(doExec("SELECT $1::int; SELECT $1::int + 1", pgx.QueryExecModeSimpleProtocol, 7)),
			counts: "sql=2 sql_unique=2 round_trips=1", pool: pool,
			events: "batch done, query done, query done", logged: 1 - 2,
		},
		{
			name: "a constraint that is checked at the end",
			run: func(t *testing.T, ctx context.Context, db database) {
				run(t, ctx, db, "CREATE TEMP TABLE unique_later (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
				for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol} {
					_, err := db.Exec(ctx, "INSERT INTO unique_later SELECT $1::int FROM generate_series(1, 2)", mode, 1)
					mustFail(t, err)
				}
			},
			counts: "sql=3 sql_unique=3 round_trips=3", pool: "acquires=3 max_held=1",
			events: "query done, query failed, query failed", atEnd: 1,
		},
		{
			name: "semicolons that end no statement",
			run: does(
				doExec("CREATE TEMP TABLE a (id int); CREATE TEMP TABLE b (id int)"),
				doExec("CREATE RULE r AS ON INSERT TO a DO ALSO (DELETE FROM b; INSERT INTO b VALUES (1))"),
				doExec("INSERT INTO a VALUES (1)"),
			),
			counts: "sql=4 sql_unique=4 round_trips=3", pool: "acquires=3 max_held=1",
			events: "batch done, query done, query done, query done, query done", logged: 1 - 2,
		},
		{
			name: "an empty string", run: does(doExec("")),
			counts: "sql=1 sql_unique=1 round_trips=1", pool: pool, events: "query done", proxy: "none", // like a ping
		},
		{
			name: "a comment", run: does(doExec("-- nothing")),
			counts: "sql=1 sql_unique=1 round_trips=1", pool: pool, events: "query done", proxy: "none",
		},
		{
			name: "a common table expression that writes", run: does(doScan(writing, 0), doScan(writing, 1)),
			counts: "sql=2 sql_unique=2 round_trips=3 prepare=1", pool: "acquires=2 max_held=1",
			events: "query done, prepare done, query done",
		},
		{
			name:   "the same read before and after a write", // it is repeated on each side
			run:    does(doScan(counting), doScan(counting), doExec("INSERT INTO item VALUES (1, 'a')"), doScan(counting), doScan(counting)),
			counts: "sql=5 sql_unique=3 round_trips=6 prepare=1", pool: "acquires=5 max_held=1",
			events: "query done, prepare done, query done, query done, query done, query done",
		},
		{
			name: "the same read before and after a transaction that is undone",
			run: func(t *testing.T, ctx context.Context, db database) {
				tx, err := db.Begin(ctx)
				must(t, err)
				run(t, ctx, tx, "INSERT INTO item VALUES (1, 'a')")
				run(t, ctx, tx, counting)
				must(t, tx.Rollback(ctx))
				run(t, ctx, db, counting)
			},
			counts: "sql=3 sql_unique=3 round_trips=5 tx=2", pool: "acquires=2 max_held=1",
			events: "tx done, query done, query done, tx done, query done",
		},
		{
			name: "the same read of what varies", run: does(doExec("SELECT random()"), doExec("SELECT random()")),
			counts: "sql=2 sql_unique=2 round_trips=2", pool: "acquires=2 max_held=1",
			events: "query done, query done",
		},
		{
			name: "arguments that cannot be compared",
			run: func(t *testing.T, ctx context.Context, db database) {
				for range 2 {
					_, err := db.Exec(ctx, "SELECT $1::int", func() {})
					mustFail(t, err)
				}
				for range 2 {
					run(t, ctx, db, "SELECT $1::int", unhashable{new(chan int)})
				}
			},
			// pgx prepares again after an argument that it cannot encode.
			counts: "sql=2 sql_unique=2 round_trips=5 prepare=3", pool: "acquires=4 max_held=1",
			proxy:  "sql=2 sql_unique=1 round_trips=5 prepare=3", // on the wire they can
			events: "query not sent, prepare done, query not sent, prepare done, query done, prepare done, query done",
		},
		{
			name: "a function with statements in it",
			run: does(doExec(`CREATE FUNCTION pg_temp.two() RETURNS int LANGUAGE plpgsql AS $$
				BEGIN PERFORM count(*) FROM item; RETURN (SELECT count(*) FROM item); END $$`), doExec("SELECT pg_temp.two()")),
			counts: "sql=2 sql_unique=2 round_trips=2", pool: "acquires=2 max_held=1",
			events: "query done, query done",
		},
		{
			name: "a procedure that commits",
			run: does(doExec("DROP PROCEDURE IF EXISTS commits"), doExec(`CREATE PROCEDURE commits() LANGUAGE plpgsql AS $$
				BEGIN INSERT INTO item VALUES (1, 'a'); COMMIT; INSERT INTO item VALUES (2, 'b'); END $$`), doExec("CALL commits()")),
			counts: "sql=3 sql_unique=3 round_trips=3", pool: "acquires=3 max_held=1",
			events: "query done, query done, query done",
		},
		{
			name:   "a cursor",
			run:    does(inTx(doExec("DECLARE c CURSOR FOR SELECT generate_series(1, 9)"), fetch, fetch, fetch, doExec("CLOSE c"))),
			counts: "sql=5 sql_unique=5 round_trips=7 tx=2", pool: pool,
			events: "tx done, query done, query done, query done, query done, query done, tx done",
		},
		{
			name:   "settings",
			run:    does(doExec("SET work_mem = '8MB'"), doExec("SHOW work_mem", pgx.QueryExecModeExec), doExec("SET TRANSACTION READ ONLY")),
			counts: "sql=2 sql_unique=2 round_trips=3 tx=1", pool: "acquires=3 max_held=1",
			events: "query done, query done, tx done",
		},
		{
			name: "transaction control of its own",
			run: onConn(func(t *testing.T, ctx context.Context, conn *pgx.Conn) {
				does(doExec("/* a */ START TRANSACTION ISOLATION LEVEL SERIALIZABLE"), doExec("SELECT 1"), doExec("END"))(t, ctx, conn)
			}),
			counts: "sql=1 sql_unique=1 round_trips=3 tx=2", pool: pool,
			events: "tx done, query done, tx done",
		},
		{
			name: "retried after a serialization failure",
			run: func(t *testing.T, ctx context.Context, db database) {
				for _, fails := range []bool{true, false} {
					err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
						run(t, ctx, tx, "SELECT count(*) FROM item")
						if fails {
							_, err := tx.Exec(ctx, "DO $$ BEGIN RAISE SQLSTATE '40001'; END $$")
							return err
						}
						return nil
					})
					if (err != nil) != fails {
						t.Fatalf("error %v", err)
					}
				}
			},
			counts: "sql=3 sql_unique=3 round_trips=7 tx=4", pool: "acquires=2 max_held=1",
			events: "tx done, query done, query failed, tx done, tx done, query done, tx done",
		},
		{
			name: "large objects",
			run: func(t *testing.T, ctx context.Context, db database) {
				must(t, pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
					objects := tx.LargeObjects()
					id, err := objects.Create(ctx, 0)
					must(t, err)
					object, err := objects.Open(ctx, id, pgx.LargeObjectModeWrite)
					must(t, err)
					_, err = object.Write([]byte("a"))
					must(t, err)
					return objects.Unlink(ctx, id)
				}))
			},
			counts: "sql=4 sql_unique=4 round_trips=10 tx=2 prepare=4", pool: pool,
			events: "tx done, query done, prepare done, query done, prepare done, query done, prepare done, query done, prepare done, tx done",
		},
		{
			name: "LoadType",
			run: onConn(func(t *testing.T, ctx context.Context, conn *pgx.Conn) {
				_, err := conn.LoadType(ctx, "item")
				must(t, err)
			}),
			counts: "sql=4 sql_unique=4 round_trips=8 prepare=4", pool: pool,
			events: "query done, prepare done, query done, prepare done, query done, prepare done, query done, prepare done",
		},
		{
			name: "LISTEN and NOTIFY",
			run: onConn(func(t *testing.T, ctx context.Context, conn *pgx.Conn) {
				run(t, ctx, conn, "LISTEN news")
				run(t, ctx, conn, "NOTIFY news, 'a'")
				_, err := conn.WaitForNotification(ctx)
				must(t, err)
			}),
			counts: "sql=2 sql_unique=2 round_trips=2", pool: pool,
			events: "query done, query done",
		},
	})
}

// unhashable is an argument that pgx can send but that cannot be compared.
type unhashable struct{ c *chan int }

func (unhashable) Int64Value() (i pgtype.Int8, err error) {
	return pgtype.Int8{Int64: 1, Valid: true}, nil
}

// The wire shows work that pgx hides from tracers.
func TestHidden(t *testing.T) {
	const pool = "acquires=1 max_held=1"
	last := func(t *testing.T, ctx context.Context, conn *pgx.Conn) { t.Helper(); run(t, ctx, conn, "SELECT 1") }
	runServerCases(t, []serverCase{
		{
			name: "Ping",
			run: onConn(func(t *testing.T, ctx context.Context, conn *pgx.Conn) {
				must(t, conn.Ping(ctx))
				last(t, ctx, conn)
			}),
			counts: "sql=1 sql_unique=1 round_trips=1", pool: pool, events: "query done", hidden: 1, logged: 1,
		},
		{
			name: "PgConn.Exec of two statements",
			run: onConn(func(t *testing.T, ctx context.Context, conn *pgx.Conn) {
				_, err := conn.PgConn().Exec(ctx, "SELECT 1").ReadAll()
				must(t, err)
				_, err = conn.PgConn().Exec(ctx, "SELECT 2").ReadAll()
				must(t, err)
				last(t, ctx, conn)
			}),
			counts: "sql=1 sql_unique=1 round_trips=1", pool: pool, events: "query done", hidden: 2, logged: 2,
			proxy: "sql=3 sql_unique=2 round_trips=3",
		},
		{
			name: "PgConn.ExecParams",
			run: onConn(func(t *testing.T, ctx context.Context, conn *pgx.Conn) {
				result := conn.PgConn().ExecParams(ctx, "SELECT $1", [][]byte{[]byte("a")}, nil, nil, nil).Read()
				must(t, result.Err)
				last(t, ctx, conn)
			}),
			counts: "sql=1 sql_unique=1 round_trips=1", pool: pool, events: "query done", hidden: 1, logged: 1,
			proxy: "sql=2 sql_unique=2 round_trips=2",
		},
		{
			name: "PgConn.CopyTo",
			run: onConn(func(t *testing.T, ctx context.Context, conn *pgx.Conn) {
				_, err := conn.PgConn().CopyTo(ctx, io.Discard, "COPY (SELECT generate_series(1, 1000)) TO STDOUT")
				must(t, err)
				last(t, ctx, conn)
			}),
			counts: "sql=1 sql_unique=1 round_trips=1", pool: pool, events: "query done", hidden: 1, logged: 1,
			proxy: "sql=2 sql_unique=2 round_trips=2",
		},
		{
			name: "between the statements of a transaction",
			run: func(t *testing.T, ctx context.Context, db database) {
				must(t, pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error { return tx.Conn().Ping(ctx) }))
			},
			counts: "round_trips=2 tx=2", pool: pool, events: "tx done, tx done", hidden: 1, logged: 1,
		},
	})
}

// The application waits for pgx's own round trips too.
func TestPreparedByName(t *testing.T) {
	const pool = "acquires=1 max_held=1"
	runServerCases(t, []serverCase{
		{
			name: "explicit prepare, and its use by name and by its SQL",
			run: onConn(func(t *testing.T, ctx context.Context, conn *pgx.Conn) {
				prepare(t, ctx, conn, "find", selectOne)
				run(t, ctx, conn, "find", 1)
				run(t, ctx, conn, selectOne, 1)
			}),
			counts: "sql=2 sql_unique=1 round_trips=4 prepare=2", pool: pool,
			events: "prepare done, query done, query done, prepare done",
		},
		{
			name: "prepared twice, used twice",
			run: onConn(func(t *testing.T, ctx context.Context, conn *pgx.Conn) {
				for range 2 {
					prepare(t, ctx, conn, "again", selectOne)
					run(t, ctx, conn, "again", 1)
				}
			}),
			counts: "sql=2 sql_unique=1 round_trips=3 prepare=1", pool: pool,
			events: "prepare done, query done, prepare not sent, query done",
		},
		{
			name: "a name that is none", run: fails(doExec("nowhere", 1)),
			counts: "round_trips=1 prepare=1", pool: pool,
			events: "query not sent, prepare failed",
		},
		{
			name: "in a batch",
			run: onConn(func(t *testing.T, ctx context.Context, conn *pgx.Conn) {
				prepare(t, ctx, conn, "batched", selectOne)
				must(t, conn.SendBatch(ctx, batchOf("batched", 1, 2)).Close())
			}),
			counts: "sql=2 sql_unique=2 round_trips=2 prepare=1", pool: pool,
			events: "prepare done, batch done, query done, query done",
		},
	})
}

// Without its context, work is found by its connection.
func TestLeaksOnServer(t *testing.T) {
	errApp := errors.New("of the application")
	background := context.Background()
	tx := func(work func(t *testing.T, tx pgx.Tx) error) func(t *testing.T, ctx context.Context, db database) {
		return func(t *testing.T, ctx context.Context, db database) {
			tx, err := db.Begin(ctx)
			must(t, err)
			run(t, ctx, tx, "SELECT 1")
			_ = work(t, tx)
		}
	}
	for _, c := range []struct {
		name, counts, events, leaks string
		work                        func(t *testing.T, tx pgx.Tx) error
	}{
		{
			name: "rollback", counts: "sql=1 sql_unique=1 round_trips=3 tx=2", events: "tx done, query done, tx done",
			leaks: "rollback ×1 at tracer/conformance_test.go:*",
			work:  func(_ *testing.T, tx pgx.Tx) error { return tx.Rollback(background) },
		},
		{
			name: "statement", counts: "sql=2 sql_unique=2 round_trips=5 tx=2 prepare=1", events: "tx done, query done, query done, prepare done, tx done",
			leaks: "SELECT id FROM item WHERE id = ? ×1 at tracer/conformance_test.go:* commit ×1 at tracer/conformance_test.go:*",
			work: func(t *testing.T, tx pgx.Tx) error {
				run(t, background, tx, selectOne, 1)
				return tx.Commit(background)
			},
		},
		{
			name: "batch", counts: "sql=3 sql_unique=3 round_trips=5 tx=2", events: "tx done, query done, batch done, query done, query done, tx done",
			leaks: "*",
			work: func(t *testing.T, tx pgx.Tx) error {
				must(t, tx.SendBatch(background, quotients(10, 20)).Close())
				return tx.Rollback(background)
			},
		},
		{
			name: "copy", counts: "sql=2 sql_unique=2 round_trips=5 tx=2 prepare=1", events: "tx done, query done, copy done, prepare done, tx done",
			leaks: "*",
			work: func(t *testing.T, tx pgx.Tx) error {
				must(t, copyItems(background, tx, "item", []any{1, "a"}))
				return errors.Join(errApp, tx.Rollback(background))
			},
		},
	} {
		runServerCases(t, []serverCase{{
			name: c.name, run: tx(c.work), counts: c.counts, pool: "acquires=1 max_held=1", events: c.events, leaks: c.leaks,
		}})
	}
}
