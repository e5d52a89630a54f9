package scenarios_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/pgpool"
	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

const schema = `CREATE TABLE items (id int PRIMARY KEY)`

func path(s scenarios.Scenario) *scenarios.Path {
	if s.Name == "" {
		s.Name = "items"
	}
	return &scenarios.Path{Name: "test", Schema: schema, Versions: []scenarios.Version{{Name: "v1"}}, Scenarios: []scenarios.Scenario{s}}
}

// running makes a Setup that stores nothing. Its operation runs f.
func running(f func(ctx context.Context, env scenarios.Env) error) func(context.Context, scenarios.Env) (scenarios.Operation, error) {
	return func(_ context.Context, env scenarios.Env) (scenarios.Operation, error) {
		return scenarios.Operation{Run: func(ctx context.Context) error { return f(ctx, env) }}, nil
	}
}

// run measures all cells of p.
func run(t *testing.T, p *scenarios.Path) ([]scenarios.Result, []error) {
	t.Helper()
	return runBy(t, &scenarios.Runner{Server: pgtest.Server(t), Timeout: 20 * time.Second}, p)
}

func runBy(t *testing.T, runner *scenarios.Runner, p *scenarios.Path) ([]scenarios.Result, []error) {
	t.Helper()
	cells, err := p.Cells()
	must.Succeed(t, err)
	var (
		results []scenarios.Result
		errs    []error
	)
	for result, err := range runner.Run(t.Context(), p, cells) {
		results, errs = append(results, result), append(errs, err)
	}
	return results, errs
}

func selectItems(ctx context.Context, env scenarios.Env) error {
	_, err := env.Pool.Exec(ctx, "-- name: ListItems :many\nSELECT id FROM items")
	return err
}

func checkItems(ctx context.Context, env scenarios.Env) error {
	_, end := env.Recorder.Check(ctx, "read item", "", "", "")
	end(true)
	return nil
}

func TestOnlyTheOperationIsCounted(t *testing.T) {
	results, errs := run(t, path(scenarios.Scenario{
		Unit: "item", Sweep: []int{3},
		Setup: func(ctx context.Context, env scenarios.Env) (scenarios.Operation, error) {
			for i := range env.N {
				// Both pools may be used to store; neither is measured here.
				pool := env.Fixtures
				if i == 0 {
					pool = env.Pool
				}
				if _, err := pool.Exec(ctx, "INSERT INTO items VALUES ($1)", i); err != nil {
					return scenarios.Operation{}, err
				}
			}
			return scenarios.Operation{
				Run: func(ctx context.Context) error {
					for i := range env.N {
						if _, err := env.Pool.Exec(ctx, "-- name: GetItem :one\nSELECT FROM items WHERE id = $1", i); err != nil {
							return err
						}
					}
					return nil
				},
				Outcome: func(ctx context.Context) (string, error) {
					var n int
					err := env.Pool.QueryRow(ctx, "SELECT count(*) FROM items").Scan(&n)
					return fmt.Sprint(n, " items"), err
				},
				Expect: "3 items",
			}, nil
		},
	}))
	must.Succeed(t, errors.Join(errs...))
	got := results[0]
	if counts := got.Recording.Counts(); counts.SQL != 3 || counts.Statements["GetItem"] != 3 || got.Outcome != "3 items" {
		t.Errorf("got %+v, outcome %q; want 3 × GetItem and nothing else", counts, got.Outcome)
	}
}

//go:noinline
func letDown(env *scenarios.Env) error { return errors.New(env.Version) }

