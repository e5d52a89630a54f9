package tracer_test

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

const schema = `CREATE TABLE item (id int PRIMARY KEY, name text)`

// database has the common methods of a connection and a pool.
type database interface {
	Begin(ctx context.Context) (pgx.Tx, error)
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
	CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error)
}

// A serverCase runs on a new connection and, if pool is set, again on a pool with one connection.
type serverCase struct {
	name   string
	mode   pgx.QueryExecMode // 0: pgx's default
	run    func(t *testing.T, ctx context.Context, db database)
	counts string // the metrics that are not 0
	pool   string // what a pool adds to them
	events string // kind and outcome of all events but acquires
	hidden int    // statements on the wire that pgx shows to no tracer
	// proxy has the counts of a proxy if they differ: "none", or "any" if the client does not
	// wait.
	proxy  string
	leaks  string // work whose context carries no scope; * is any text
	atEnd  int    // statements that the server had completed when their commit failed
	noWire bool   // the client does not read all that the server says
	// notice is called when the client has read a notice and everything before it. May be nil.
	notice func()
	// logged is how many more lines the server's log has than there are events of statements that
	// reached it; it may be negative.
	logged int
}

func runServerCases(t *testing.T, cases []serverCase) {
	t.Helper()
	setup := pgtest.Pool(t, schema)
	config := setup.Config()
	serverLog := openServerLog(t, setup)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Run("conn", func(t *testing.T) {
				r, w := &tracer.Recorder{}, &wire{}
				conn := connect(t, c.configure(config, r, w).ConnConfig)
				c.check(t, r, w, serverLog.of(t, conn), conn, c.counts)
			})
			t.Run("proxy", func(t *testing.T) { c.checkProxied(t, config) })
			if c.pool == "" {
				return
			}
			t.Run("pool", func(t *testing.T) {
				r, w := &tracer.Recorder{}, &wire{}
				pool := newPool(t, c.configure(config, r, w))
				c.check(t, r, w, serverLog.of(t, pool), pool, strings.TrimSpace(c.counts+" "+c.pool))
			})
		})
	}
}

func (c serverCase) configure(config *pgxpool.Config, r *tracer.Recorder, w *wire) *pgxpool.Config {
	config = config.Copy()
	config.MaxConns = 1
	// A pool pings a connection that was idle for a second, which the wire would show.
	config.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return false }
	if c.mode != 0 {
		config.ConnConfig.DefaultQueryExecMode = c.mode
	}
	if c.notice != nil {
		config.ConnConfig.OnNotice = func(*pgconn.PgConn, *pgconn.Notice) { c.notice() }
	}
	r.Attach(config.ConnConfig)
	w.watch(config.ConnConfig)
	return config
}

func (c serverCase) check(t *testing.T, r *tracer.Recorder, w *wire, log sessionLog, db database, want string) {
	t.Helper()
	run(t, t.Context(), db, "TRUNCATE item")
	before := len(r.Unattributed())
	balance := tracer.SumsOf(r)
	completed, waits, logged := w.completed.Load(), w.waits.Load(), log.statements(t)
	ctx, scope := tracer.Start(t.Context(), t.Name())
	c.run(t, ctx, db)
	recording := scope.End()

	counts := withPrepares(recording)
	equal(t, "counts", describeCounts(counts), want)
	equal(t, "events", describeEvents(recording), c.events)
	c.checkWire(t, r, w, recording, waits+int64(c.hidden), false)
	if after := r.Unattributed(); len(after) != before {
		t.Errorf("Unattributed() = %v, want only the TRUNCATE", after)
	}
	pattern := strings.ReplaceAll(regexp.QuoteMeta("["+c.leaks+"]"), `\*`, ".*")
	if got := fmt.Sprint(recording.Leaks()); !regexp.MustCompile("^" + pattern + "$").MatchString(got) {
		t.Errorf("Leaks() = %s, want [%s]", got, c.leaks)
	}
	if got, want := log.statements(t)-logged, logLines(recording)+c.logged; c.logs(log) && got != want {
		t.Errorf("the log of the server has %d statements, want %d; events %s", got, want, describeEvents(recording))
	}
	if got := tracer.SumsOf(r).Get("Hidden") - balance.Get("Hidden"); got != c.hidden {
		t.Errorf("%d statements hidden, want %d", got, c.hidden)
	}
	if got, want := executed(recording)+c.hidden+c.atEnd, int(w.completed.Load()-completed); got != want && !c.noWire {
		t.Errorf("%d statements executed to their end, want %d as on the wire; events %s", got, want, describeEvents(recording))
	}
}

// checkWire checks what does not depend on the way to r. waits are the round trips that are not
// of the recording.
func (c serverCase) checkWire(t *testing.T, r *tracer.Recorder, w *wire, recording tracer.Recording, waits int64, proxied bool) {
	t.Helper()
	counts := withPrepares(recording)
	if got := sum(counts.Statements); got != counts.SQL {
		t.Errorf("Statements %v add up to %d, want SQL, which is %d", counts.Statements, got, counts.SQL)
	}
	if recording.Estimated {
		t.Error("the recording is estimated, and the connection is watched")
	}
	b := tracer.SumsOf(r)
	if err := b.Err(); err != nil && (!c.noWire || !proxied) {
		t.Error(err)
	}
	if c.noWire {
		return
	}
	if got, want := int64(b.Get("Wire")), w.completed.Load(); got != want {
		t.Errorf("%d statements on the wire, want %d as another saw there", got, want)
	}
	if got, want := int64(counts.RoundTrips), w.waits.Load()-waits; got != want {
		t.Errorf("%d round trips, want %d as on the wire", got, want)
	}
}

