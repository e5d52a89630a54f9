package tracer_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

var modes = []pgx.QueryExecMode{
	pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec,
	pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol,
}

// failing is the schema whose functions fail in tests of refusals.
const failing = schema + `;
	INSERT INTO item VALUES (1, 'a');
	CREATE TABLE locked (id int);
	CREATE TABLE positive (id int CHECK (id > 0));
	CREATE TABLE detail (id int REFERENCES item);
	CREATE VIEW names AS SELECT DISTINCT name FROM item;
	CREATE SCHEMA private; CREATE TABLE private.secret (id int);
	CREATE FUNCTION raises(int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE 'x'; END $$;
	CREATE FUNCTION raises_aborted(int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE SQLSTATE '25P02'; END $$;
	CREATE FUNCTION misses(int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT count(*) FROM nowhere); END $$;
	CREATE FUNCTION divides(int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN
		UPDATE item SET id = id/($1 - $1)
		WHERE id = $1
		AND name = 'a';
		RETURN 1;
	END $$;
	CREATE FUNCTION executes(int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN
		EXECUTE 'SELECT id/0 FROM item
			WHERE $1 = id
			AND id = $1' USING $1;
		RETURN 1;
	END $$;
	CREATE FUNCTION divides_in_sql(int) RETURNS SETOF int LANGUAGE sql VOLATILE AS $$
		SELECT count(*) FROM item WHERE id = $1;
		SELECT id / 0 FROM item
		WHERE id = $1 $$;
	CREATE DOMAIN above AS int CHECK (VALUE > 0);
	CREATE DOMAIN raising AS int CHECK (raises(VALUE) > 0);
	CREATE FUNCTION reads(text) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN $1::int; END $$`

type refusalCase struct {
	name    string
	before  string
	sql     string
	args    []any
	code    string // of the server's error
	counts  int    // statements
	clients bool   // pgx notices first in some modes
	parsing bool   // it waits while it is parsed: where pgx prepares it, a proxy sees nothing else
}