func TestCellsThatCannotBeMeasured(t *testing.T) {
	alternating := 0
	for _, test := range []struct {
		name     string
		scenario scenarios.Scenario
		is       error
		mentions []string
	}{
		{
			name: "runs differ",
			scenario: scenarios.Scenario{Setup: running(func(ctx context.Context, env scenarios.Env) error {
				alternating++
				if alternating%2 == 0 {
					_, err := env.Pool.Exec(ctx, "-- name: Sometimes :exec\nSELECT")
					check := tracer.CountChecks(env.Recorder,
						func(context.Context, string, string, int) error { return nil },
						func(string, int) string { return "Sometimes" })
					return errors.Join(err, check(ctx, "me", "read", 1), check(ctx, "me", "read", 2), selectItems(ctx, env))
				}
				return selectItems(ctx, env)
			})},
			is: scenarios.ErrUnstable, mentions: []string{
				"v1 items/0", "Sometimes 1, 0, 1 at scenarios/runner_test.go:", "Sometimes 2, 0, 2 at scenarios/runner_test.go:",
			},
		},
		{
			name:     "nothing counted",
			scenario: scenarios.Scenario{Setup: running(func(context.Context, scenarios.Env) error { return nil })},
			is:       scenarios.ErrEmpty,
		},
		{
			name:     "not as idle as declared",
			scenario: scenarios.Scenario{Idle: true, Setup: running(selectItems)},
			is:       scenarios.ErrNotIdle, mentions: []string{"1 statements"},
		},
		{
			name: "another outcome",
			scenario: scenarios.Scenario{Setup: func(_ context.Context, env scenarios.Env) (scenarios.Operation, error) {
				return scenarios.Operation{
					Run:     func(ctx context.Context) error { return selectItems(ctx, env) },
					Outcome: func(context.Context) (string, error) { return "409", nil },
					Expect:  "200",
				}, nil
			}},
			is: scenarios.ErrOutcome, mentions: []string{`"409"`, `"200"`},
		},
		{
			name: "context not passed on",
			scenario: scenarios.Scenario{Setup: running(func(ctx context.Context, env scenarios.Env) error {
				return errors.Join(selectItems(ctx, env), selectItems(context.Background(), env))
			})},
			is: beside.ErrUnattributed, mentions: []string{"ListItems ×1 at scenarios/runner_test.go:"},
		},
		{
			name: "check without the context",
			scenario: scenarios.Scenario{Setup: running(func(ctx context.Context, env scenarios.Env) error {
				check := tracer.CountChecks(env.Recorder,
					func(context.Context, string, string, int) error { return nil },
					func(action string, _ int) string { return action + " item" })
				return errors.Join(selectItems(ctx, env), check(context.Background(), "me", "read", 1))
			})},
			is: beside.ErrUnattributed, mentions: []string{"read item ×1"},
		},
		{
			name: "work after the operation",
			scenario: scenarios.Scenario{Setup: func(_ context.Context, env scenarios.Env) (scenarios.Operation, error) {
				var outlived context.Context
				return scenarios.Operation{
					Run: func(ctx context.Context) error {
						outlived = context.WithoutCancel(ctx)
						return selectItems(ctx, env)
					},
					Outcome: func(context.Context) (string, error) {
						return "ok", selectItems(outlived, env)
					},
				}, nil
			}},
			is: beside.ErrUnattributed, mentions: []string{"work went on after Run returned", "ListItems ×1 at scenarios/runner_test.go:"},
		},
		{
			name: "setup's work continues",
			scenario: scenarios.Scenario{Setup: func(outlived context.Context, env scenarios.Env) (scenarios.Operation, error) {
				return scenarios.Operation{Run: func(ctx context.Context) error {
					return errors.Join(selectItems(ctx, env), selectItems(context.WithoutCancel(outlived), env))
				}}, nil
			}},
			is: beside.ErrUnattributed, mentions: []string{"work went on after Run returned", "ListItems ×1 at scenarios/runner_test.go:"},
		},
		{
			name: "outcome's work continues",
			scenario: scenarios.Scenario{Setup: func(_ context.Context, env scenarios.Env) (scenarios.Operation, error) {
				outlived := context.Background()
				return scenarios.Operation{
					Run: func(ctx context.Context) error {
						err := selectItems(ctx, env)
						if outlived != context.Background() {
							err = errors.Join(err, selectItems(outlived, env))
						}
						return err
					},
					Outcome: func(ctx context.Context) (string, error) {
						outlived = context.WithoutCancel(ctx)
						return "ok", nil
					},
				}, nil
			}},
			is: beside.ErrUnattributed, mentions: []string{"work went on after Run returned", "ListItems ×1 at scenarios/runner_test.go:"},
		},
		{
			name: "a later run fails",
			scenario: scenarios.Scenario{Setup: func(_ context.Context, env scenarios.Env) (scenarios.Operation, error) {
				runs := 0
				return scenarios.Operation{Run: func(ctx context.Context) error {
					if runs++; runs == 3 {
						return os.ErrInvalid
					}
					return selectItems(ctx, env)
				}}, nil
			}},
			is: os.ErrInvalid, mentions: []string{"v1 items/0: counted run 2: invalid argument"},
		},
		{
			name: "connection not released",
			scenario: scenarios.Scenario{Setup: running(func(ctx context.Context, env scenarios.Env) error {
				_, err := env.Pool.Query(ctx, "SELECT 1")
				return err
			})},
			is: pgpool.ErrLeaked,
		},
		{
			name: "operation starts a scope of its own",
			scenario: scenarios.Scenario{Setup: running(func(ctx context.Context, env scenarios.Env) error {
				within, _ := tracer.Start(ctx, "request")
				return errors.Join(selectItems(ctx, env), selectItems(within, env))
			})},
			is:       scenarios.ErrInnerScope,
			mentions: []string{"1 in all"},
		},
		{
			name: "operation counts for itself",
			scenario: scenarios.Scenario{Setup: running(func(ctx context.Context, env scenarios.Env) error {
				ctx, _ = tracer.Count(ctx)
				return checkItems(ctx, env)
			})},
			is: scenarios.ErrInnerScope,
		},
		{
			name: "setup fails",
			scenario: scenarios.Scenario{Setup: func(context.Context, scenarios.Env) (scenarios.Operation, error) {
				return scenarios.Operation{}, errors.New("no fixtures")
			}},
			mentions: []string{"setup: no fixtures"},
		},
		{
			name: "setup panics",
			scenario: scenarios.Scenario{Setup: func(context.Context, scenarios.Env) (scenarios.Operation, error) {
				panic("at the disco")
			}},
			mentions: []string{"panic: at the disco"},
		},
		{
			name:     "operation fails",
			scenario: scenarios.Scenario{Setup: running(func(context.Context, scenarios.Env) error { return os.ErrInvalid })},
			is:       os.ErrInvalid, mentions: []string{"first run, not counted"},
		},
		{
			name:     "operation panics",
			scenario: scenarios.Scenario{Setup: running(func(context.Context, scenarios.Env) error { panic("at the disco") })},
			mentions: []string{"panic: at the disco, in scenarios_test.TestCellsThatCannotBeMeasured.", " runner_test.go:"},
		},
		{
			name:     "operation uses what is not there",
			scenario: scenarios.Scenario{Setup: running(func(context.Context, scenarios.Env) error { return letDown(nil) })},
			mentions: []string{"invalid memory address", ", in scenarios_test.letDown runner_test.go:"},
		},
		{
			name: "outcome panics",
			scenario: scenarios.Scenario{Setup: func(_ context.Context, env scenarios.Env) (scenarios.Operation, error) {
				return scenarios.Operation{
					Run:     func(ctx context.Context) error { return selectItems(ctx, env) },
					Outcome: func(context.Context) (string, error) { panic("at the disco") },
				}, nil
			}},
			mentions: []string{"read the outcome: panic: at the disco"},
		},
		{
			name: "operation has a deadline of its own",
			scenario: scenarios.Scenario{Setup: running(func(context.Context, scenarios.Env) error {
				return fmt.Errorf("ask the stock: %w", context.DeadlineExceeded)
			})},
			is: context.DeadlineExceeded, mentions: []string{"first run, not counted: ask the stock"},
		},
		{
			name: "operation ends its goroutine",
			scenario: scenarios.Scenario{Setup: running(func(context.Context, scenarios.Env) error {
				runtime.Goexit() // like t.FailNow
				return nil
			})},
			mentions: []string{"return an error instead"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := path(test.scenario)
			// A healthy scenario after it must still be measured.
			p.Scenarios = append(p.Scenarios, scenarios.Scenario{Name: "healthy", Setup: running(selectItems)})
			results, errs := run(t, p)
			if len(errs) != 2 {
				t.Fatalf("got %d results, want 2: %v", len(errs), errs)
			}
			var cellErr *scenarios.CellError
			if !errors.As(errs[0], &cellErr) || cellErr.Cell.Version != "v1" {
				t.Fatalf("got error %v, want a *CellError that names the cell", errs[0])
			}
			if test.is != nil && !errors.Is(errs[0], test.is) {
				t.Errorf("got error %v, want %v", errs[0], test.is)
			}
			for _, text := range test.mentions {
				if !strings.Contains(errs[0].Error(), text) {
					t.Errorf("error does not mention %q: %v", text, errs[0])
				}
			}
			if errs[1] != nil || results[1].Recording.Counts().SQL != 1 {
				t.Errorf("the healthy cell: got %+v, %v", results[1], errs[1])
			}
		})
	}
}

