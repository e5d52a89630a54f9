package tracer_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/multitracer"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Tracers as applications write them.
type (
	embeds       struct{ tracer.Hooks }
	forwards     struct{ next pgx.QueryTracer } // queries and nothing else
	forwardsMost struct {                       // all but batches and copies
		forwards
		pgx.ConnectTracer
		pgx.PrepareTracer
		pgxpool.AcquireTracer
		pgxpool.ReleaseTracer
	}
	startsOnly struct{ forwards }
	endsOnly   struct{ forwards }
	endsTwice  struct{ forwards }
	hides      struct{ tracer.Hooks } // puts another context around that of the Recorder
	detaches   struct{ tracer.Hooks } // keeps the context to itself

	// These implement everything but do not pass everything on.
	keepsQueries struct{ tracer.Hooks }
	keepsBatches struct{ tracer.Hooks }
	keepsCopies  struct{ tracer.Hooks }

	lacksPrepares struct { // all but those
		forwards
		pgx.BatchTracer
		pgx.CopyFromTracer
		pgx.ConnectTracer
		pgxpool.AcquireTracer
		pgxpool.ReleaseTracer
	}
	lacksAcquires struct {
		forwards
		pgx.BatchTracer
		pgx.CopyFromTracer
		pgx.ConnectTracer
		pgx.PrepareTracer
	}
)

func (keepsQueries) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}
func (keepsQueries) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (keepsBatches) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}
func (keepsBatches) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (keepsBatches) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}

func (keepsCopies) TraceCopyFromStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceCopyFromStartData) context.Context {
	return ctx
}
func (keepsCopies) TraceCopyFromEnd(context.Context, *pgx.Conn, pgx.TraceCopyFromEndData) {}

func (f forwards) TraceQueryStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	return f.next.TraceQueryStart(ctx, conn, data)
}

func (f forwards) TraceQueryEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryEndData) {
	f.next.TraceQueryEnd(ctx, conn, data)
}

func (startsOnly) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (endsOnly) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}

func (f endsTwice) TraceQueryEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryEndData) {
	f.next.TraceQueryEnd(ctx, conn, data)
	f.next.TraceQueryEnd(ctx, conn, data)
}

type hidesKey struct{}

func (h hides) TraceQueryStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	return context.WithValue(h.Hooks.TraceQueryStart(ctx, conn, data), hidesKey{}, h)
}

func (d detaches) TraceQueryStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	d.Hooks.TraceQueryStart(context.Background(), conn, data)
	return ctx
}

func (d detaches) TraceQueryEnd(_ context.Context, conn *pgx.Conn, data pgx.TraceQueryEndData) {
	d.Hooks.TraceQueryEnd(context.Background(), conn, data)
}

// whole is a Recorder whose queries take another way.
type whole struct {
	tracer.Hooks
	queries pgx.QueryTracer
}

func (w whole) TraceQueryStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	return w.queries.TraceQueryStart(ctx, conn, data)
}

func (w whole) TraceQueryEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryEndData) {
	w.queries.TraceQueryEnd(ctx, conn, data)
}

