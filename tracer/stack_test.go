package tracer_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/fanout-bench/fanout-bench/tracer"
	"github.com/fanout-bench/fanout-bench/tracer/testdata/sqlcstore"
)

const testPackage = "github.com/fanout-bench/fanout-bench/tracer_test."

var siteComment = regexp.MustCompile(`// site: (.+)`)

// sitesIn returns the names of lines in a test file, by Frame.Site.
func sitesIn(t testing.TB, file string) map[string]string {
	t.Helper()
	source, err := os.ReadFile(file)
	must(t, err)
	sites := make(map[string]string)
	line := 0
	for text := range strings.Lines(string(source)) {
		line++
		if m := siteComment.FindStringSubmatch(text); m != nil {
			sites[fmt.Sprintf("tracer/%s:%d", file, line)] = m[1]
		}
	}
	return sites
}

// The site of a statement and its accompanying events is the requesting line.
func TestStackEndsAtTheCall(t *testing.T) {
	sites := sitesIn(t, "stack_test.go")
	for _, c := range []struct {
		name string
		want []string // where the kinds of events end
		run  func(t *testing.T, ctx context.Context, pool *pgxpool.Pool, r *tracer.Recorder)
	}{
		{"Query", []string{"acquire at query", "query at query", "prepare at query"}, func(t *testing.T, ctx context.Context, pool *pgxpool.Pool, _ *tracer.Recorder) {
			must(t, readAll(pool.Query(ctx, "SELECT 1"))) // site: query
		}},
		{"QueryRow", []string{"acquire at query row", "query at query row", "prepare at query row"}, func(t *testing.T, ctx context.Context, pool *pgxpool.Pool, _ *tracer.Recorder) {
			must(t, pool.QueryRow(ctx, "SELECT 1").Scan(new(int))) // site: query row
		}},
		{"Exec", []string{"acquire at exec", "query at exec"}, func(t *testing.T, ctx context.Context, pool *pgxpool.Pool, _ *tracer.Recorder) {
			_, err := pool.Exec(ctx, "SELECT 1", pgx.QueryExecModeExec) // site: exec
			must(t, err)
		}},
		{"transaction", []string{"acquire at begin", "tx at begin", "query at query in transaction", "tx at commit"},
			func(t *testing.T, ctx context.Context, pool *pgxpool.Pool, _ *tracer.Recorder) {
				tx, err := pool.Begin(ctx) // site: begin
				must(t, err)
				must(t, readAll(tx.Query(ctx, "SELECT 1", pgx.QueryExecModeExec))) // site: query in transaction
				must(t, tx.Commit(ctx))                                            // site: commit
			}},
		{"BeginFunc", []string{"acquire at begin func", "tx at begin func", "query at exec in begin func", "tx at begin func"},
			func(t *testing.T, ctx context.Context, pool *pgxpool.Pool, _ *tracer.Recorder) {
				must(t, pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { // site: begin func
					_, err := tx.Exec(ctx, "SELECT 1") // site: exec in begin func
					return err
				}))
			}},
		{"SendBatch", []string{"acquire at batch", "batch at batch", "query at batch"}, func(t *testing.T, ctx context.Context, pool *pgxpool.Pool, _ *tracer.Recorder) {
			must(t, pool.SendBatch(ctx, quotients(10, 20)).Close()) // site: batch
		}},
		{"CopyFrom", []string{"acquire at copy", "copy at copy", "prepare at copy"}, func(t *testing.T, ctx context.Context, pool *pgxpool.Pool, _ *tracer.Recorder) {
			rows := pgx.CopyFromRows([][]any{{1, "a"}})
			_, err := pool.CopyFrom(ctx, pgx.Identifier{"item"}, []string{"id", "name"}, rows) // site: copy
			must(t, err)
		}},
		{"sqlc", []string{"acquire at begin for sqlc", "tx at begin for sqlc", "query at list items", "prepare at list items", "query at get item", "prepare at get item", "tx at rollback for sqlc"},
			func(t *testing.T, ctx context.Context, pool *pgxpool.Pool, _ *tracer.Recorder) {
				tx, err := pool.Begin(ctx) // site: begin for sqlc
				must(t, err)
				store := sqlcstore.New(tx)
				_, err = store.ListItems(ctx) // site: list items
				must(t, err)
				_, err = store.GetItem(ctx, 1) // site: get item
				mustFail(t, err)
				must(t, tx.Rollback(ctx)) // site: rollback for sqlc
			}},
		{"database/sql", []string{"query at sql.DB", "prepare at sql.DB", "tx at sql begin", "query at sql.Tx", "prepare at sql.Tx", "tx at sql commit"},
			func(t *testing.T, ctx context.Context, pool *pgxpool.Pool, _ *tracer.Recorder) {
				db := stdlib.OpenDB(*pool.Config().ConnConfig)
				defer db.Close()
				must(t, drain(db.QueryContext(ctx, "SELECT 1"))) // site: sql.DB
				tx, err := db.BeginTx(ctx, nil)                  // site: sql begin
				must(t, err)
				_, err = tx.ExecContext(ctx, insertOne, 1, "a") // site: sql.Tx
				must(t, err)
				must(t, tx.Commit()) // site: sql commit
			}},
		{"check", []string{"check at check", "acquire at in check", "query at in check"}, func(t *testing.T, ctx context.Context, pool *pgxpool.Pool, r *tracer.Recorder) {
			authorize := checked(r, func(ctx context.Context, _, _, _ string) error {
				return pool.QueryRow(ctx, "SELECT 1", pgx.QueryExecModeExec).Scan(new(int)) // site: in check
			})
			must(t, authorize(ctx, "ann", "read", "1")) // site: check
		}},
	} {
		for _, whole := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/stacks=%t", c.name, whole), func(t *testing.T) {
				pool, r := recordedPool(t, nil)
				r.Stacks, r.Sites = whole, true
				recording := record(t, func(ctx context.Context) { c.run(t, ctx, pool, r) })
				var got []string
				for _, e := range recording.Events {
					if e.Kind == tracer.KindConnect { // by the pool, when it likes
						continue
					}
					end := "nowhere"
					if n := len(e.Stack); n > 0 {
						end = e.Stack[n-1].Site()
						if !whole && n > 1 {
							t.Errorf("%d frames of a %s, want the line only", n, e.Kind)
						}
					}
					if site, ok := sites[end]; ok {
						end = site
					}
					got = append(got, fmt.Sprintf("%s at %s", e.Kind, end))
				}
				if got = slices.Compact(got); !slices.Equal(got, c.want) {
					t.Errorf("events\n got %q\nwant %q", got, c.want)
				}
			})
		}
	}
}

