package tracer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/tracer/internal/wire"
)

// busyError is pgx's error for the second caller.
type busyError struct{}

func (busyError) Error() string     { return "conn busy" }
func (busyError) SafeToRetry() bool { return true }

func attached(t *testing.T) (*Recorder, *pgx.Conn) {
	t.Helper()
	r := &Recorder{}
	config := pgtest.Pool(t, "").Config().ConnConfig
	r.Attach(config)
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return r, conn
}

// says makes a server send messages of these types.
func (m *meter) says(types string) {
	var text []byte
	for _, kind := range []byte(types) {
		text = append(text, kind, 0, 0, 0, 4)
	}
	m.said(text)
}

func (m *meter) said(text []byte) {
	_, _ = (&wire.Reader{Reader: bytes.NewReader(text), Meter: &m.Meter}).Read(make([]byte, len(text)))
}

// Goroutines share a connection: in any order of pgx's reports, each statement that reached the
// server counts once. In a script A< is the start of a statement, A> its end, A! the end of one
// that found the connection busy, and a dot is the server's answer. A small letter is a CopyFrom.
func TestSharedConnection(t *testing.T) {
	r, conn := attached(t)
	meter := r.session(conn).meter
	for _, c := range []struct {
		script    string
		sql       int
		estimated bool
	}{
		{script: "A< . A>", sql: 1},
		{script: "A< B< B! . A>", sql: 1},
		{script: "A< . B< B! A>", sql: 1},
		{script: "A< B< . B! A>", sql: 1},
		{script: "A< B< C< . C! B! A>", sql: 1},
		{script: "A< B< . A> B!", sql: 1, estimated: true},
		{script: "A< B< . . A> B>", sql: 2, estimated: true},
		{script: "A< B< . . B> A>", sql: 2, estimated: true},
		{script: "A< . B< . A> B>", sql: 2, estimated: true},
		{script: "A< . B< A> . B>", sql: 2, estimated: true},
		{script: "A< . B< . B> A>", sql: 2, estimated: true},
		{script: "A< B< . A! B>", sql: 1, estimated: true},
		{script: "A< B< . B> A!", sql: 1, estimated: true},
		{script: "A< B< C< . A> . C> B!", sql: 2, estimated: true},
		{script: "A< . B< A> C< . B> . C> D< . D>", sql: 4, estimated: true},
		{script: "A< B< . A> B! C< . C>", sql: 2, estimated: true},
		{script: "a< B< B! . a>", sql: 1},
		{script: "a< . B< B! a>", sql: 1},
		{script: "a< B< . B> a!", sql: 1, estimated: true},
		{script: "a< b< b! B< B! . a>", sql: 1},
		{script: "A< b< . A> b!", sql: 1, estimated: true},
	} {
		for _, where := range []string{"scope", "counter", "none"} {
			t.Run(fmt.Sprintf("%s %s", c.script, where), func(t *testing.T) {
				before, unattributed := SumsOf(r), r.Unattributed()
				ctx, scope, counter := t.Context(), &Scope{}, &Counter{}
				switch where {
				case "scope":
					ctx, scope = Start(ctx, "shared")
				case "counter":
					ctx, counter = Count(ctx)
				}
				open := map[byte]context.Context{}
				for _, step := range strings.Fields(c.script) {
					if step == "." {
						meter.says("CZ")
						continue
					}
					tag, err, copies := pgconn.NewCommandTag("SELECT 1"), error(nil), step[0] >= 'a'
					if step[1] == '!' {
						tag, err = pgconn.CommandTag{}, busyError{}
					}
					switch {
					case step[1] == '<' && copies:
						open[step[0]] = HooksOf(r).TraceCopyFromStart(ctx, conn, pgx.TraceCopyFromStartData{TableName: pgx.Identifier{"item"}})
					case step[1] == '<':
						open[step[0]] = HooksOf(r).TraceQueryStart(ctx, conn, pgx.TraceQueryStartData{SQL: "SELECT 1"})
					case copies:
						HooksOf(r).TraceCopyFromEnd(open[step[0]], conn, pgx.TraceCopyFromEndData{CommandTag: tag, Err: err})
					default:
						HooksOf(r).TraceQueryEnd(open[step[0]], conn, pgx.TraceQueryEndData{CommandTag: tag, Err: err})
					}
				}
				after := SumsOf(r)
				if err := after.Err(); err != nil || after.Get("Unfinished") != 0 || after.Get("Hidden") != before.Get("Hidden") {
					t.Errorf("balance %+v, %v", after, err)
				}
				switch where {
				case "counter":
					if got := counter.Totals(); got != (Totals{SQL: c.sql}) {
						t.Errorf("Totals() = %+v, want %d statements", got, c.sql)
					}
					return
				case "none":
					if got := after.Get("Unattributed") - before.Get("Unattributed"); got != c.sql {
						t.Errorf("%d unattributed, want %d; %v before, %v after", got, c.sql, unattributed, r.Unattributed())
					}
					return
				}
				recording := scope.End()
				counts := recording.Counts()
				if counts.SQL != c.sql || counts.RoundTrips != c.sql || recording.Estimated != c.estimated {
					t.Errorf("%d statements, %d round trips, estimated %t, want %d and %t; events %+v",
						counts.SQL, counts.RoundTrips, recording.Estimated, c.sql, c.estimated, recording.Events)
				}
			})
		}
	}
}