// However tracers are composed, a count is correct or an error says that it is not.
func TestComposedTracers(t *testing.T) {
	const doubled, untold = "reached the Recorder twice", "do not report everything to the Recorder"
	attach := func(before func(r tracer.Hooks) pgx.QueryTracer) func(*tracer.Recorder, *pgx.ConnConfig) {
		return func(r *tracer.Recorder, config *pgx.ConnConfig) {
			config.Tracer = before(tracer.HooksOf(r))
			r.Attach(config)
		}
	}
	after := func(with func(r tracer.Hooks) pgx.QueryTracer) func(*tracer.Recorder, *pgx.ConnConfig) {
		return func(r *tracer.Recorder, config *pgx.ConnConfig) {
			r.Attach(config)
			config.Tracer = with(tracer.HooksOf(r))
		}
	}
	setup := pgtest.Pool(t, schema)
	for _, c := range []struct {
		name      string
		configure func(r *tracer.Recorder, config *pgx.ConnConfig)
		want      string // of the error; "" is right counts
	}{
		{"embeds", attach(func(r tracer.Hooks) pgx.QueryTracer { return embeds{r} }), doubled},
		{"embeds, among others", attach(func(r tracer.Hooks) pgx.QueryTracer { return multitracer.New(&queries{}, embeds{r}) }), doubled},
		{"embeds, beside it", after(func(r tracer.Hooks) pgx.QueryTracer { return multitracer.New(r, embeds{r}) }), doubled},
		{"twice itself", after(func(r tracer.Hooks) pgx.QueryTracer { return multitracer.New(r, r) }), doubled},
		{"forwards", attach(func(r tracer.Hooks) pgx.QueryTracer { return forwards{r} }), doubled},
		{"hides", attach(func(r tracer.Hooks) pgx.QueryTracer { return hides{r} }), doubled},
		{"detaches", attach(func(r tracer.Hooks) pgx.QueryTracer { return detaches{r} }), doubled},
		{"detaches queries", after(func(r tracer.Hooks) pgx.QueryTracer { return whole{r, multitracer.New(forwards{detaches{r}}, r)} }), doubled},
		{"starts only", attach(func(r tracer.Hooks) pgx.QueryTracer { return startsOnly{forwards{r}} }), doubled},
		{"ends only", attach(func(r tracer.Hooks) pgx.QueryTracer { return endsOnly{forwards{r}} }), doubled},
		{"ends twice", after(func(r tracer.Hooks) pgx.QueryTracer { return whole{r, endsTwice{forwards{r}}} }), doubled},

		{"another, after it", after(func(tracer.Hooks) pgx.QueryTracer { return &queries{} }), untold},
		{"none, after it", after(func(tracer.Hooks) pgx.QueryTracer { return nil }), untold},
		{"forwards, after it", after(func(r tracer.Hooks) pgx.QueryTracer { return forwards{r} }), untold},
		{"forwards most, after it", after(func(r tracer.Hooks) pgx.QueryTracer { return forwardsMost{forwards{r}, r, r, r, r} }), untold},

		{"keeps queries, after it", after(func(r tracer.Hooks) pgx.QueryTracer { return keepsQueries{r} }), untold},
		{"keeps batches, after it", after(func(r tracer.Hooks) pgx.QueryTracer { return keepsBatches{r} }), untold},
		{"keeps copies, among others", after(func(r tracer.Hooks) pgx.QueryTracer { return multitracer.New(&queries{}, keepsCopies{r}) }), untold},
		{"lacks prepares, after it", after(func(r tracer.Hooks) pgx.QueryTracer { return lacksPrepares{forwards{r}, r, r, r, r, r} }), untold},
		{"lacks acquires, after it", after(func(r tracer.Hooks) pgx.QueryTracer { return lacksAcquires{forwards{r}, r, r, r, r} }), untold},
		{"wrapped, and another Recorder", func(r *tracer.Recorder, config *pgx.ConnConfig) {
			r.Attach(config)
			config.Tracer = embeds{tracer.HooksOf(r)}
			new(tracer.Recorder).Attach(config)
		}, doubled},
		{"another Recorder, wrapped", func(r *tracer.Recorder, config *pgx.ConnConfig) {
			other := new(tracer.Recorder)
			other.Attach(config)
			config.Tracer = embeds{tracer.HooksOf(other)}
			r.Attach(config)
		}, doubled},

		{"embeds, after it", after(func(r tracer.Hooks) pgx.QueryTracer { return embeds{r} }), ""},
		{"wraps queries, after it", after(func(r tracer.Hooks) pgx.QueryTracer { return whole{r, forwards{r}} }), ""},
		{"another beside it", after(func(r tracer.Hooks) pgx.QueryTracer { return multitracer.New(r, &queries{}) }), ""},
		{"composed, after it", after(func(r tracer.Hooks) pgx.QueryTracer { return multitracer.New(&queries{}, embeds{r}) }), ""},
	} {
		for _, scoped := range []bool{true, false} {
			r := &tracer.Recorder{}
			run(t, t.Context(), setup, "TRUNCATE item")
			config := setup.Config()
			c.configure(r, config.ConnConfig)
			pool := newPool(t, config)
			ctx, scope := t.Context(), (*tracer.Scope)(nil)
			if scoped {
				ctx, scope = tracer.Start(ctx, c.name)
			}
			before := beside.Balance(r)
			doEverything(t, ctx, pool)
			for _, err := range []error{r.Balance(), beside.ErrSince(beside.Balance(r), before)} {
				switch {
				case err == nil && c.want != "" && (scoped || c.name != "ends only" && c.name != "ends twice"):
					t.Errorf("%s, in a scope %t: no error, want one that it %s; %s", c.name, scoped, c.want, describeBalance(tracer.SumsOf(r)))
				case err != nil && (c.want == "" || scoped && !strings.Contains(err.Error(), c.want)):
					t.Errorf("%s, in a scope %t: error %v, want one that it %s", c.name, scoped, err, c.want)
				}
			}
			if scoped && c.want == "" {
				counts := scope.End().Counts()
				equal(t, c.name+": counts", describeCounts(counts), everything)
			}
		}
	}
}

