package fanouttest_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/fanouttest"
)

// A loaded is a test that may fail or be skipped.
type loaded struct {
	*fake
	skipped bool
}

func (l *loaded) Skipf(format string, args ...any) {
	l.Logf(format, args...)
	l.skipped = true
	runtime.Goexit()
}

func saturate(t *testing.T, load *fanouttest.Load, run func(context.Context) error) *loaded {
	t.Helper()
	l := &loaded{fake: &fake{T: t}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		fanouttest.Saturate(l, load, run)
	}()
	<-done
	return l
}

func selects(ctx context.Context, pool *pgxpool.Pool, times int) error {
	for range times {
		if _, err := pool.Exec(ctx, "SELECT 1"); err != nil {
			return err
		}
	}
	return nil
}

// TestSaturate has loads of which counts and latency tell the outcome, on any machine. How
// requests are answered is up to it; where it is too busy a test that does not fail is
// skipped.
func TestSaturate(t *testing.T) {
	errApp := errors.New("out of tea")
	// Short, and with a deadline that no machine misses.
	small := func(sustains int) fanouttest.Load {
		return fanouttest.Load{Connections: 2, RoundTrip: 10 * time.Millisecond, Rate: 20, Duration: 500 * time.Millisecond, Deadline: time.Minute, Sustains: sustains}
	}
	concurrent := small(101)
	concurrent.Concurrent = true
	for _, test := range []struct {
		name  string
		load  fanouttest.Load
		run   func(ctx context.Context, pool *pgxpool.Pool, alone bool) error
		fails bool
		says  []string
	}{
		{
			name: "room", load: small(100),
			run:  func(ctx context.Context, pool *pgxpool.Pool, _ bool) error { return selects(ctx, pool, 2) },
			says: []string{"20 requests/s for 500ms on a pool of 2, 10 ms round trips, deadline 1m0s", "answered    10, failed 0", "room for 100 requests/s by the counts, connections for 2 round trips", "pool        20 acquires"},
		},
		{
			name: "no room", load: small(101),
			run:   func(ctx context.Context, pool *pgxpool.Pool, _ bool) error { return selects(ctx, pool, 2) },
			fails: true,
			says: []string{
				"answered    10, failed 0",
				"has to sustain 101 requests/s and cannot: a request takes connections for 2 round trips, for which a pool of 2, 10 ms round trips has room 100 times a second",
			},
		},
		{
			name: "no room, and nobody asks for it", load: small(0),
			run:  func(ctx context.Context, pool *pgxpool.Pool, _ bool) error { return selects(ctx, pool, 20) },
			says: []string{"room for 10 requests/s by the counts"},
		},
		{
			name: "a connection that waits for another", load: small(51),
			run: func(ctx context.Context, pool *pgxpool.Pool, _ bool) error {
				return pgx.BeginFunc(ctx, pool, func(pgx.Tx) error { return selects(ctx, pool, 1) })
			},
			fails: true, says: []string{"a request takes connections for 4 round trips", "deadlock    a request holds 2 connections at once; 2 callers at once"},
		},
		{
			name: "goroutines", load: concurrent,
			run: func(ctx context.Context, pool *pgxpool.Pool, _ bool) error {
				first := make(chan error)
				go func() { first <- selects(ctx, pool, 1) }()
				return errors.Join(selects(ctx, pool, 1), <-first)
			},
			fails: true, says: []string{"connections for 2 round trips"},
		},
		{
			name: "fewer once it is under load", load: small(200),
			run: func(ctx context.Context, pool *pgxpool.Pool, alone bool) error {
				if alone {
					return selects(ctx, pool, 20)
				}
				return selects(ctx, pool, 1)
			},
			says: []string{"connections for 1 round trip"},
		},
		{
			name: "nothing of the pool", load: small(1000),
			run:  func(context.Context, *pgxpool.Pool, bool) error { return nil },
			says: []string{"no limit: a request needs no connection"},
		},
		{
			name: "a connection from elsewhere", load: small(10),
			run: func(ctx context.Context, pool *pgxpool.Pool, _ bool) error {
				conn, err := pool.Acquire(context.Background())
				if err != nil {
					return err
				}
				defer conn.Release()
				_, err = conn.Exec(ctx, "SELECT 1")
				return err
			},
			fails: true, says: []string{"how long a request needs connections is not known: no connection comes from a pool that is counted"},
		},
		{
			name: "work outside of the context", load: small(10),
			run: func(_ context.Context, pool *pgxpool.Pool, _ bool) error {
				return selects(context.Background(), pool, 1)
			},
			fails: true, says: []string{"work outside of the context"},
		},
		{
			name: "an error alone", load: small(10),
			run:   func(context.Context, *pgxpool.Pool, bool) error { return errApp },
			fails: true, says: []string{"a request alone fails: out of tea"},
		},
		{
			name: "an error under load", load: small(10),
			run: func(_ context.Context, _ *pgxpool.Pool, alone bool) error {
				if alone {
					return nil
				}
				return errApp
			},
			fails: true, says: []string{"answered    0, failed 10: 0 without a connection in time, 0 with a statement canceled, 10 otherwise", "10 requests failed with an error that no deadline explains: out of tea"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel() // they wait most of the time
			load := &test.load
			pool := db.Pool(t, load.Configure)
			l := saturate(t, load, func(ctx context.Context) error {
				_, under := ctx.Deadline()
				return test.run(ctx, pool, !under)
			})
			if l.failed != test.fails || l.failed && l.skipped {
				t.Errorf("failed: %t, skipped: %t; it says\n%s", l.failed, l.skipped, &l.said)
			}
			for _, text := range test.says {
				if !strings.Contains(l.said.String(), text) {
					t.Errorf("no %q in:\n%s", text, &l.said)
				}
			}
		})
	}
}