var refusalCases = []refusalCase{
	{"syntax error", "", "SELEC $1::int", []any{1}, "42601", 0, false, false},
	{"end of input", "", "SELECT $1::int FROM", []any{1}, "42601", 0, false, false},
	{"table", "", "SELECT $1::int FROM nowhere", []any{1}, "42P01", 0, false, false},
	{"schema", "", "SELECT nowhere.f($1::int)", []any{1}, "3F000", 0, false, false},
	{"column", "", "SELECT nothing FROM item WHERE id = $1", []any{1}, "42703", 0, false, false},
	{"column to write", "", "INSERT INTO item (nothing) VALUES ($1::int)", []any{1}, "42703", 0, false, false},
	{"function", "", "SELECT nothing($1::int)", []any{1}, "42883", 0, false, false},
	{"operator", "", "SELECT $1::int = 'a'::text", []any{1}, "42883", 0, false, false},
	{"type of a column", "", "INSERT INTO item VALUES ($1::text, 'a')", []any{"7"}, "42804", 0, false, false},
	{"ambiguous column", "", "SELECT id FROM item a, item b WHERE a.id = $1", []any{1}, "42702", 0, false, false},
	{"not grouped", "", "SELECT name, count(*) FROM item WHERE id = $1", []any{1}, "42803", 0, false, false},
	{"another database", "", "SELECT $1::int FROM other.public.item", []any{1}, "0A000", 0, false, false},
	{"constant", "", "SELECT 'a'::int + $1::int", []any{1}, "22P02", 0, false, false},
	{"constant with a context", "", "SELECT '{a'::json, $1::int", []any{1}, "22P02", 0, false, false},
	{"unreadable argument", "", "SELECT $1::int", []any{"abc"}, "22P02", 0, false, false},
	{"unreadable argument with a context", "", "SELECT $1::json", []any{"{a"}, "22P02", 0, true, false},
	{"argument out of range", "", "SELECT $1::smallint", []any{"99999"}, "22003", 0, false, false},
	{"too few arguments", "", "SELECT $1::int + $2::int", []any{1}, "08P01", 0, true, false},
	{"too many arguments", "", "SELECT $1::int", []any{1, 2}, "08P01", 0, true, false},
	{"schema without permission", "SET ROLE pg_monitor", "SELECT id FROM private.secret WHERE id = $1", []any{1}, "42501", 0, false, false},
	{"view without a rule", "", "INSERT INTO names VALUES ($1)", []any{"a"}, "55000", 0, false, false},
	{"failed transaction", "BEGIN; SELECT 1/0", "SELECT id FROM item WHERE id = $1", []any{1}, "25P02", 0, false, false},
	{"type in DDL", "", "CREATE TABLE x (a nothing)", nil, "42704", 0, false, false},
	{"lock of distinct rows", "", "SELECT DISTINCT id FROM item WHERE id = $1 FOR UPDATE", []any{1}, "0A000", 0, false, false},
	{"lock of a union", "", "SELECT id FROM item UNION SELECT $1::int FOR UPDATE", []any{1}, "0A000", 0, false, false},
	{"columns of an alias", "", "SELECT a FROM item x (a, b, c) WHERE a = $1", []any{1}, "42P10", 0, false, false},
	{"constant that is a path", "", "SELECT '$$$['::jsonpath, $1::int", []any{1}, "42601", 0, false, false},
	{"argument that is a path", "", "SELECT $1::jsonpath", []any{"$$$["}, "42601", 0, false, false},
	{"argument that is shown", "SET log_parameter_max_length_on_error = -1", "SELECT $1::int", []any{"it's\n$2: a"}, "22P02", 0, false, false},
	{"body of a function", "", "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN SELEC; END $$", nil, "42601", 0, false, false},

	{"division by zero", "", "SELECT 1 / ($1::int - 1)", []any{1}, "22012", 1, false, false},
	{"division by zero, planned", "", "SELECT 1/0 + $1::int", []any{1}, "22012", 1, false, false},
	{"cast of what is read", "", "SELECT ('a' || $1::text)::int", []any{"x"}, "22P02", 1, false, false},
	{"text search", "", "SELECT to_tsvector(name) @@ to_tsquery($1) FROM item", []any{"a b"}, "42601", 1, false, false},
	{"text search to write", "", "UPDATE item SET name = to_tsquery($1)::text", []any{"a b"}, "42601", 1, false, false},
	{"path that is read", "", "SELECT ($1::text)::jsonpath", []any{"$$$["}, "42601", 1, false, false},
	{"name of a type", "", "SELECT ($1::text)::regtype", []any{"int[["}, "42601", 1, false, false},
	{"name of a type to write", "", "UPDATE item SET name = (name || $1::text)::regtype::text", []any{"[["}, "42601", 1, false, false},
	{"no name of a type", "", "SELECT ($1::text)::regtype", []any{""}, "42601", 1, false, false},
	{"name of a table", "", "SELECT ($1::text)::regclass", []any{"nowhere"}, "42P01", 1, false, false},
	{"statement of several lines in a function", "", "SELECT divides($1)", []any{1}, "22012", 1, false, false},
	{"dynamic statement with arguments", "", "SELECT executes($1)", []any{1}, "22012", 1, false, false},
	{"statement of a function in SQL", "", "SELECT divides_in_sql($1)", []any{1}, "22012", 1, false, false},
	{"unique violation with its arguments", "SET log_parameter_max_length_on_error = -1", "INSERT INTO item VALUES ($1, $2)", []any{1, "a"}, "23505", 1, false, false},
	{"division by zero with its argument", "SET log_parameter_max_length_on_error = -1", "SELECT 1 / ($1::int - 1)", []any{1}, "22012", 1, false, false},
	{"function with the arguments of its caller", "SET log_parameter_max_length_on_error = -1", "SELECT divides($1)", []any{1}, "22012", 1, false, false},
	{"domain", "", "SELECT $1::above", []any{"-1"}, "23514", 1, false, false},
	{"domain with a function", "", "SELECT $1::raising", []any{"1"}, "P0001", 1, false, false},
	{"unreadable argument of a domain", "", "SELECT $1::above", []any{"a"}, "22P02", 0, false, false},
	{"unique violation", "", "INSERT INTO item VALUES ($1, 'a')", []any{1}, "23505", 1, false, false},
	{"check violation", "", "INSERT INTO positive VALUES ($1)", []any{-1}, "23514", 1, false, false},
	{"foreign key violation", "", "INSERT INTO detail VALUES ($1)", []any{99}, "23503", 1, false, false},
	{"null", "", "INSERT INTO item (name) VALUES ($1)", []any{"a"}, "23502", 1, false, false},
	{"table without permission", "SET ROLE pg_monitor", "SELECT id FROM item WHERE id = $1", []any{1}, "42501", 1, false, false},
	{"read-only transaction", "BEGIN READ ONLY", "INSERT INTO item VALUES ($1, 'a')", []any{7}, "25006", 1, false, false},
	{"lock of a table, timed out", "SET lock_timeout = 20", "SELECT id FROM locked WHERE id = $1", []any{1}, "55P03", 1, false, true},
	{"lock of a row, timed out", "SET lock_timeout = 20", "UPDATE item SET name = 'b' WHERE id = $1", []any{1}, "55P03", 1, false, false},
	{"lock of a key, timed out", "SET lock_timeout = 20", "INSERT INTO detail VALUES ($1)", []any{1}, "55P03", 1, false, false},
	{"lock not waited for", "", "SELECT id FROM item WHERE id = $1 FOR UPDATE NOWAIT", []any{1}, "55P03", 1, false, false},
	{"raised", "", "SELECT raises($1)", []any{1}, "P0001", 1, false, false},
	{"raised with the code of a refusal", "", "SELECT raises_aborted($1)", []any{1}, "25P02", 1, false, false},
	{"table within a function", "", "SELECT misses($1)", []any{1}, "42P01", 1, false, false},
	{"cast within a function", "", "SELECT reads($1)", []any{"a"}, "22P02", 1, false, false},
	{"syntax error within a block", "", "DO $$ BEGIN EXECUTE 'SELEC'; END $$", nil, "42601", 1, false, false},
	{"table to drop", "", "DROP TABLE nowhere", nil, "42P01", 1, false, false},
	{"table that exists", "", "CREATE TABLE item (id int)", nil, "42P07", 1, false, false},
	{"unknown setting", "", "SET nothing TO 1", nil, "42704", 1, false, false},
	{"cursor without a transaction", "", "DECLARE c CURSOR FOR SELECT 1", nil, "25P01", 1, false, false},
}

