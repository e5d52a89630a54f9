package tracer_test

import (
	"cmp"
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/internal/countproxy"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// proxied returns a config for clients of a proxy that counts with r.
func proxied(t testing.TB, r *tracer.Recorder, config *pgxpool.Config) *pgxpool.Config {
	t.Helper()
	proxy, err := countproxy.Open(r, config.ConnString())
	must(t, err)
	t.Cleanup(proxy.Close)
	through, err := pgxpool.ParseConfig(proxy.URL())
	must(t, err)
	return through
}

// recordOpen is record for work without a context: it belongs to the open scope of r.
func recordOpen(t testing.TB, r *tracer.Recorder, work func(ctx context.Context)) tracer.Recording {
	t.Helper()
	_, scope := tracer.Start(t.Context(), t.Name())
	defer beside.Open(r, scope)()
	work(t.Context())
	return scope.End()
}

// A wayIn is a way to report a client's work to a Recorder.
type wayIn struct {
	name   string
	r      *tracer.Recorder
	config *pgxpool.Config // of clients
	record func(t testing.TB, work func(ctx context.Context)) tracer.Recording
}

// waysIn returns both ways for pgx: its tracer, and a proxy.
func waysIn(t testing.TB, config *pgxpool.Config) []wayIn {
	attached, open := &tracer.Recorder{}, &tracer.Recorder{}
	config = config.Copy()
	attached.Attach(config.ConnConfig)
	return []wayIn{
		{"attached", attached, config, record},
		{"proxy", open, proxied(t, open, config), func(t testing.TB, work func(ctx context.Context)) tracer.Recording {
			return recordOpen(t, open, work)
		}},
	}
}

var prepares = regexp.MustCompile(` ?prepare=\d+`)

// checkProxied runs the case on a connection that the Recorder only sees through a proxy.
func (c serverCase) checkProxied(t *testing.T, config *pgxpool.Config) {
	r, w := &tracer.Recorder{}, &wire{}
	conn := connect(t, c.configure(proxied(t, r, config), &tracer.Recorder{}, w).ConnConfig)
	run(t, t.Context(), conn, "TRUNCATE item")
	waits, before := w.waits.Load(), tracer.SumsOf(r)
	recording := recordOpen(t, r, func(ctx context.Context) { c.run(t, ctx, conn) })
	if c.proxy == "any" {
		return
	}

	after := tracer.SumsOf(r)
	c.checkWire(t, r, w, recording, waits+int64(after.Get("Hidden")-before.Get("Hidden")), true)
	got, want := describeCounts(withPrepares(recording)), strings.TrimPrefix(cmp.Or(c.proxy, c.counts), "none")
	if strings.Contains(c.events, "batch") { // no tracer is told what that prepares
		got, want = prepares.ReplaceAllString(got, ""), prepares.ReplaceAllString(want, "")
	}
	if got != want {
		t.Errorf("counts\n got %s\nwant %s; events %s", got, want, describeEvents(recording))
	}
}
