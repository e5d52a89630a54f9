package tracer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fanout-bench/fanout-bench/internal/long"
	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// pgx does not guard a connection that goroutines share: they would race in pgx and hide
// everything else from the race detector. A turn lets one goroutine at a time use pgx's
// connection. While pgx calls the tracer it is the turn of others, so they all meet there, at
// every step.
type turn struct {
	sync.Mutex
	tracer.Hooks

	// What pgx reported of statements: a Counter counts those that were begun and not known to be
	// unsent.
	begun, done, unsent int
}

type (
	forCounter struct{}
	ofRows     struct{} // pgx may tell of them what became of others
)

func (t *turn) begins(ctx context.Context, n int) {
	if ctx.Value(forCounter{}) != nil {
		t.begun += n
	}
}

func (t *turn) ends(ctx context.Context, err error) {
	switch {
	case ctx.Value(forCounter{}) == nil, ctx.Value(ofRows{}) != nil:
	case err == nil:
		t.done++
	case pgconn.SafeToRetry(err):
		t.unsent++
	}
}

// pass lets others use the connection until the returned function is called.
func (t *turn) pass() func() {
	t.Unlock()
	return t.Lock
}

func (t *turn) TraceQueryStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	t.begins(ctx, 1)
	defer t.pass()()
	return t.Hooks.TraceQueryStart(ctx, conn, data)
}

func (t *turn) TraceQueryEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryEndData) {
	t.ends(ctx, data.Err)
	defer t.pass()()
	t.Hooks.TraceQueryEnd(ctx, conn, data)
}

func (t *turn) TraceBatchStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	t.begins(ctx, data.Batch.Len())
	defer t.pass()()
	return t.Hooks.TraceBatchStart(ctx, conn, data)
}

func (t *turn) TraceBatchQuery(ctx context.Context, conn *pgx.Conn, data pgx.TraceBatchQueryData) {
	if data.Err == nil {
		t.ends(ctx, nil)
	}
	defer t.pass()()
	t.Hooks.TraceBatchQuery(ctx, conn, data)
}

func (t *turn) TraceBatchEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceBatchEndData) {
	defer t.pass()()
	t.Hooks.TraceBatchEnd(ctx, conn, data)
}

func (t *turn) TraceCopyFromStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceCopyFromStartData) context.Context {
	t.begins(ctx, 1)
	defer t.pass()()
	return t.Hooks.TraceCopyFromStart(ctx, conn, data)
}

func (t *turn) TraceCopyFromEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceCopyFromEndData) {
	t.ends(ctx, data.Err)
	defer t.pass()()
	t.Hooks.TraceCopyFromEnd(ctx, conn, data)
}

func (t *turn) TracePrepareStart(ctx context.Context, conn *pgx.Conn, data pgx.TracePrepareStartData) context.Context {
	defer t.pass()()
	return t.Hooks.TracePrepareStart(ctx, conn, data)
}

func (t *turn) TracePrepareEnd(ctx context.Context, conn *pgx.Conn, data pgx.TracePrepareEndData) {
	defer t.pass()()
	t.Hooks.TracePrepareEnd(ctx, conn, data)
}

// A misuser misuses one connection. Whatever one goroutine leaves open, another may continue.
type misuser struct {
	turn    *turn
	config  *pgx.ConnConfig
	conn    *pgx.Conn
	txs     []pgx.Tx
	rows    []pgx.Rows
	batches []pgx.BatchResults
	cancels []context.CancelFunc
	ids     *atomic.Int64
	alone   bool
	pings   int   // that the server has answered
	panics  []any // of pgx
}