// Sites leave out the same frames as stacks.
func TestSitesSkipFrames(t *testing.T) {
	for name, c := range map[string]struct {
		plumbing []string
		want     string
	}{
		"nothing":    {nil, "query"},
		"a function": {[]string{testPackage + "query"}, "TestSitesSkipFrames"},
		"everything": {[]string{testPackage}, "query"},
	} {
		r := &tracer.Recorder{Sites: true, SkipFrames: c.plumbing}
		recording := record(t, func(ctx context.Context) { query(ctx, tracer.HooksOf(r), "SELECT 1") })
		query(t.Context(), tracer.HooksOf(r), "SELECT 1")
		if got := recording.Events[0].Stack[0].Name(); got != c.want {
			t.Errorf("%s left out: site in %q, want %q", name, got, c.want)
		}
		if stray := r.Unattributed()[0]; !strings.HasPrefix(stray.Site, "tracer/") {
			t.Errorf("%s left out: unattributed at %q", name, stray.Site)
		}
	}
}

// callers runs work in a scope and returns the different stacks of its events, each as the
// functions in stackcode_test.go with their sites.
func callers(t testing.TB, r *tracer.Recorder, work func(ctx context.Context)) []string {
	t.Helper()
	r.Stacks = true
	sites := sitesIn(t, "stackcode_test.go")
	var stacks []string
	for _, e := range record(t, work).Events {
		var calls []string
		for _, f := range e.Stack {
			if strings.HasPrefix(f.File, "/") {
				t.Errorf("File %q of a frame is absolute", f.File)
			}
			if strings.HasPrefix(f.File, "tracer/stackcode_test.go") {
				calls = append(calls, fmt.Sprintf("%s at %s", f.Name(), sites[f.Site()]))
			}
		}
		stacks = append(stacks, strings.Join(calls, " > "))
	}
	return slices.Compact(stacks)
}

