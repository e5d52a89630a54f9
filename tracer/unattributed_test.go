package tracer_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/tracer"
)

func TestUnattributed(t *testing.T) {
	ended := func(ctx context.Context) context.Context {
		ctx, scope := tracer.Start(ctx, "ended")
		scope.End()
		return ctx
	}
	queries := func(ctx context.Context, statements ...string) func(h tracer.Hooks) {
		return func(h tracer.Hooks) {
			for _, sql := range statements {
				query(ctx, h, sql)
			}
		}
	}
	none := t.Context()
	for _, c := range []struct {
		name string
		run  func(h tracer.Hooks)
		want string
	}{
		{"nothing", queries(none), ""},
		{"no scope", queries(none, "SELECT 1"), "query SELECT ? ×1"},
		{"a scope that has ended", queries(ended(none), "SELECT 1"), "query SELECT ? ×1 (after its scope had ended)"},
		{"the statement that started in time", func(h tracer.Hooks) {
			ctx, scope := tracer.Start(none, "ends early")
			open := h.TraceQueryStart(ctx, nil, pgx.TraceQueryStartData{SQL: "SELECT 1"})
			scope.End()
			h.TraceQueryEnd(open, nil, pgx.TraceQueryEndData{})
		}, ""},
		{"an inner scope that has ended hides the outer", func(h tracer.Hooks) {
			record(t, func(ctx context.Context) { query(ended(ctx), h, "SELECT 1") })
		}, "query SELECT ? ×1 (after its scope had ended)"},
		{"texts of one name are merged", queries(none, "SELECT 0", "SELECT 1", "SELECT 2"), "query SELECT ? ×3"},
		{"transaction control", queries(none, "begin"), "tx begin ×1"},
		{"copy", func(h tracer.Hooks) {
			h.TraceCopyFromStart(none, nil, pgx.TraceCopyFromStartData{TableName: pgx.Identifier{"item"}})
		}, `copy COPY "item" ×1`},
		{"items of a batch", func(h tracer.Hooks) {
			h.TraceBatchStart(none, nil, pgx.TraceBatchStartData{Batch: queue("SELECT 1", "SELECT 2")})
		}, "query SELECT ? ×2"},
		{"acquires, connects and prepares are the pool's own", func(h tracer.Hooks) {
			h.TraceAcquireStart(none, nil, pgxpool.TraceAcquireStartData{})
			h.TraceConnectStart(none, pgx.TraceConnectStartData{})
			h.TracePrepareStart(none, nil, pgx.TracePrepareStartData{SQL: "SELECT 1"})
		}, ""},
		{"sorted by kind and name, late ones last", func(h tracer.Hooks) {
			query(ended(none), h, "SELECT a")
			queries(none, "SELECT b", "SELECT a", "rollback", "begin")(h)
			for _, action := range []string{"read", "edit"} {
				must(t, checked(h.Recorder, nil)(none, "ann", action, "1"))
			}
		}, "check edit item ×1, check read item ×1, query SELECT a ×1, query SELECT a ×1 (after its scope had ended), query SELECT b ×1, tx begin ×1, tx rollback ×1"},
	} {
		var r tracer.Recorder
		c.run(tracer.HooksOf(&r))
		for range 100 { // the order must not depend on that of a map
			var list []string
			for _, s := range r.Unattributed() {
				list = append(list, fmt.Sprint(s.Kind, " ", s))
			}
			if got := strings.Join(list, ", "); got != c.want {
				t.Fatalf("%s: unattributed\n got %s\nwant %s", c.name, got, c.want)
			}
		}
	}
}

func TestUnattributedIsBounded(t *testing.T) {
	const kept, more = 256, 44
	var r tracer.Recorder
	for range 2 {
		for i := range kept + more {
			query(t.Context(), tracer.HooksOf(&r), fmt.Sprintf("SELECT c%03d", i))
		}
	}
	got := r.Unattributed()
	if len(got) != kept+1 {
		t.Fatalf("%d entries, want %d and the one for all the others", len(got), kept)
	}
	if first, want := got[0], (tracer.Stray{Kind: tracer.KindQuery, Name: "SELECT c000", Count: 2}); first != want {
		t.Errorf("first entry %+v, want %+v", first, want)
	}
	if last, want := got[kept], (tracer.Stray{Kind: tracer.KindQuery, Name: "…", Count: 2 * more}); last != want {
		t.Errorf("last entry %+v, want %+v", last, want)
	}
}

// With lines, further statements are counted by their names and lines, so that Scenario.Ignore finds
// them.
func TestUnattributedKeepsLines(t *testing.T) {
	r := tracer.Recorder{Sites: true}
	for i := range 600 {
		query(t.Context(), tracer.HooksOf(&r), fmt.Sprintf("INSERT INTO item VALUES (%d)", i))
	}
	for range 2 {
		query(t.Context(), tracer.HooksOf(&r), "SELECT what FROM audit")
	}
	for i := range 600 {
		query(t.Context(), tracer.HooksOf(&r), fmt.Sprintf("SELECT c%03d", i))
	}
	got := r.Unattributed()
	if len(got) > 2*256+3 { // one more for each line
		t.Errorf("%d entries", len(got))
	}
	found := map[string]int{}
	for _, s := range got {
		if s.Site == "" {
			t.Errorf("no line of %+v", s)
		}
		found[s.Name] += s.Count
	}
	if found["INSERT INTO item VALUES (?)"] != 600 || found["SELECT what FROM audit"] != 2 || found["…"] == 0 {
		t.Errorf("found %v", found)
	}
}

// Names of ended scopes take no room from statements, however many there are.
func TestOriginsAreBounded(t *testing.T) {
	const scopes = 400
	var r tracer.Recorder
	for i := range scopes {
		ctx, scope := tracer.Start(t.Context(), fmt.Sprint("example.com/orders list/", i))
		closed := beside.Open(&r, scope)
		scope.End()
		closed()
		query(ctx, tracer.HooksOf(&r), "SELECT 1")
	}
	if got := fmt.Sprint(r.Unattributed()); got != "[SELECT ? ×400 (after its scope had ended)]" {
		t.Errorf("Unattributed() = %s", got)
	}
	origins := map[string]bool{}
	for s := range beside.Strays(&r) {
		origins[s.Origin] = true
	}
	if n := len(origins); n < 2 || n > 65 {
		t.Errorf("%d different origins are kept, want some, and at most 64 and none", n)
	}
}
