package tracer_test

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/goleak"

	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

func TestRecordingIsInOrder(t *testing.T) {
	var r tracer.Recorder
	ctx, scope := tracer.Start(t.Context(), "GET /items")
	query(ctx, tracer.HooksOf(&r), "SELECT a")
	must(t, checked(&r, nil)(ctx, "ann", "read", "1"))
	query(ctx, tracer.HooksOf(&r), "-- name: GetB :one\nSELECT b")
	tracer.HooksOf(&r).TraceCopyFromStart(ctx, nil, pgx.TraceCopyFromStartData{TableName: pgx.Identifier{"item"}})
	recording := scope.End()
	if got, want := recording.Scope, "GET /items"; got != want {
		t.Errorf("Scope = %q, want %q", got, want)
	}
	var got []string
	for _, e := range recording.Events {
		got = append(got, e.Name)
		if e.Stack != nil {
			t.Errorf("%s has a stack, which are off by default: %v", e.Kind, e.Stack)
		}
	}
	if want := []string{"SELECT a", "read item", "GetB", `COPY "item"`}; !slices.Equal(got, want) {
		t.Errorf("names %q, want %q", got, want)
	}
}

func TestEmptyScope(t *testing.T) {
	counts := record(t, func(context.Context) {}).Counts()
	if got := describeCounts(counts); got != "" {
		t.Errorf("counts of nothing: %s", got)
	}
	if counts.Statements == nil || counts.Checks == nil {
		t.Errorf("Statements %v and Checks %v of nothing, want empty maps, which JSON shows as {}", counts.Statements, counts.Checks)
	}
}

func TestInnermostScopeWins(t *testing.T) {
	var r tracer.Recorder
	ctx, outer := tracer.Start(t.Context(), "outer")
	query(ctx, tracer.HooksOf(&r), "SELECT before")
	inner, scope := tracer.Start(ctx, "inner")
	query(inner, tracer.HooksOf(&r), "SELECT inside")
	query(ctx, tracer.HooksOf(&r), "SELECT beside")
	in := scope.End()
	query(ctx, tracer.HooksOf(&r), "SELECT after")
	equal(t, "statements inside", fmt.Sprint(in.Counts().Statements), "map[SELECT inside:1]")
	equal(t, "statements outside", fmt.Sprint(outer.End().Counts().Statements), "map[SELECT after:1 SELECT before:1 SELECT beside:1]")
	noStrays(t, &r)
	if got := outer.End().Inner; got != 1 || in.Inner != 0 {
		t.Errorf("Inner = %d outside and %d inside, want 1 and 0", got, in.Inner)
	}
}

// The parent of an event is an index into its own Recording.
func TestNoParentInAnotherScope(t *testing.T) {
	var r tracer.Recorder
	var inner tracer.Recording
	authorize := checked(&r, func(ctx context.Context, _, _, _ string) error {
		ctx, scope := tracer.Start(ctx, "inner")
		query(ctx, tracer.HooksOf(&r), "SELECT 1")
		inner = scope.End()
		return nil
	})
	ctx, outer := tracer.Start(t.Context(), "outer")
	query(ctx, tracer.HooksOf(&r), "SELECT 0")
	must(t, authorize(ctx, "ann", "read", "1"))
	if got := inner.Events[0].Parent; got != -1 {
		t.Errorf("parent of the inner scope's event is %d, want none, -1", got)
	}
	equal(t, "events of the outer scope", describeEvents(outer.End()), "query done, check done")
}

func TestContextsOfScope(t *testing.T) {
	var r tracer.Recorder
	counts := record(t, func(ctx context.Context) {
		type key struct{}
		query(context.WithValue(ctx, key{}, 1), tracer.HooksOf(&r), "SELECT 1")
		query(context.WithoutCancel(ctx), tracer.HooksOf(&r), "SELECT 1")
		canceled, cancel := context.WithCancel(ctx)
		cancel()
		query(canceled, tracer.HooksOf(&r), "SELECT 1")
	}).Counts()
	if got, want := counts.SQL, 3; got != want {
		t.Errorf("SQL = %d, want %d", got, want)
	}
}

func TestEndTwice(t *testing.T) {
	r := tracer.Recorder{Stacks: true}
	ctx, scope := tracer.Start(t.Context(), "twice")
	open := tracer.HooksOf(&r).TraceQueryStart(ctx, nil, pgx.TraceQueryStartData{SQL: "SELECT 1"})
	query(ctx, tracer.HooksOf(&r), "SELECT 2")
	first := scope.End()
	kept := slices.Clone(first.Events)
	tracer.HooksOf(&r).TraceQueryEnd(open, nil, pgx.TraceQueryEndData{})
	query(ctx, tracer.HooksOf(&r), "SELECT 3")
	second := scope.End()
	if !reflect.DeepEqual(first, second) {
		t.Errorf("the second End\n got %+v\nwant %+v", second, first)
	}
	equal(t, "events", describeEvents(first), "query unfinished, query done")
	second.Events[0].Name = "changed"
	if !reflect.DeepEqual(first.Events, kept) || !reflect.DeepEqual(scope.End().Events, kept) {
		t.Error("Recordings of one Scope share their events")
	}
}

// leavesNoGoroutine checks that no goroutine is left that starts from here on.
func leavesNoGoroutine(t *testing.T) {
	t.Helper()
	pgtest.Server(t) // outlives the test that starts it
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
}

