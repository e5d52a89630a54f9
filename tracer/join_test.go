package tracer_test

import (
	"context"
	"testing"
	"time"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// TestJoin checks that work belongs to the scope of the joined context, and that the rest of the
// context is kept.
func TestJoin(t *testing.T) {
	pool, r := recordedPool(t, nil)
	type key struct{}
	deadline := time.Now().Add(time.Hour)
	elsewhere, cancel := context.WithDeadline(context.WithValue(t.Context(), key{}, "kept"), deadline)
	defer cancel()
	work := func(of context.Context) {
		t.Helper()
		ctx := tracer.Join(elsewhere, of)
		if d, ok := ctx.Deadline(); !ok || !d.Equal(deadline) || ctx.Value(key{}) != "kept" {
			t.Errorf("the context is not what it was")
		}
		run(t, ctx, pool, "SELECT 1")
	}

	outer, scope := tracer.Start(t.Context(), "outer")
	work(outer)
	within, end := r.Check(outer, "read", "", "", "")
	work(within)
	end(true)
	counting, counter := tracer.Count(t.Context())
	work(counting)
	inCheck, end := r.Check(counting, "read", "", "", "")
	work(inCheck)
	end(true)
	// A context that already has a scope loses it.
	other, left := tracer.Start(elsewhere, "left")
	run(t, tracer.Join(other, outer), pool, "SELECT 1")

	if c := scope.End().Counts(); c.SQL != 3 || c.RBAC != 1 {
		t.Errorf("the scope got %+v", c)
	}
	if c := counter.Totals(); c.SQL != 2 || c.RBAC != 1 {
		t.Errorf("the counter got %+v", c)
	}
	if c := left.End().Counts(); c.SQL != 0 {
		t.Errorf("the scope that was left got %+v", c)
	}
	if u := r.Unattributed(); len(u) > 0 {
		t.Errorf("lost: %v", u)
	}
	work(context.Background())
	work(outer)
	if u := r.Unattributed(); len(u) != 2 || u[0].Late || !u[1].Late {
		t.Errorf("got %v, want one without a scope, and one that came late", u)
	}
}