// A refused statement does not count and a failed one does, in every mode, with and without the
// wire.
func TestRefusals(t *testing.T) {
	setup := pgtest.Pool(t, failing)
	hold(t, setup, "LOCK TABLE locked", "SELECT id FROM item WHERE id = 1 FOR UPDATE")
	inEachWay(t, setup, modes, func(in wayIn, conn *pgx.Conn, w *wire) {
		for _, c := range refusalCases {
			c.check(t, in, conn, w)
		}
	})
}

// inEachWay calls f with a connection for each way to report its work, and each mode.
func inEachWay(t *testing.T, setup *pgxpool.Pool, modes []pgx.QueryExecMode, f func(in wayIn, conn *pgx.Conn, w *wire)) {
	t.Helper()
	for _, in := range waysIn(t, setup.Config()) {
		for _, mode := range modes {
			conn, w := in.connect(t, mode)
			f(in, conn, w)
			balanced(t, in.r, in.name, mode)
		}
	}
}

// hold holds the locks of statements until the end of the test.
func hold(t *testing.T, pool *pgxpool.Pool, statements ...string) {
	t.Helper()
	tx, err := pool.Begin(t.Context())
	must(t, err)
	t.Cleanup(func() { _ = tx.Rollback(context.Background()) })
	for _, sql := range statements {
		run(t, t.Context(), tx, sql)
	}
}