// withPrepares returns the counts of r with all round trips, as on the wire.
func withPrepares(r tracer.Recording) tracer.Counts {
	counts := r.Counts()
	counts.ConnTrips -= min(counts.MaxHeld, 1) * counts.RoundTrips
	counts.RoundTrips = 0
	for _, e := range r.Events {
		switch e.Kind {
		case tracer.KindQuery, tracer.KindCopy, tracer.KindTx, tracer.KindBatch, tracer.KindPrepare:
			counts.RoundTrips += e.RoundTrips
		}
	}
	counts.ConnTrips += min(counts.MaxHeld, 1) * counts.RoundTrips
	return counts
}

// logs reports whether the server's log can confirm the counts. It may lack what the client does
// not wait for.
func (c serverCase) logs(log sessionLog) bool {
	return log.file != "" && !c.noWire && !strings.Contains(c.events, "unknown") && !strings.Contains(c.events, "unfinished")
}

// executed returns the number of statements that the server completed.
func executed(r tracer.Recording) int {
	n := 0
	for _, e := range r.Events {
		switch e.Kind {
		case tracer.KindQuery, tracer.KindCopy, tracer.KindTx, tracer.KindSetup:
			if e.Outcome == tracer.OutcomeDone || e.Outcome == tracer.OutcomeUnread {
				n++
			}
		}
	}
	return n
}

// describeCounts leaves ConnTrips out where it is what one connection of a pool makes it.
func describeCounts(c tracer.Counts) string {
	var list []string
	for _, m := range tracer.Metrics() {
		if m == tracer.ConnTrips && c.ConnTrips == min(c.Acquires, 1)*c.RoundTrips {
			continue
		}
		if n := m.Of(c); n != 0 {
			list = append(list, fmt.Sprintf("%s=%d", m, n))
		}
	}
	return strings.Join(list, " ")
}

func describeEvents(r tracer.Recording) string {
	var list []string
	for _, e := range r.Events {
		if e.Kind != tracer.KindAcquire {
			list = append(list, fmt.Sprintf("%s %s", e.Kind, e.Outcome))
		}
	}
	return strings.Join(list, ", ")
}

func sum(counts map[string]int) int {
	total := 0
	for _, n := range counts {
		total += n
	}
	return total
}

func connect(t testing.TB, config *pgx.ConnConfig) *pgx.Conn {
	t.Helper()
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func newPool(t testing.TB, config *pgxpool.Config) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		closed := make(chan struct{})
		go func() { pool.Close(); close(closed) }()
		select {
		case <-closed:
		case <-time.After(10 * time.Second):
			t.Error("a connection was never given back to the pool")
		}
	})
	return pool
}

// recordedPool returns a pool on a new database, and its Recorder.
func recordedPool(t testing.TB, change func(*pgxpool.Config)) (*pgxpool.Pool, *tracer.Recorder) {
	t.Helper()
	r := &tracer.Recorder{}
	config := pgtest.Pool(t, schema).Config()
	r.Attach(config.ConnConfig)
	if change != nil {
		change(config)
	}
	return newPool(t, config), r
}

// recordedConn returns a connection to a new database, and its Recorder.
func recordedConn(t testing.TB, schema string, change func(*pgx.ConnConfig)) (*pgx.Conn, *tracer.Recorder) {
	t.Helper()
	r := &tracer.Recorder{}
	config := pgtest.Pool(t, schema).Config().ConnConfig
	if change != nil {
		change(config)
	}
	r.Attach(config)
	return connect(t, config), r
}

// recordedDB returns a pool of database/sql on a new database, and its Recorder.
func recordedDB(t testing.TB, options ...stdlib.OptionOpenDB) (*sql.DB, *tracer.Recorder) {
	t.Helper()
	r := &tracer.Recorder{}
	config := pgtest.Pool(t, schema).Config().ConnConfig
	r.Attach(config)
	db := stdlib.OpenDB(*config, options...)
	t.Cleanup(func() { _ = db.Close() })
	return db, r
}

// pidOf returns the process of the server for the only connection of db.
func pidOf(t *testing.T, db database) (pid int) {
	t.Helper()
	onConn(func(_ *testing.T, _ context.Context, conn *pgx.Conn) { pid = int(conn.PgConn().PID()) })(t, t.Context(), db)
	return pid
}

// untilAsleep returns a context that ends when the session of db sleeps.
func untilAsleep(t *testing.T, ctx context.Context, db database) context.Context {
	t.Helper()
	pid := pidOf(t, db)
	beside := pgtest.Pool(t, "")
	ctx, cancel := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		defer cancel()
		for asleep := false; !asleep; {
			const sql = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep')"
			if err := beside.QueryRow(t.Context(), sql, pid).Scan(&asleep); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	t.Cleanup(func() { <-watched })
	return ctx
}

// must ends the test if the tested work did not do what the case needs.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func mustFail(t testing.TB, err error) {
	t.Helper()
	if err == nil {
		t.Fatal("no error, and the case is about one")
	}
}

// equal checks a description of what was recorded.
func equal(t testing.TB, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s\n got %s\nwant %s", what, got, want)
	}
}

// balanced checks that the counts of r are those of the server.
func balanced(t testing.TB, r *tracer.Recorder, where ...any) {
	t.Helper()
	if err := r.Balance(); err != nil {
		t.Errorf("%v: %v", where, err)
	}
}

// readAll reads the rows of a query.
func readAll(rows pgx.Rows, err error) error {
	if err != nil {
		return err
	}
	rows.Close()
	return rows.Err()
}

// panics checks that f does.
func panics(t testing.TB, what string, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s does not panic", what)
		}
	}()
	f()
}

func noStrays(t testing.TB, r *tracer.Recorder) {
	t.Helper()
	if got := r.Unattributed(); len(got) != 0 {
		t.Errorf("Unattributed() = %v, want none", got)
	}
}