// TestSaturateCauses has requests that wait for a connection, and for a statement, until
// their deadline.
func TestSaturateCauses(t *testing.T) {
	load := &fanouttest.Load{Connections: 1, RoundTrip: time.Millisecond, Rate: 10, Duration: 500 * time.Millisecond, Deadline: 2 * time.Second}
	pool := db.Pool(t, load.Configure)
	l := saturate(t, load, func(ctx context.Context) error {
		if _, under := ctx.Deadline(); !under {
			return selects(ctx, pool, 1)
		}
		_, err := pool.Exec(ctx, "SELECT pg_sleep(60)")
		return err
	})
	if said := l.said.String(); l.failed || !strings.Contains(said, "answered    0, failed 5: ") || !strings.Contains(said, ", 0 otherwise") ||
		strings.Contains(said, " 0 with a statement canceled") { // the first has the connection
		t.Errorf("failed: %t; it says\n%s", l.failed, said)
	}
}

// TestSaturateAnotherPool has a request that also uses a pool beside that of the load, whose
// round trips take none of its connections.
func TestSaturateAnotherPool(t *testing.T) {
	load := &fanouttest.Load{Connections: 2, RoundTrip: 10 * time.Millisecond, Rate: 20, Duration: 500 * time.Millisecond, Deadline: time.Minute, Sustains: 101}
	pool := db.Pool(t, load.Configure)
	other := db.Pool(t, func(config *pgxpool.Config) { load.Recorder.Attach(config.ConnConfig) })
	l := saturate(t, load, func(ctx context.Context) error { return errors.Join(selects(ctx, pool, 1), selects(ctx, other, 1)) })
	if said := l.said.String(); !l.failed || !strings.Contains(said, "is not known: some connections come from another pool") || strings.Contains(said, "cannot") {
		t.Errorf("failed: %t; it says\n%s", l.failed, said)
	}
}

func TestSaturateRefuses(t *testing.T) {
	run := func(context.Context) error { return nil }
	for _, test := range []struct {
		name   string
		load   fanouttest.Load
		pooled bool
		says   string
	}{
		{"no pool", fanouttest.Load{}, false, "let its method Configure change the config"},
		{"too many connections", fanouttest.Load{Connections: 101}, true, "field Connections is 101"},
		{"a deadline before the first answer", fanouttest.Load{Deadline: time.Millisecond}, true, "no request ends before it"},
		{"no rate", fanouttest.Load{Rate: -1}, true, "none is below 0"},
		{"too many requests", fanouttest.Load{Rate: 1_000_000}, true, "make 3000000 requests"},
		{"no request", fanouttest.Load{Duration: time.Millisecond}, true, "make 0 requests"},
	} {
		load := &test.load
		if test.pooled {
			config, err := pgxpool.ParseConfig("postgres://127.0.0.1:1/nowhere")
			must(t, err)
			load.Configure(config)
		}
		if l := saturate(t, load, run); !l.failed || !strings.Contains(l.said.String(), test.says) {
			t.Errorf("%s: failed: %t; it says %s, want %s", test.name, l.failed, &l.said, test.says)
		}
	}
}