// Parallel scopes on one pool see only their own work.
func TestParallelScopes(t *testing.T) {
	leavesNoGoroutine(t)
	pool, r := recordedPool(t, func(config *pgxpool.Config) { config.MaxConns = 4 })
	const scopes, rounds = 64, 8
	recordings := make([]tracer.Recording, scopes)
	var wg sync.WaitGroup
	for i := range scopes {
		wg.Go(func() {
			ctx, scope := tracer.Start(t.Context(), fmt.Sprint(i))
			for n := range rounds + i {
				if err := pool.QueryRow(ctx, fmt.Sprintf("-- name: Scope%d :one\nSELECT $1::int", i), n).Scan(new(int)); err != nil {
					t.Error(err)
				}
			}
			recordings[i] = scope.End()
		})
	}
	wg.Wait()
	balanced(t, r)
	for i, recording := range recordings {
		counts := recording.Counts()
		n := rounds + i
		if counts.SQL != n || counts.SQLUnique != n || counts.Acquires != n || counts.MaxHeld != 1 {
			t.Errorf("scope %d: counts %s, want %d statements, all different, %d acquires and one connection held", i, describeCounts(counts), n, n)
		}
		if want := map[string]int{fmt.Sprint("Scope", i): n}; !maps.Equal(counts.Statements, want) {
			t.Errorf("scope %d: statements\n got %v\nwant %v", i, counts.Statements, want)
		}
	}
	noStrays(t, r)
}

// A scope accepts the work of any number of goroutines. The acquire between a check and its
// statement does not hide the check.
func TestGoroutinesInOneScope(t *testing.T) {
	leavesNoGoroutine(t)
	pool, r := recordedPool(t, func(config *pgxpool.Config) { config.MaxConns = 4 })
	const goroutines, rounds = 64, 4
	authorize := checked(r, func(ctx context.Context, _, _, _ string) error {
		return pool.QueryRow(ctx, "SELECT $1::int", pgx.QueryExecModeExec, 1).Scan(new(int))
	})
	recording := record(t, func(ctx context.Context) {
		var wg sync.WaitGroup
		for i := range goroutines {
			wg.Go(func() {
				for range rounds {
					if err := authorize(ctx, "ann", "read", fmt.Sprint(i)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
	})
	counts := recording.Counts()
	held := counts.MaxHeld
	counts.MaxHeld, counts.ConnTrips = 0, 0
	equal(t, "counts", describeCounts(counts), "sql=256 sql_unique=1 rbac=256 rbac_unique=64 round_trips=256 acquires=256")
	balanced(t, r)
	if held < 1 || held > 4 {
		t.Errorf("MaxHeld = %d, want 1 to 4, the size of the pool", held)
	}
	for i, e := range recording.Events {
		if e.Kind == tracer.KindQuery && recording.Events[e.Parent].Kind != tracer.KindCheck {
			t.Errorf("parent of event %d is a %s, want its check", i, recording.Events[e.Parent].Kind)
		}
	}
}

// A scope may end while work under it continues.
func TestEndWhileWorking(t *testing.T) {
	var r tracer.Recorder
	const goroutines, rounds = 8, 200
	ctx, scope := tracer.Start(t.Context(), "ends early")
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for range rounds {
				query(ctx, tracer.HooksOf(&r), "SELECT 1")
			}
		})
	}
	counted := scope.End().Counts().SQL
	wg.Wait()
	for _, u := range r.Unattributed() {
		if !u.Late {
			t.Errorf("unattributed %+v, want it late", u)
		}
		counted += u.Count
	}
	if want := goroutines * rounds; counted != want {
		t.Errorf("%d statements in the scope or late, want all %d", counted, want)
	}
}

// The config is of a connection that worked in the scope, and work on another one made with it
// counts there too.
func TestConnConfigOfScope(t *testing.T) {
	conn, r := recordedConn(t, schema, nil)
	ctx, scope := tracer.Start(t.Context(), "scope")
	if got, _ := beside.ConnConfig(scope); got != nil {
		t.Errorf("a config of %s, and nothing was done yet", got.Host)
	}
	run(t, ctx, conn, "SELECT 1")
	like, _ := beside.ConnConfig(scope)
	other := connect(t, like)
	run(t, ctx, other, "SELECT 2")
	if got := scope.End().Counts(); got.SQL != 2 || got.RoundTrips != 2 {
		t.Errorf("%d statements, %d round trips, want 2 and 2", got.SQL, got.RoundTrips)
	}
	if got, _ := beside.ConnConfig(scope); got != nil {
		t.Error("the scope has ended and keeps a connection")
	}
	balanced(t, r)
}

// A request may execute any number of statements.
func TestMillionEvents(t *testing.T) {
	const n = 1_000_000
	var r tracer.Recorder
	ctx, scope := tracer.Start(t.Context(), "an import")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range n {
		end := pgx.TraceQueryEndData{CommandTag: pgconn.NewCommandTag("SELECT 1")}
		tracer.HooksOf(&r).TraceQueryEnd(tracer.HooksOf(&r).TraceQueryStart(ctx, nil, pgx.TraceQueryStartData{SQL: selectOne, Args: []any{i % 1000}}), nil, end)
	}
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) / n; got > recordBudget {
		t.Errorf("%d B for each statement, want at most %d", got, recordBudget)
	}
	recording := scope.End()
	if counts := recording.Counts(); counts.SQL != n || counts.SQLUnique != 1000 {
		t.Errorf("counts %+v, want %d statements, 1000 of them unique", counts, n)
	}
}