// queryHelpers are the tests' frames before a Recorder.
var queryHelpers = []string{testPackage + "query", testPackage + "app.query"}

func TestStacksReadLikeTheSource(t *testing.T) {
	for _, c := range []struct {
		name string
		run  func(a app, ctx context.Context)
		want []string
	}{
		{"call", app.calls, []string{"app.calls at call"}},
		{
			"pointer", func(a app, ctx context.Context) { (&a).callsByPointer(ctx) },
			[]string{"app.callsByPointer at pointer > app.calls at call"},
		},
		{"literal", app.literal, []string{"app.literal at literal"}},
		{"literal in literal", app.literalInLiteral, []string{"app.literalInLiteral at literal in literal"}},
		{"literal given to an inlined function", app.literalOfInlined, []string{"app.literalOfInlined at literal of inlined"}},
		{
			"literal of an inlined method", app.callsInlined,
			[]string{"app.callsInlined at calls inlined > app.inlined at inlined"},
		},
		{
			"recursion through literals", func(a app, ctx context.Context) { a.walks(ctx, 2) },
			[]string{"app.walks at branch > app.walks at branch > app.walks at leaf"},
		},
		{"range over a function", app.loops, []string{"app.loops at loop"}},
		{"range over a function in a literal", app.loopsInLiteral, []string{"app.loopsInLiteral at loop in literal"}},
		{"defer", app.defers, []string{"app.defers at deferred", "app.defers at end of defers"}},
		{
			"generic", app.opens,
			[]string{
				"app.opens at calls generic > generic at generic",
				"app.opens at opens > box.open at box",
				"app.opens at generic in literal > generic at generic",
			},
		},
		{"goroutine", app.spawns, []string{"app.spawns at goroutine"}},
		{"WaitGroup.Go", app.waits, []string{"app.waits at wait group"}},
		{"goroutine of a group", app.spawnsInGroup, []string{"group.spawn at spawn > app.spawnsInGroup at group"}},
		{
			"method value", app.methodValue,
			[]string{"app.methodValue at method value > call at call of value > app.calls at call"},
		},
		{"literal in a variable", func(a app, ctx context.Context) { inVariable(ctx, a) }, []string{"init at variable"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &tracer.Recorder{SkipFrames: queryHelpers}
			got := callers(t, r, func(ctx context.Context) { c.run(app{tracer.HooksOf(r)}, ctx) })
			if !slices.Equal(got, c.want) {
				t.Errorf("stacks\n got %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestSkipFrames(t *testing.T) {
	const from, to = "app.retries at retried", "app.calls at call"
	for _, c := range []struct {
		name     string
		plumbing []string
		want     string
	}{
		{"none", nil, from + " > " + to + " > app.query at "},
		{"a method", []string{testPackage + "app.query"}, from + " > " + to},
		{"two methods", []string{testPackage + "app.query", testPackage + "app.calls"}, from},
		{"all there is", []string{testPackage}, from + " > " + to + " > app.query at "},
		{"the empty prefix", []string{""}, from + " > " + to + " > app.query at "},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &tracer.Recorder{SkipFrames: c.plumbing}
			got := callers(t, r, func(ctx context.Context) { app{tracer.HooksOf(r)}.retries(ctx) })
			if !slices.Equal(got, []string{c.want}) {
				t.Errorf("stacks\n got %q\nwant %q", got, c.want)
			}
		})
	}
}

// Literals are named after the function that contains them, so their carriers are visible only if
// they do not lead back into that function.
func TestSkipFramesOfGenericFunctions(t *testing.T) {
	r := &tracer.Recorder{SkipFrames: append(queryHelpers, testPackage+"traced[", testPackage+"(*retry)")}
	got := callers(t, r, func(ctx context.Context) {
		a := app{tracer.HooksOf(r)}
		traced(func() int { new(retry).do(func() { call(ctx, a.calls) }); return 0 })
		traced(a.number(ctx))
	})
	want := []string{"call at call of value > app.calls at call", "app.number at number"}
	if !slices.Equal(got, want) {
		t.Errorf("stacks\n got %q\nwant %q", got, want)
	}
}

func TestDeepStack(t *testing.T) {
	r := &tracer.Recorder{Stacks: true, SkipFrames: queryHelpers}
	sites := sitesIn(t, "stackcode_test.go")
	stack := record(t, func(ctx context.Context) { app{tracer.HooksOf(r)}.recurse(ctx, 1000) }).Events[0].Stack
	if len(stack) < 100 || len(stack) > 128 {
		t.Fatalf("%d frames, want up to 128", len(stack))
	}
	for i, f := range stack {
		want := "recursion"
		if i == len(stack)-1 {
			want = "end of recursion"
		}
		if f.Name() != "app.recurse" || sites[f.Site()] != want {
			t.Errorf("frame %d is %s at %s, want app.recurse at %s", i, f.Name(), f.Site(), want)
		}
	}
}

// The tests of this package are an application, from their outermost function.
func TestStackIsWhole(t *testing.T) {
	r := &tracer.Recorder{Stacks: true}
	a := app{tracer.HooksOf(r)}
	authorize := checked(r, func(ctx context.Context, _, _, _ string) error { a.query(ctx); return nil })
	recording := record(t, func(ctx context.Context) { _ = authorize(ctx, "ann", "read", "1") })
	for _, e := range recording.Events {
		if first := e.Stack[0]; first.Function != testPackage+"TestStackIsWhole" || !strings.HasPrefix(first.File, "tracer/stack_test.go") {
			t.Errorf("stack of %s begins with %s in %s, want this test", e.Kind, first.Function, first.File)
		}
	}
	if want := recording.Events[1]; want.Parent != 0 || want.Stack[len(want.Stack)-1].Name() != "query" {
		t.Errorf("the query below the check is %+v", want)
	}
}

// A pool opens connections by itself. Its hooks belong to the application.
func TestStacksOfPoolGoroutines(t *testing.T) {
	pool, r := recordedPool(t, func(config *pgxpool.Config) {
		config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, "SET application_name = 'hook'")
			return err
		}
	})
	r.Stacks = true
	recording := record(t, func(ctx context.Context) {
		_, err := pool.Exec(ctx, "SELECT 1")
		must(t, err)
	})
	kinds := make(map[tracer.Kind]int)
	for _, e := range recording.Events {
		kinds[e.Kind]++
		switch {
		case e.Kind == tracer.KindConnect && len(e.Stack) != 0:
			t.Errorf("a connection of the pool has the stack %v", e.Stack)
		case e.Kind == tracer.KindSetup && (len(e.Stack) != 1 || e.Stack[0].Name() != "TestStacksOfPoolGoroutines"):
			t.Errorf("the hook's statement has the stack %v, want the hook", e.Stack)
		}
	}
	if kinds[tracer.KindConnect] == 0 || kinds[tracer.KindSetup] == 0 {
		t.Errorf("events %v, want a connection and its setup", kinds)
	}
}

func TestStacksOfConcurrentWork(t *testing.T) {
	r := &tracer.Recorder{Stacks: true, SkipFrames: queryHelpers}
	a := app{tracer.HooksOf(r)}
	ctx, scope := tracer.Start(t.Context(), "concurrent")
	const goroutines, rounds = 8, 50
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for range rounds {
				a.retries(ctx)
				scope2 := record(t, a.literal)
				if got := len(scope2.Events); got != 2 {
					t.Errorf("%d events in a scope of its own, want 2", got)
				}
			}
		})
	}
	wg.Go(func() { scope.End() })
	wg.Wait()
	for _, e := range scope.End().Events {
		if got := e.Stack[len(e.Stack)-1].Name(); got != "app.calls" {
			t.Errorf("a stack ends in %s, want app.calls", got)
		}
	}
}

// The scope grows with its events, so a single event says nothing.
func TestStacksCostNothingWhenOff(t *testing.T) {
	allocations := func(r *tracer.Recorder) float64 {
		ctx, _ := tracer.Start(t.Context(), "allocations")
		start := pgx.TraceQueryStartData{SQL: "SELECT 1"}
		return testing.AllocsPerRun(1000, func() { tracer.HooksOf(r).TraceQueryStart(ctx, nil, start) })
	}
	for want, r := range map[float64]*tracer.Recorder{0: {}, 3: {Stacks: true}} {
		if got := allocations(r); got != want {
			t.Errorf("stacks %t: %v allocations for an event, want %v", r.Stacks, got, want)
		}
	}
}