// step does one random thing, in its turn.
func (m *misuser) step(ctx context.Context, random *rand.Rand) (err error) {
	m.turn.Lock()
	defer m.turn.Unlock()
	defer m.survive(&err)
	if m.conn == nil || m.conn.IsClosed() && random.IntN(4) == 0 {
		conn, err := pgx.ConnectConfig(context.WithoutCancel(ctx), m.config)
		if err != nil {
			return err
		}
		m.conn, m.txs = conn, nil
	}
	if random.IntN(8) == 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		m.cancels = append(m.cancels, cancel)
	}
	id := m.ids.Add(1)
	var db database = m.conn
	if n := len(m.txs); n > 0 && random.IntN(4) > 0 {
		db = m.txs[random.IntN(n)]
	}
	switch random.IntN(22) {
	case 0, 1:
		_, _ = db.Exec(ctx, "SELECT 1")
	case 2, 3:
		_, _ = db.Exec(ctx, "INSERT INTO item VALUES ($1)", id)
	case 4:
		_, _ = db.Exec(ctx, "SELECT 1; SELECT 2; SELECT 3")
	case 5:
		_, _ = db.Exec(ctx, []string{"SELEC", "SELECT 1/0", "SELECT 1; SELECT 1/0", ""}[random.IntN(4)])
	case 6:
		_, _ = db.Exec(ctx, "SELECT $1::int", "not a number")
	case 7, 8:
		if rows, err := db.Query(context.WithValue(ctx, ofRows{}, true), "SELECT generate_series(1, $1::int)", 1+random.IntN(3000)); err == nil {
			m.rows = append(m.rows, rows)
		}
	case 9, 10, 11:
		if rows, ok := take(random, &m.rows); ok {
			rows.Next()
			_ = rows.Scan(new(string))
			rows.Close()
		}
	case 12:
		b := &pgx.Batch{}
		for i := range 1 + random.IntN(4) {
			b.Queue(selectOne, i)
		}
		if random.IntN(4) == 0 {
			b.Queue("SELECT 1/0")
		}
		m.batches = append(m.batches, db.SendBatch(ctx, b))
	case 13:
		if n := len(m.batches); n > 0 {
			if rows, err := m.batches[random.IntN(n)].Query(); err == nil {
				m.rows = append(m.rows, rows)
			}
		}
	case 14, 15:
		if results, ok := take(random, &m.batches); ok {
			_ = results.Close()
		}
	case 16:
		if tx, err := db.Begin(ctx); err == nil {
			m.txs = append(m.txs, tx)
		}
	case 17, 18:
		if tx, ok := take(random, &m.txs); ok {
			_ = []func(context.Context) error{tx.Commit, tx.Rollback}[random.IntN(2)](ctx)
		}
	case 19:
		table := []string{"item", "no_such"}[random.IntN(2)]
		_, _ = db.CopyFrom(ctx, pgx.Identifier{table}, []string{"id"}, pgx.CopyFromRows([][]any{{id}, {-id}}))
	case 20:
		name := fmt.Sprint("p", random.IntN(3))
		if _, err := m.conn.Prepare(ctx, name, selectOne); err == nil && random.IntN(2) == 0 {
			_ = m.conn.Deallocate(ctx, name)
		}
		_, _ = m.conn.Exec(ctx, name, 1)
	case 21:
		// Pings are not reported: beside the statement of another goroutine, one may be mistaken
		// for a part of it.
		if m.alone && m.conn.Ping(ctx) == nil {
			m.pings++
		}
	}
	if cancel, ok := take(random, &m.cancels); ok && random.IntN(8) == 0 {
		cancel()
	}
	// A statement sent while rows were open leaves the connection busy forever.
	if m.conn.PgConn().IsBusy() && random.IntN(8) == 0 {
		return m.end()
	}
	return nil
}

// end closes everything in any order.
func (m *misuser) end() error {
	rows, batches := m.rows, m.batches
	m.rows, m.batches = nil, nil
	var errs []error
	for _, r := range rows {
		errs = append(errs, m.try(r.Close))
	}
	for _, b := range batches {
		errs = append(errs, m.try(func() { _ = b.Close() }))
	}
	return errors.Join(append(errs, m.conn.Close(context.Background()))...)
}

// try does one thing. A panic of pgx does not prevent the rest.
func (m *misuser) try(do func()) (err error) {
	defer m.survive(&err)
	do()
	return nil
}

func (m *misuser) ended() (err error) {
	m.turn.Lock()
	defer m.turn.Unlock()
	defer m.survive(&err)
	return m.end()
}

// survive recovers from a panic of pgx, for example of rows whose place others took. A panic of
// the Recorder is an error.
func (m *misuser) survive(err *error) {
	p := recover()
	if p == nil {
		return
	}
	if stack := debug.Stack(); bytes.Contains(stack, []byte("fanout-bench/tracer.")) {
		*err = fmt.Errorf("%v\n%s", p, stack)
		return
	}
	m.panics = append(m.panics, p)
}