// connect returns a connection that a Recorder observes, and an independent wire counter.
func (in wayIn) connect(t *testing.T, mode pgx.QueryExecMode) (*pgx.Conn, *wire) {
	t.Helper()
	config, w := in.config.Copy().ConnConfig, &wire{}
	config.DefaultQueryExecMode = mode
	w.watch(config)
	return connect(t, config), w
}

// prepares reports whether a proxy sees a failed statement of conn only as a prepare.
func (in wayIn) prepares(conn *pgx.Conn) bool {
	mode := conn.Config().DefaultQueryExecMode
	return in.name == "proxy" && mode != pgx.QueryExecModeExec && mode != pgx.QueryExecModeSimpleProtocol
}

func (c refusalCase) check(t *testing.T, in wayIn, conn *pgx.Conn, w *wire) {
	t.Helper()
	want := c.counts
	if c.parsing && in.prepares(conn) {
		want = 0
	}
	mode := fmt.Sprint(in.name, ", ", conn.Config().DefaultQueryExecMode)
	_, _ = conn.Exec(t.Context(), c.before)
	waits := w.waits.Load()
	recording := in.record(t, func(ctx context.Context) {
		_, err := pgx.CollectRows(must1(conn.Query(ctx, c.sql, c.args...)), pgx.RowToMap)
		if pgErr := (*pgconn.PgError)(nil); (!errors.As(err, &pgErr) || pgErr.Code != c.code) && !c.clients {
			t.Errorf("%s, %s: error %v, want %s", c.name, mode, err, c.code)
		}
	})
	if got := withPrepares(recording); got.SQL != want {
		t.Errorf("%s, %s: %d statements, want %d; events %s", c.name, mode, got.SQL, want, describeEvents(recording))
	} else if waited := int(w.waits.Load() - waits); got.RoundTrips != waited {
		t.Errorf("%s, %s: %d round trips, want %d; events %s", c.name, mode, got.RoundTrips, waited, describeEvents(recording))
	}
	run(t, t.Context(), conn, "ROLLBACK; RESET ALL; RESET ROLE")
}

// A statement that the server does not prepare was not executed, whatever the error says.
func TestRefusedToPrepare(t *testing.T) {
	setup := pgtest.Pool(t, failing)
	const taken = "SELECT id FROM item WHERE id = $1 -- whose name is taken"
	var name string
	must(t, setup.AcquireFunc(t.Context(), func(c *pgxpool.Conn) error {
		if _, err := c.Exec(t.Context(), taken, 1); err != nil {
			return err
		}
		return c.QueryRow(t.Context(), "SELECT name FROM pg_prepared_statements WHERE statement = $1", taken).Scan(&name)
	}))
	const cached, described, direct, exec, simple = pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe,
		pgx.QueryExecModeDescribeExec, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol
	for _, c := range []struct {
		name   string
		mode   pgx.QueryExecMode
		sql    string
		code   string
		counts int
	}{
		{"name that is taken", cached, taken, "42P05", 0},
		{"not UTF-8", cached, "SELECT $1::int, '\xff'", "22021", 0},
		{"not UTF-8", described, "SELECT $1::int, '\xff'", "22021", 0},
		{"not UTF-8", direct, "SELECT $1::int, '\xff'", "22021", 0},
		{"not UTF-8", exec, "SELECT $1::int, '\xff'", "22021", 0},
		// The error could also be of a conversion at run time.
		{"not UTF-8", simple, "SELECT $1::int, '\xff'", "22021", 1},
		{"not UTF-8 at run time", exec, "SELECT convert_from('\\xff', 'UTF8'), $1::int", "22021", 1},
		{"not UTF-8 at run time", cached, "SELECT convert_from('\\xff', 'UTF8'), $1::int", "22021", 1},
		{"constant that names no type", exec, "SELECT 'int[['::regtype, $1::int", "42601", 0},
		{"constant that names no type", simple, "SELECT 'int[['::regtype, $1::int", "42601", 1},
	} {
		of := refusalCase{name: c.name, before: `PREPARE "` + name + `" AS SELECT 1`, sql: c.sql, args: []any{1}, code: c.code, counts: c.counts}
		inEachWay(t, setup, []pgx.QueryExecMode{c.mode}, func(in wayIn, conn *pgx.Conn, w *wire) { of.check(t, in, conn, w) })
	}
}

