package tracer_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/multitracer"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/tracelog"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// log is a logger of pgx's tracelog.
type log struct {
	mu    sync.Mutex
	lines []string
}

func (l *log) Log(_ context.Context, _ tracelog.LogLevel, msg string, _ map[string]any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, msg)
}

func (l *log) tracer() *tracelog.TraceLog {
	return &tracelog.TraceLog{Logger: l, LogLevel: tracelog.LogLevelTrace}
}

// queries is an application's tracer for queries only. It adds its own value to their context.
type queries struct{ started, ended int }

type queriesKey struct{}

func (q *queries) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	q.started++
	return context.WithValue(ctx, queriesKey{}, q)
}

func (q *queries) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryEndData) {
	if ctx.Value(queriesKey{}) == q {
		q.ended++
	}
}

// However a Recorder is installed, it counts everything once.
func TestAttach(t *testing.T) {
	var l log
	for _, c := range []struct {
		name   string
		before pgx.QueryTracer
		attach func(r *tracer.Recorder, config *pgx.ConnConfig)
	}{
		{"no tracer", nil, attachOnce},
		{"twice", nil, attachTwice},
		{"tracelog", l.tracer(), attachOnce},
		{"tracelog, twice", l.tracer(), attachTwice},
		{"multitracer", multitracer.New(&queries{}, l.tracer()), attachOnce},
		{"multitracer, twice", multitracer.New(&queries{}, l.tracer()), attachTwice},
		{"multitracer in a multitracer, twice", multitracer.New(multitracer.New(&queries{}), l.tracer()), attachTwice},
		{"already in a multitracer", nil, func(r *tracer.Recorder, config *pgx.ConnConfig) {
			config.Tracer = multitracer.New(tracer.HooksOf(r), &queries{})
			r.Attach(config)
		}},
		{"already in an inner multitracer", nil, func(r *tracer.Recorder, config *pgx.ConnConfig) {
			config.Tracer = multitracer.New(multitracer.New(&queries{}, tracer.HooksOf(r)), l.tracer())
			r.Attach(config)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var r tracer.Recorder
			pool, _ := recordedPool(t, func(config *pgxpool.Config) {
				config.ConnConfig.Tracer = c.before
				c.attach(&r, config.ConnConfig)
			})
			counts := record(t, func(ctx context.Context) { doEverything(t, ctx, pool) }).Counts()
			equal(t, "counts", describeCounts(counts), everything)
		})
	}
}

func attachOnce(r *tracer.Recorder, config *pgx.ConnConfig) { r.Attach(config) }

func attachTwice(r *tracer.Recorder, config *pgx.ConnConfig) {
	r.Attach(config)
	r.Attach(config)
}

const everything = "sql=6 sql_unique=5 round_trips=7 tx=2 prepare=2 acquires=3 max_held=1"

func doEverything(t *testing.T, ctx context.Context, db database) {
	t.Helper()
	must(t, pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		for range 2 {
			if err := tx.QueryRow(ctx, "SELECT $1::int", 7).Scan(new(int)); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, "SELECT 1")
		return err
	}))
	must(t, db.SendBatch(ctx, quotients(10, 20)).Close())
	must(t, copyItems(ctx, db, "item"))
}

func TestAttachKeepsOtherTracers(t *testing.T) {
	var (
		l log
		q queries
	)
	pool, _ := recordedPool(t, func(config *pgxpool.Config) {
		config.ConnConfig.Tracer = multitracer.New(&q, l.tracer())
		new(tracer.Recorder).Attach(config.ConnConfig)
	})
	record(t, func(ctx context.Context) { doEverything(t, ctx, pool) })
	if q.started != 5 || q.ended != 5 { // begin, three queries, commit
		t.Errorf("the other tracer saw %d queries start and %d end, want 5", q.started, q.ended)
	}
	lines := strings.Join(l.lines, " ")
	for _, want := range []string{"Connect", "Acquire", "Query", "Prepare", "BatchQuery", "BatchClose", "CopyFrom", "Release"} {
		if !strings.Contains(lines, want) {
			t.Errorf("tracelog has no %s: %s", want, lines)
		}
	}
}

// Two Recorders would count everything twice.
func TestAttachRefusesASecondRecorder(t *testing.T) {
	for name, before := range map[string]pgx.QueryTracer{
		"alone":                   tracer.HooksOf(&tracer.Recorder{}),
		"in a multitracer":        multitracer.New(&queries{}, tracer.HooksOf(&tracer.Recorder{})),
		"in an inner multitracer": multitracer.New(multitracer.New(tracer.HooksOf(&tracer.Recorder{})), &queries{}),
	} {
		panics(t, name+": Attach", func() { new(tracer.Recorder).Attach(&pgx.ConnConfig{Tracer: before}) })
	}
}

// One Recorder may serve several pools.
func TestOneRecorderTwoPools(t *testing.T) {
	first, r := recordedPool(t, nil)
	second := newPool(t, first.Config())
	counts := record(t, func(ctx context.Context) {
		for _, pool := range []*pgxpool.Pool{first, second} {
			run(t, ctx, pool, "SELECT 1")
		}
		must(t, first.AcquireFunc(ctx, func(*pgxpool.Conn) error {
			return second.AcquireFunc(ctx, func(*pgxpool.Conn) error { return nil })
		}))
	}).Counts()
	equal(t, "counts", describeCounts(counts), "sql=2 sql_unique=1 round_trips=2 acquires=4 max_held=2")
	noStrays(t, r)
}