// take removes a random element.
func take[T any](random *rand.Rand, list *[]T) (one T, ok bool) {
	if len(*list) == 0 {
		return one, false
	}
	at := random.IntN(len(*list))
	one = (*list)[at]
	*list = append((*list)[:at], (*list)[at+1:]...)
	return one, true
}

// TestMisuse misuses connections at random. The Recorder neither panics nor races, and its
// balance is correct or says that it is not.
func TestMisuse(t *testing.T) { testMisuse(t, 24) }

// TestLongMisuse takes a minute, under the race detector in CI.
func TestLongMisuse(t *testing.T) {
	long.Test(t)
	testMisuse(t, 1<<20)
}

func testMisuse(t *testing.T, rounds int) {
	config := pgtest.Pool(t, schema).Config().ConnConfig
	config.RuntimeParams["statement_timeout"] = "30s"
	until := time.Now().Add(time.Minute)
	var (
		ids   atomic.Int64
		right = map[int]int{} // rounds, by how many goroutines took part
		round int
	)
	for round = 0; round < rounds && time.Now().Before(until) && !t.Failed(); round++ {
		goroutines := 1 + round%4
		if misuse(t, config.Copy(), &ids, uint64(round), goroutines) {
			right[goroutines]++
		}
	}
	t.Logf("of %d rounds these have a balance that is right: %v", round, right)
	if right[1] == 0 {
		t.Error("no balance is right, not even that of one goroutine")
	}
}

func isUnfinished(e tracer.Event) bool { return e.Outcome == tracer.OutcomeUnfinished }

// misuse reports whether the balance is correct. pgx keeps the source of rows in the connection,
// so rows that found it busy may end with the result of later ones; then there are more ends than
// statements.
func misuse(t *testing.T, config *pgx.ConnConfig, ids *atomic.Int64, seed uint64, goroutines int) bool {
	r, w := &tracer.Recorder{}, &wire{}
	m := &misuser{turn: &turn{Hooks: tracer.HooksOf(r)}, config: config, ids: ids, alone: goroutines == 1}
	r.Attach(config)
	config.Tracer = m.turn
	w.watch(config)
	inScope, scope := tracer.Start(t.Context(), "misuse")
	contexts := []context.Context{inScope}
	counted, counter := tracer.Count(context.WithValue(t.Context(), forCounter{}, true))
	if seed%3 == 0 {
		contexts = append(contexts, counted, t.Context())
	}
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(g)))
			for range 60 {
				if err := m.step(contexts[random.IntN(len(contexts))], random); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	must(t, m.ended())
	recording, b := scope.End(), tracer.SumsOf(r)
	// pgx does not report the end of a call that panics, nor of unclosed rows.
	if open := slices.IndexFunc(recording.Events, isUnfinished); open >= 0 && m.alone {
		t.Logf("round %d: event %d is unfinished: %s; pgx panicked: %v", seed, open, describeEvents(recording), m.panics)
	}
	right := b.Err() == nil && b.Get("Unfinished") == 0
	totals := counter.Totals()
	if n := totals.SQL + totals.Tx; right && (n < m.turn.done || n > m.turn.begun-m.turn.unsent) {
		t.Errorf("round %d: the balance is right, and the Counter has %+v; of %d statements pgx told that %d are done and %d were not sent",
			seed, totals, m.turn.begun, m.turn.done, m.turn.unsent)
	}
	done, perhaps := executed(recording), 0
	for _, e := range recording.Events {
		switch e.Outcome {
		case tracer.OutcomeUnknown, tracer.OutcomeUnfinished:
			perhaps++
		case tracer.OutcomeFailed:
			// With several goroutines, one call may end with the error of another after the
			// server did its work.
			switch e.Kind {
			case tracer.KindQuery, tracer.KindCopy, tracer.KindTx:
				if !m.alone {
					perhaps++
				}
			}
		}
	}
	// pgx continues to read while it closes a connection, and the Recorder does not.
	read, completed := b.Get("Wire")-m.pings, int(w.completed.Load())-m.pings
	if right && len(contexts) == 1 && (done > completed || read > done+perhaps) {
		t.Errorf("round %d: the balance is right, and %d statements are done and %d unknown; the server completed %d, of which %d were read: %+v; events %s",
			seed, done, perhaps, completed, read, b, describeEvents(recording))
	}
	return right
}