// In each query mode, a statement that a Tracer does not pass on is noticed, and work on a PgConn
// is not mistaken for it.
func TestTracerThatDropsStatements(t *testing.T) {
	config := pgtest.Pool(t, schema).Config().ConnConfig
	for _, mode := range modes {
		r := &tracer.Recorder{}
		config := config.Copy()
		config.DefaultQueryExecMode = mode
		other := connect(t, config)
		r.Attach(config)
		config.Tracer = whole{tracer.HooksOf(r), keepsQueries{}}
		attached := connect(t, config)
		pgConn := func(sql string) {
			_, err := attached.PgConn().Exec(t.Context(), sql).ReadAll()
			must(t, err)
		}
		pgConn("SELECT 1; SELECT 2")
		batch := &pgx.Batch{}
		batch.Queue("SELECT $1::int", 1).QueryRow(func(row pgx.Row) error { // within which another is used
			pgConn("SELECT 3")
			return row.Scan(new(int))
		})
		must(t, other.SendBatch(t.Context(), batch).Close())
		must(t, attached.Ping(t.Context()))
		must(t, attached.DeallocateAll(t.Context()))
		if b := tracer.SumsOf(r); b.Get("Untold") != 0 || b.Err() != nil {
			t.Errorf("%v: balance %+v, %v, want nothing untold", mode, b, b.Err())
		}
		does(doCollect("SELECT generate_series(1, $1::int)", 2), doScan("SELECT 1"), doExec("SELECT 1"))(t, t.Context(), attached)
		if b := tracer.SumsOf(r); b.Get("Untold") != 3 {
			t.Errorf("%v: %d untold, want 3", mode, b.Get("Untold"))
		}
	}
}

// The Tracer of one of two pools is replaced before it connects.
func TestReplacedTracerOfOnePool(t *testing.T) {
	for name, lose := range map[string]func(config *pgxpool.Config){
		"in its config": func(config *pgxpool.Config) { config.ConnConfig.Tracer = &queries{} },
		"in BeforeConnect": func(config *pgxpool.Config) {
			config.BeforeConnect = func(_ context.Context, config *pgx.ConnConfig) error { config.Tracer = nil; return nil }
		},
	} {
		for _, together := range []bool{false, true} {
			first, r := recordedPool(t, nil)
			config := first.Config()
			lose(config)
			second := newPool(t, config)
			if together { // the second connects while the first does
				conn, err := pgx.ConnectConfig(tracer.HooksOf(r).TraceConnectStart(t.Context(), pgx.TraceConnectStartData{}), config.ConnConfig)
				must(t, err)
				must(t, conn.Close(t.Context()))
				must(t, second.Ping(t.Context()))
				run(t, t.Context(), first, "SELECT 1")
				tracer.HooksOf(r).TraceConnectEnd(t.Context(), pgx.TraceConnectEndData{Err: context.Canceled})
			}
			record(t, func(ctx context.Context) {
				run(t, ctx, first, "SELECT 1")
				run(t, ctx, second, "SELECT 1")
			})
			if err := r.Balance(); err == nil || !strings.Contains(err.Error(), "1 statement on connections that do not report everything") {
				t.Errorf("%s, together %t: error %v, want one of the statement on the second pool", name, together, err)
			}
		}
	}
}

