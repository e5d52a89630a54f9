package tracer_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/tracer"
)

func TestUnattributed(t *testing.T) {
	ended := func(t *testing.T) context.Context {
		ctx, scope := tracer.Start(t.Context(), "ended")
		scope.End()
		return ctx
	}
	for _, c := range []struct {
		name string
		run  func(t *testing.T, r *tracer.Recorder)
		want []tracer.Stray
	}{
		{
			"nothing",
			func(*testing.T, *tracer.Recorder) {},
			nil,
		},
		{
			"no scope",
			func(t *testing.T, r *tracer.Recorder) { query(t.Context(), tracer.HooksOf(r), "SELECT 1") },
			[]tracer.Stray{{Kind: tracer.KindQuery, Name: "SELECT ?", Count: 1}},
		},
		{
			"a scope that has ended",
			func(t *testing.T, r *tracer.Recorder) { query(ended(t), tracer.HooksOf(r), "SELECT 1") },
			[]tracer.Stray{{Kind: tracer.KindQuery, Name: "SELECT ?", Late: true, Count: 1}},
		},
		{
			"the statement that started in time",
			func(t *testing.T, r *tracer.Recorder) {
				ctx, scope := tracer.Start(t.Context(), "ends early")
				open := tracer.HooksOf(r).TraceQueryStart(ctx, nil, pgx.TraceQueryStartData{SQL: "SELECT 1"})
				scope.End()
				tracer.HooksOf(r).TraceQueryEnd(open, nil, pgx.TraceQueryEndData{})
			},
			nil,
		},
		{
			"an inner scope that has ended hides the outer",
			func(t *testing.T, r *tracer.Recorder) {
				record(t, func(ctx context.Context) {
					inner, scope := tracer.Start(ctx, "inner")
					scope.End()
					query(inner, tracer.HooksOf(r), "SELECT 1")
				})
			},
			[]tracer.Stray{{Kind: tracer.KindQuery, Name: "SELECT ?", Late: true, Count: 1}},
		},
		{
			"texts of one name are merged",
			func(t *testing.T, r *tracer.Recorder) {
				for i := range 3 {
					query(t.Context(), tracer.HooksOf(r), fmt.Sprint("SELECT ", i))
				}
			},
			[]tracer.Stray{{Kind: tracer.KindQuery, Name: "SELECT ?", Count: 3}},
		},
		{
			"transaction control",
			func(t *testing.T, r *tracer.Recorder) { query(t.Context(), tracer.HooksOf(r), "begin") },
			[]tracer.Stray{{Kind: tracer.KindTx, Name: "begin", Count: 1}},
		},
		{
			"copy",
			func(t *testing.T, r *tracer.Recorder) {
				tracer.HooksOf(r).TraceCopyFromStart(t.Context(), nil, pgx.TraceCopyFromStartData{TableName: pgx.Identifier{"item"}})
			},
			[]tracer.Stray{{Kind: tracer.KindCopy, Name: `COPY "item"`, Count: 1}},
		},
		{
			"items of a batch",
			func(t *testing.T, r *tracer.Recorder) {
				tracer.HooksOf(r).TraceBatchStart(t.Context(), nil, pgx.TraceBatchStartData{Batch: quotients(10, 20)})
			},
			[]tracer.Stray{{Kind: tracer.KindQuery, Name: tracer.StatementName(quotient), Count: 2}},
		},
		{
			"acquires, connects and prepares are the pool's own",
			func(t *testing.T, r *tracer.Recorder) {
				tracer.HooksOf(r).TraceAcquireStart(t.Context(), nil, pgxpool.TraceAcquireStartData{})
				tracer.HooksOf(r).TraceConnectStart(t.Context(), pgx.TraceConnectStartData{})
				tracer.HooksOf(r).TracePrepareStart(t.Context(), nil, pgx.TracePrepareStartData{SQL: "SELECT 1"})
			},
			nil,
		},
		{
			"sorted by kind and name",
			func(t *testing.T, r *tracer.Recorder) {
				query(t.Context(), tracer.HooksOf(r), "SELECT b")
				must(t, checked(r, nil)(t.Context(), "ann", "read", "1"))
				query(t.Context(), tracer.HooksOf(r), "SELECT a")
				query(t.Context(), tracer.HooksOf(r), "rollback")
				query(t.Context(), tracer.HooksOf(r), "begin")
				must(t, checked(r, nil)(t.Context(), "ann", "edit", "1"))
			},
			[]tracer.Stray{
				{Kind: tracer.KindCheck, Name: "edit item", Count: 1},
				{Kind: tracer.KindCheck, Name: "read item", Count: 1},
				{Kind: tracer.KindQuery, Name: "SELECT a", Count: 1},
				{Kind: tracer.KindQuery, Name: "SELECT b", Count: 1},
				{Kind: tracer.KindTx, Name: "begin", Count: 1},
				{Kind: tracer.KindTx, Name: "rollback", Count: 1},
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			var r tracer.Recorder
			c.run(t, &r)
			if got := r.Unattributed(); !slices.Equal(got, c.want) {
				t.Errorf("Unattributed()\n got %+v\nwant %+v", got, c.want)
			}
		})
	}
}

// The order must not depend on that of a map.
func TestUnattributedOrderIsFixed(t *testing.T) {
	ctx, scope := tracer.Start(t.Context(), "ended")
	scope.End()
	want := []tracer.Stray{
		{Kind: tracer.KindQuery, Name: "SELECT ?", Count: 1},
		{Kind: tracer.KindQuery, Name: "SELECT ?", Late: true, Count: 1},
	}
	var r tracer.Recorder
	query(t.Context(), tracer.HooksOf(&r), "SELECT 1")
	query(ctx, tracer.HooksOf(&r), "SELECT 1")
	for range 100 {
		if got := r.Unattributed(); !slices.Equal(got, want) {
			t.Fatalf("Unattributed()\n got %+v\nwant %+v", got, want)
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

func TestStrayString(t *testing.T) {
	for want, u := range map[string]tracer.Stray{
		"GetUser ×2": {Kind: tracer.KindQuery, Name: "GetUser", Count: 2},
		"SELECT ? ×1 (after its scope had ended)": {Kind: tracer.KindQuery, Name: "SELECT ?", Late: true, Count: 1},
	} {
		if got := u.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