// A changed plan is not executed.
func TestRefusedPlan(t *testing.T) {
	setup := pgtest.Pool(t, failing)
	inEachWay(t, setup, modes[:1], func(in wayIn, conn *pgx.Conn, w *wire) {
		const all = "SELECT * FROM positive WHERE id = $1"
		run(t, t.Context(), conn, all, 1)
		run(t, t.Context(), conn, "ALTER TABLE positive ADD COLUMN "+in.name+" int")
		refusalCase{name: "plan", sql: all, args: []any{1}, code: "0A000"}.check(t, in, conn, w)
	})
}

// pgx prepares the statements of a batch before it sends any. If one fails, none is executed; in
// other modes the server executes those before it.
func TestRefusedItems(t *testing.T) {
	setup := pgtest.Pool(t, failing)
	hold(t, setup, "LOCK TABLE locked")
	for _, c := range []struct {
		name, sql string
		arg       any
		counts    [5]int // by mode
		parsed    bool   // only the place of the error tells that it is refused, which a proxy sees
	}{
		{"column", "SELECT nothing FROM item WHERE id = $1", 1, [5]int{0, 0, 0, 1, 1}, false},
		{"rows that cannot be locked", "SELECT DISTINCT id FROM item WHERE id = $1 FOR UPDATE", 1, [5]int{0, 0, 0, 1, 1}, false},
		{"not UTF-8", "SELECT $1::int, '\xff'", 1, [5]int{0, 0, 0, 2, 1}, true},
		{"lock of a table", "SELECT id FROM locked WHERE id = $1", 1, [5]int{0, 0, 0, 2, 2}, false},
		{"argument", "SELECT $1::int", "abc", [5]int{1, 1, 1, 1, 1}, false},
		{"division by zero", "SELECT 1 / ($1::int - 1)", 1, [5]int{2, 2, 2, 2, 2}, false},
		{"text search", "SELECT to_tsquery($1)", "a b", [5]int{2, 2, 2, 2, 2}, false},
	} {
		for _, in := range waysIn(t, setup.Config()) {
			in.config.ConnConfig.RuntimeParams["lock_timeout"] = "20"
			for i, mode := range modes {
				conn, _ := in.connect(t, mode)
				batch := &pgx.Batch{}
				batch.Queue("SELECT $1::int", 1)
				batch.Queue(c.sql, c.arg)
				batch.Queue("SELECT $1::int", 2)
				recording := in.record(t, func(ctx context.Context) { mustFail(t, conn.SendBatch(ctx, batch).Close()) })
				want := c.counts[i]
				if c.parsed && in.name == "proxy" && mode == pgx.QueryExecModeExec {
					want = 1
				}
				if got := recording.Counts().SQL; got != want {
					t.Errorf("%s, %s, %s: %d statements, want %d; events %s", c.name, in.name, mode, got, want, describeEvents(recording))
				}
				balanced(t, in.r, c.name, in.name, mode)
			}
		}
	}
}

// A batch with nothing to parse is not mistaken for the previous request, which had.
func TestFailedPlanInBatch(t *testing.T) {
	pool := pgtest.Pool(t, schema)
	inEachWay(t, pool, modes[:4], func(in wayIn, conn *pgx.Conn, _ *wire) { // the simple protocol takes no names
		prepare(t, t.Context(), conn, "divides", "SELECT 1/0 + $1::int")
		run(t, t.Context(), conn, selectOne, 1)
		recording := in.record(t, func(ctx context.Context) { mustFail(t, conn.SendBatch(ctx, batchOf("divides", 1)).Close()) })
		if got := recording.Counts().SQL; got != 1 {
			t.Errorf("%s, %s: %d statements, want 1; events %s", in.name, conn.Config().DefaultQueryExecMode, got, describeEvents(recording))
		}
	})
}