func TestRemove(t *testing.T) {
	first, second, third, rival := &call{}, &call{}, &call{}, &call{start: start{rival: true}}
	for name, c := range map[string]struct {
		open []*call
		at   int
		want []*call
	}{
		"a rival":                   {[]*call{first, rival, second, third}, 1, []*call{first, second, third}},
		"a call, with those within": {[]*call{first, second, rival, third}, 1, []*call{first, rival}},
	} {
		s := &session{open: c.open}
		if s.remove(c.at); !slices.Equal(s.open, c.want) {
			t.Errorf("%s: %d calls are open, want %d", name, len(s.open), len(c.want))
		}
	}
}

// A transaction that ended unseen has no later work.
func TestTransactionThatEndedUnseen(t *testing.T) {
	_, conn := attached(t)
	run := func(ctx context.Context, sql string) {
		t.Helper()
		if _, err := conn.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	run(t.Context(), "CREATE TEMP TABLE item (id int)")
	for name, work := range map[string]func() error{
		"query":   func() error { _, err := conn.Exec(context.Background(), "SELECT 1"); return err },
		"prepare": func() error { _, err := conn.Prepare(context.Background(), "", "SELECT 2"); return err },
		"copy": func() error {
			_, err := conn.CopyFrom(context.Background(), pgx.Identifier{"item"}, []string{"id"}, pgx.CopyFromRows([][]any{{1}}))
			return err
		},
	} {
		ctx, scope := Start(t.Context(), name)
		run(ctx, "BEGIN")
		if _, err := conn.PgConn().Exec(ctx, "COMMIT").ReadAll(); err != nil {
			t.Fatal(err)
		}
		if err := work(); err != nil {
			t.Fatal(err)
		}
		if recording := scope.End(); len(recording.Events) != 1 {
			t.Errorf("%s: events %v, want only begin", name, recording.Events)
		}
	}
}

// If the server and pgx disagree on the work of goroutines that shared a connection, the
// difference belongs to nobody, and the balance has it.
func TestUnbalancedSharedConnection(t *testing.T) {
	r, conn := attached(t)
	meter := r.session(conn).meter
	for completed, mixed := range map[int]int{1: -1, 2: 0, 3: 1} {
		before := SumsOf(r)
		first := HooksOf(r).TraceQueryStart(t.Context(), conn, pgx.TraceQueryStartData{SQL: "SELECT 1"})
		second := HooksOf(r).TraceQueryStart(t.Context(), conn, pgx.TraceQueryStartData{SQL: "SELECT 1"})
		for range completed {
			meter.says("CZ")
		}
		for _, ctx := range []context.Context{first, second} {
			HooksOf(r).TraceQueryEnd(ctx, conn, pgx.TraceQueryEndData{CommandTag: pgconn.NewCommandTag("SELECT 1")})
		}
		after := SumsOf(r)
		if got := after.Get("Mixed") - before.Get("Mixed"); got != mixed {
			t.Errorf("%d completed of two: %d mixed, want %d", completed, got, mixed)
		}
		if err := unbalanced(after.faults(before)); (err == nil) != (mixed == 0) {
			t.Errorf("%d completed of two: error %v", completed, err)
		}
	}
}

// Goroutines that share a connection call the hooks at the same time.
func TestSharedConnectionDoesNotRace(t *testing.T) {
	r, conn := attached(t)
	ctx, scope := Start(t.Context(), "shared")
	batch := &pgx.Batch{}
	batch.Queue("SELECT 1")
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			ctx := ctx
			if i%2 == 0 {
				ctx = context.Background()
			}
			for n := range 200 {
				var err error
				if n%3 == 0 {
					err = errors.New("of the client")
				}
				switch (n + i) % 4 {
				case 0:
					ctx := HooksOf(r).TracePrepareStart(ctx, conn, pgx.TracePrepareStartData{Name: fmt.Sprint("p", n%5), SQL: "SELECT 1"})
					HooksOf(r).TracePrepareEnd(ctx, conn, pgx.TracePrepareEndData{Err: err})
				case 1:
					ctx := HooksOf(r).TraceBatchStart(ctx, conn, pgx.TraceBatchStartData{Batch: batch})
					HooksOf(r).TraceBatchQuery(ctx, conn, pgx.TraceBatchQueryData{SQL: "SELECT 1"})
					HooksOf(r).TraceBatchEnd(ctx, conn, pgx.TraceBatchEndData{Err: err})
				case 2:
					ctx := HooksOf(r).TraceCopyFromStart(ctx, conn, pgx.TraceCopyFromStartData{TableName: pgx.Identifier{"item"}})
					HooksOf(r).TraceCopyFromEnd(ctx, conn, pgx.TraceCopyFromEndData{Err: err})
				case 3:
					ctx := HooksOf(r).TraceQueryStart(ctx, conn, pgx.TraceQueryStartData{SQL: "p1"})
					HooksOf(r).TraceQueryEnd(ctx, conn, pgx.TraceQueryEndData{Err: err})
				}
			}
		})
	}
	for range 200 { // meanwhile the connection is in use
		if _, err := conn.PgConn().Exec(context.Background(), "BEGIN; COMMIT").ReadAll(); err != nil {
			t.Error(err)
		}
	}
	_ = SumsOf(r)
	_ = scope.End()
	all.Wait()
	if got := len(r.session(conn).open); got > maxOpen {
		t.Errorf("%d calls are open", got)
	}
}

// A session is freed with its connection, and its figures are kept. Open calls on it may refer to
// the connection.
func TestSessionsOfGoneConnections(t *testing.T) {
	var r Recorder
	const connections = 10
	for range connections {
		f := r.watch(nil, "")(nil, nil)
		s := r.sessions.of(f)
		if s == nil {
			t.Fatal("a connection does not find its session")
		}
		s.push(&call{start: start{Context: context.WithValue(t.Context(), nodeKey{}, f)}})
		s.meter.says("CCCZ")
		runtime.KeepAlive(f)
	}
	for len(*r.sessions.byFrontend.Load()) > 0 {
		runtime.GC() // until the test is out of time
	}
	const statements = 3 * connections
	want := SumsFrom(map[string]int{
		"Wire": statements, "Unfinished": statements, "Untold": statements, "Connections": connections,
	})
	if got := r.sessions.sums(); got.of != want.of {
		t.Errorf("sums %v, want %v", got.Map(), want.Map())
	}
	if n := len(r.sessions.meters); n != 0 {
		t.Errorf("%d meters are kept of connections that are gone", n)
	}
}