// A host that was tried and abandoned is not an untold connection.
func TestAbandonedHosts(t *testing.T) {
	r := &tracer.Recorder{}
	config := pgtest.Pool(t, schema).Config().ConnConfig
	tries := 0
	config.Fallbacks = []*pgconn.FallbackConfig{{Host: config.Host, Port: config.Port}, {Host: config.Host, Port: config.Port}}
	config.ValidateConnect = func(ctx context.Context, conn *pgconn.PgConn) error {
		_, err := conn.Exec(ctx, "SELECT 1; SELECT 2").ReadAll()
		if tries++; tries < 3 {
			return &pgconn.NotPreferredError{}
		}
		return err
	}
	r.Attach(config)
	conn := connect(t, config)
	record(t, func(ctx context.Context) { run(t, ctx, conn, "SELECT 1") })
	if err := r.Balance(); err != nil || tries != 3 {
		t.Errorf("error %v after %d hosts", err, tries)
	}
}

// Pings depend on the clock, so they are no sign of a lost or incomplete Tracer. Everything else
// is.
func TestPingsAreNotUntold(t *testing.T) {
	setup := pgtest.Pool(t, schema)
	wants := map[string]int{"none": 2, "queries": 2, "without batches and copies": 1}
	for name, with := range map[string]func(r tracer.Hooks) pgx.QueryTracer{
		"none":                       func(tracer.Hooks) pgx.QueryTracer { return nil },
		"without batches and copies": func(r tracer.Hooks) pgx.QueryTracer { return forwardsMost{forwards{r}, r, r, r, r} },
		"queries":                    func(r tracer.Hooks) pgx.QueryTracer { return forwards{r} },
		"everything":                 func(r tracer.Hooks) pgx.QueryTracer { return embeds{r} },
	} {
		r := &tracer.Recorder{}
		config := setup.Config()
		r.Attach(config.ConnConfig)
		config.ConnConfig.Tracer = with(tracer.HooksOf(r))
		config.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return true }
		pool := newPool(t, config)
		told := name != "none" && name != "queries"
		for range 3 {
			must(t, pool.Ping(t.Context()))
			if told {
				run(t, t.Context(), pool, "SELECT 1")
			}
		}
		if b := tracer.SumsOf(r); b.Err() != nil || b.Get("Untold") != 0 {
			t.Errorf("%s: balance %+v, %v", name, b, b.Err())
		}
		must(t, pool.SendBatch(t.Context(), quotients(10)).Close())
		run(t, t.Context(), pool, "SELECT 1")
		if b, want := tracer.SumsOf(r), wants[name]; b.Get("Untold") != want {
			t.Errorf("%s: %d untold after a batch of one and a query, want %d", name, b.Get("Untold"), want)
		}
	}
}

// A connection of pgconn itself has no tracer, and the error says so.
func TestPgConnWithAttachedConfig(t *testing.T) {
	r := &tracer.Recorder{}
	config := pgtest.Pool(t, schema).Config().ConnConfig
	before := config.Copy()
	r.Attach(config)
	for _, c := range []struct {
		config *pgx.ConnConfig
		want   string
	}{{before, ""}, {config, "1 statement on connections that do not report everything to the Recorder"}} {
		conn, err := pgconn.ConnectConfig(t.Context(), &c.config.Config)
		must(t, err)
		_, err = conn.Exec(t.Context(), "LISTEN x").ReadAll()
		must(t, err)
		must(t, conn.Close(t.Context()))
		if err := r.Balance(); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one that has %q", err, c.want)
		}
	}
}