// must1 is for calls that report their error later.
func must1(rows pgx.Rows, _ error) pgx.Rows { return rows }

// A statement that timed out was being executed, even while it was parsed.
func TestTimeouts(t *testing.T) {
	setup := pgtest.Pool(t, failing)
	hold(t, setup, "LOCK TABLE locked", "SELECT id FROM item WHERE id = 1 FOR UPDATE")
	for _, in := range waysIn(t, setup.Config()) {
		in.config.ConnConfig.RuntimeParams["statement_timeout"] = "50"
		for _, mode := range modes {
			conn, _ := in.connect(t, mode)
			for _, sql := range []string{
				"SELECT pg_sleep($1)", "SELECT id FROM locked WHERE id = $1", "UPDATE item SET name = 'b' WHERE id < $1",
			} {
				recording := in.record(t, func(ctx context.Context) {
					_, err := pgx.CollectRows(must1(conn.Query(ctx, sql, 30)), pgx.RowToMap)
					mustFail(t, err)
				})
				want := 1
				if strings.Contains(sql, "locked") && in.prepares(conn) {
					want = 0
				}
				if got := recording.Counts().SQL; got != want {
					t.Errorf("%s, %s, %s: %d statements, want %d; events %s", sql, in.name, mode, got, want, describeEvents(recording))
				}
			}
		}
	}
}

// Ending an idle session executes nothing.
func TestEndedBeforeTheStatement(t *testing.T) {
	beside := pgtest.Pool(t, schema)
	for _, mode := range modes {
		r := &tracer.Recorder{}
		config := beside.Config()
		config.MaxConns = 1
		config.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return false }
		config.ConnConfig.DefaultQueryExecMode = mode
		r.Attach(config.ConnConfig)
		pool := newPool(t, config)
		for name, work := range map[string]op{
			"query": doScan("SELECT $1::int", 1),
			"write": doExec("INSERT INTO item VALUES ($1, 'a')", 1),
			"begin": inTx(),
			"batch": doSend(func() *pgx.Batch { return batchOf(selectOne, 1, 2) }),
			"copy":  doCopy("item"),
		} {
			pid := pidOf(t, pool)
			run(t, t.Context(), beside, "SELECT pg_terminate_backend($1)", pid)
			for alive := true; alive; {
				must(t, beside.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1)", pid).Scan(&alive))
			}
			recording := record(t, func(ctx context.Context) { mustFail(t, work(ctx, pool)) })
			if got, want := describeCounts(withPrepares(recording)), "acquires=1 max_held=1"; got != want {
				t.Errorf("%s, %s, counts %q, want %q; events %s", name, mode, got, want, describeEvents(recording))
			}
		}
		balanced(t, r, mode)
	}
}

// A statement whose prepare is waiting when the session ends was not sent.
func TestEndedWhileItPrepares(t *testing.T) {
	setup := pgtest.Pool(t, failing)
	hold(t, setup, "LOCK TABLE locked")
	inEachWay(t, setup, modes, func(in wayIn, conn *pgx.Conn, _ *wire) {
		ended := make(chan error, 1)
		go func() { ended <- terminateOnceItWaits(t.Context(), setup, conn.PgConn().PID()) }()
		recording := in.record(t, func(ctx context.Context) { mustFail(t, execute(ctx, conn, "DELETE FROM locked WHERE id = $1", 1)) })
		must(t, <-ended)
		if got := describeCounts(withPrepares(recording)); got != "" {
			t.Errorf("%s, %s: counts %q, want none; events %s", in.name, conn.Config().DefaultQueryExecMode, got, describeEvents(recording))
		}
	})
}

// terminateOnceItWaits ends session pid when it waits for a lock.
func terminateOnceItWaits(ctx context.Context, beside database, pid uint32) error {
	for {
		var ended bool
		err := beside.QueryRow(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = 'Lock'", int(pid)).Scan(&ended)
		if !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
	}
}