// TestVaryingIsNamed uses operations that do more in one run than in another. The first
// run warms up.
func TestVaryingIsNamed(t *testing.T) {
	exec := func(name string) func(ctx context.Context, env scenarios.Env) error {
		return func(ctx context.Context, env scenarios.Env) error {
			_, err := env.Pool.Exec(ctx, "-- name: "+name+" :exec\nSELECT")
			return err
		}
	}
	begin := func(ctx context.Context, env scenarios.Env) error {
		tx, err := env.Pool.Begin(ctx)
		if err != nil {
			return err
		}
		return tx.Rollback(ctx)
	}
	hold := func(atOnce bool) func(ctx context.Context, env scenarios.Env) error {
		return func(ctx context.Context, env scenarios.Env) error {
			for range 2 {
				conn, err := env.Pool.Acquire(ctx)
				if err != nil {
					return err
				}
				if !atOnce {
					conn.Release()
				} else {
					defer conn.Release()
				}
			}
			return nil
		}
	}
	open := func(ctx context.Context, env scenarios.Env) error {
		conn, err := pgx.ConnectConfig(ctx, env.Pool.Config().ConnConfig)
		if err != nil {
			return err
		}
		t.Cleanup(func() { _ = conn.Close(context.Background()) })
		_, err = conn.Query(ctx, "-- name: Open :many\nSELECT 1")
		return err
	}
	type list = []func(ctx context.Context, env scenarios.Env) error
	for _, test := range []struct {
		name string
		runs [4]list
		want string
	}{
		{"a statement", [4]list{nil, nil, {exec("A")}, {exec("A"), exec("A")}}, "A 0, 1, 2 at SITE"},
		{"two statements", [4]list{nil, nil, {exec("A")}, {exec("B")}}, "A 0, 1, 0 at SITE; B 0, 0, 1 at SITE"},
		{"only the last run", [4]list{nil, nil, nil, {exec("A")}}, "A 0, 0, 1 at SITE"},
		{"a check", [4]list{nil, {checkItems}, nil, nil}, "read item 1, 0, 0 at SITE"},
		{"transaction control", [4]list{nil, nil, {begin}, {begin}}, "round_trips 1, 3, 3 (begin at SITE, rollback at SITE); tx 0, 2, 2 (begin at SITE, rollback at SITE); acquires, connections taken from the pool, 1, 2, 2 (a connection at SITE)"},
		{"connections", [4]list{{hold(true)}, {hold(true)}, {hold(false)}, {hold(false)}}, "max_held, most connections held at once, 2, 1, 1; each run has SQL 1; connections vary if Run starts goroutines: set Concurrent, and they are not counted"},
		{"what goes on", [4]list{nil, nil, {open}, nil}, "Open 0, 1, 0 at SITE; not finished when Run returned, which must wait for it: Open at SITE"},
		{"the warm-up", [4]list{{exec("A"), checkItems}, nil, nil, nil}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			i := 0
			p := path(scenarios.Scenario{Setup: running(func(ctx context.Context, env scenarios.Env) error {
				err := selectItems(ctx, env)
				for _, more := range test.runs[i] {
					err = errors.Join(err, more(ctx, env))
				}
				i++
				return err
			})})
			p.ReadOnly = true
			_, err := measured(t, &scenarios.Runner{Server: pgtest.Server(t)}, p)
			got := ""
			if err != nil {
				got = strings.TrimPrefix(err.Error(), "v1 items/0: unstable: its runs counted differently: ")
				got = regexp.MustCompile(`scenarios/runner_test\.go:\d+`).ReplaceAllString(got, "SITE")
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestConcurrent checks that Concurrent ignores what the scheduler decides.
func TestConcurrent(t *testing.T) {
	for _, concurrent := range []bool{false, true} {
		result, err := measured(t, &scenarios.Runner{Server: pgtest.Server(t), Concurrent: concurrent}, path(scenarios.Scenario{Setup: running(selectItems)}))
		if c := result.Recording.Counts(); err != nil || c.SQL != 1 || (c.MaxHeld == 0) != concurrent {
			t.Errorf("concurrent %t: got %+v, %v", concurrent, c, err)
		}
	}
}

// TestColdConnection checks that counts do not depend on the connection that a run gets.
func TestColdConnection(t *testing.T) {
	var first uint32
	result, err := measured(t, &scenarios.Runner{Server: pgtest.Server(t)}, path(scenarios.Scenario{
		Setup: running(func(ctx context.Context, env scenarios.Env) error {
			a, err := env.Pool.Acquire(ctx)
			if err != nil {
				return err
			}
			defer a.Release()
			b, err := env.Pool.Acquire(ctx)
			if err != nil {
				return err
			}
			defer b.Release()
			if first == 0 {
				first = a.Conn().PgConn().PID()
			} else if a.Conn().PgConn().PID() == first {
				a = b
			}
			return a.QueryRow(ctx, "SELECT $1::int", 1).Scan(new(int))
		}),
	}))
	if c := result.Counts(); err != nil || c.SQL != 1 || c.Prepare != 0 || c.RoundTrips != 1 {
		t.Errorf("got %+v, %v; want one statement, in one round trip", c, err)
	}
}

// TestConnectionOfEachRun checks that an operation may prepare statements in each run because
// it opens its own connection or pool.
func TestConnectionOfEachRun(t *testing.T) {
	query := "SELECT $1::int"
	for name, run := range map[string]func(ctx context.Context, env scenarios.Env) error{
		"connection": func(ctx context.Context, env scenarios.Env) error {
			conn, err := pgx.ConnectConfig(ctx, env.Pool.Config().ConnConfig)
			if err != nil {
				return err
			}
			return errors.Join(conn.QueryRow(ctx, query, 1).Scan(new(int)), conn.Close(ctx))
		},
		"pool": func(ctx context.Context, env scenarios.Env) error {
			pool, err := pgxpool.NewWithConfig(ctx, env.Pool.Config())
			if err != nil {
				return err
			}
			defer pool.Close()
			return pool.QueryRow(ctx, query, 1).Scan(new(int))
		},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := measured(t, &scenarios.Runner{Server: pgtest.Server(t)}, path(scenarios.Scenario{Setup: running(run)}))
			if c := result.Counts(); err != nil || c.SQL != 1 || c.Prepare != 1 || c.RoundTrips != 1 {
				t.Errorf("got %+v, %v; want one statement and one prepare", c, err)
			}
		})
	}
}

func TestOperationThatWaitsForItselfTimesOut(t *testing.T) {
	p := path(scenarios.Scenario{Setup: running(func(ctx context.Context, env scenarios.Env) error {
		conn, err := env.Pool.Acquire(ctx)
		if err != nil {
			return err
		}
		defer conn.Release()
		return selectItems(ctx, env) // needs a second connection, and the pool has one
	})})
	_, err := measured(t, &scenarios.Runner{Server: pgtest.Server(t), MaxConns: 1, Timeout: 100 * time.Millisecond}, p)
	if err == nil || !strings.Contains(err.Error(), "not finished within 100ms") {
		t.Errorf("got error %v, want one that says it did not finish", err)
	}
}

// TestOperationThatIgnoresItsContext is abandoned, and later cells are measured.
func TestOperationThatIgnoresItsContext(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	p := path(scenarios.Scenario{Setup: running(func(context.Context, scenarios.Env) error {
		<-release
		return nil
	})})
	// Without a database, which may take longer than the timeout on a busy machine.
	p.Scenarios = append(p.Scenarios, scenarios.Scenario{Name: "healthy", Setup: running(checkItems)})
	_, got := runBy(t, &scenarios.Runner{Server: pgtest.Server(t), Timeout: 100 * time.Millisecond}, p)
	if len(got) != 2 || got[0] == nil || !strings.Contains(got[0].Error(), "not finished within 100ms, and the code ignores the end of its context") || got[1] != nil {
		t.Errorf("got %v, want an error that gives up, and a measured cell", got)
	}
}

func TestRunnerThatCannotRun(t *testing.T) {
	p := path(scenarios.Scenario{Setup: running(selectItems)})
	for mentions, runner := range map[string]*scenarios.Runner{
		"Server of the Runner is nil": {},
		"Repeat of the Runner is 2":   {Server: pgtest.Server(t), Repeat: 2},
	} {
		_, err := measured(t, runner, p)
		if err == nil || !strings.Contains(err.Error(), mentions) {
			t.Errorf("got error %v, want one that mentions %q", err, mentions)
		}
	}
	for range (&scenarios.Runner{Server: failingServer{}}).Run(t.Context(), p, nil) {
		t.Error("Run yields something without cells")
	}
}

// TestCellThatCannotBegin uses an unknown scenario and an invalid pool.
func TestCellThatCannotBegin(t *testing.T) {
	for _, test := range []struct {
		scenario string
		maxConns int32
		mentions string
	}{
		{"item", 0, `v1 item/0: path "test" has no scenario "item"`},
		{"items", -1, "v1 items/0: "},
	} {
		runner := &scenarios.Runner{Server: pgtest.Server(t), MaxConns: test.maxConns}
		p := path(scenarios.Scenario{Setup: running(selectItems)})
		var errs []error
		for _, err := range runner.Run(t.Context(), p, []scenarios.Cell{{Scenario: test.scenario, Version: "v1"}}) {
			errs = append(errs, err)
		}
		var cellErr *scenarios.CellError
		if len(errs) != 1 || !errors.As(errs[0], &cellErr) || !strings.Contains(errs[0].Error(), test.mentions) || strings.Contains(errs[0].Error(), "panic") {
			t.Errorf("got %v, want one *CellError that mentions %q", errs, test.mentions)
		}
	}
}

func TestIdle(t *testing.T) {
	_, errs := run(t, path(scenarios.Scenario{Idle: true, Setup: running(func(context.Context, scenarios.Env) error { return nil })}))
	must.Succeed(t, errors.Join(errs...))
}

func TestRepeat(t *testing.T) {
	for repeat, want := range map[int]int{0: 4, 3: 4, 5: 6} { // with the warm-up
		runs := 0
		p := path(scenarios.Scenario{Setup: running(func(ctx context.Context, env scenarios.Env) error {
			runs++
			return selectItems(ctx, env)
		})})
		if _, err := measured(t, &scenarios.Runner{Server: pgtest.Server(t), Repeat: repeat}, p); err != nil {
			t.Error(err)
		}
		if runs != want {
			t.Errorf("Repeat %d: the operation ran %d times, want %d", repeat, runs, want)
		}
	}
}
