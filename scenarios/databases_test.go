package scenarios_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// databasesStay returns a check that the databases are the same as now.
func databasesStay(t *testing.T) func() {
	names := pgtest.Databases(t)
	before := names()
	return func() {
		t.Helper()
		if after := names(); !slices.Equal(before, after) {
			t.Errorf("databases before %v\nand after        %v", before, after)
		}
	}
}

// TestCellsDoNotSeeEachOther stores the same key in every cell.
func TestCellsDoNotSeeEachOther(t *testing.T) {
	defer databasesStay(t)()
	p := path(scenarios.Scenario{
		Unit: "item", Sweep: []int{1, 2, 3},
		Setup: func(ctx context.Context, env scenarios.Env) (scenarios.Operation, error) {
			if _, err := env.Fixtures.Exec(ctx, "INSERT INTO items VALUES (1)"); err != nil {
				return scenarios.Operation{}, err
			}
			return scenarios.Operation{Run: func(ctx context.Context) error {
				_, err := env.Pool.Exec(ctx, "INSERT INTO items SELECT max(id) + 1 FROM items")
				return err
			}}, nil
		},
	})
	results, errs := runBy(t, &scenarios.Runner{Server: pgtest.Server(t), Parallel: 3}, p)
	for i, result := range results {
		if errs[i] != nil || result.Recording.Counts().SQL != 1 {
			t.Errorf("got %+v, %v", result, errs[i])
		}
	}
}

func TestReadOnlyIsEnforced(t *testing.T) {
	p := path(scenarios.Scenario{Setup: running(func(ctx context.Context, env scenarios.Env) error {
		_, err := env.Pool.Exec(ctx, "INSERT INTO items VALUES (1)")
		return err
	})})
	p.ReadOnly = true
	_, errs := run(t, p)
	if len(errs) != 1 || errs[0] == nil || !strings.Contains(errs[0].Error(), "read-only transaction") {
		t.Errorf("got %v, want the server's refusal", errs)
	}
}

func TestParallelKeepsOrder(t *testing.T) {
	p := path(scenarios.Scenario{Unit: "item", Sweep: []int{1, 2, 3, 4, 5, 6, 7, 8}, Setup: running(selectItems)})
	p.ReadOnly = true
	cells, _ := p.Cells()
	results, errs := runBy(t, &scenarios.Runner{Server: pgtest.Server(t), Parallel: 4}, p)
	must.Succeed(t, errors.Join(errs...))
	var got []scenarios.Cell
	for _, result := range results {
		got = append(got, result.Cell)
	}
	if !slices.Equal(got, cells) {
		t.Errorf("got  %v\nwant %v", got, cells)
	}
}

func TestNothingIsLeftWhenARunStops(t *testing.T) {
	p := path(scenarios.Scenario{Unit: "item", Sweep: []int{1, 2, 3, 4}, Setup: running(selectItems)})
	cells, _ := p.Cells()
	for name, stop := range map[string]func(context.Context, context.CancelFunc) error{
		"consumer": func(ctx context.Context, _ context.CancelFunc) error {
			for range (&scenarios.Runner{Server: pgtest.Server(t), Parallel: 2}).Run(ctx, p, cells) {
				return context.Canceled
			}
			return nil
		},
		"context": func(ctx context.Context, cancel context.CancelFunc) error {
			var last error
			for _, err := range (&scenarios.Runner{Server: pgtest.Server(t), Parallel: 2}).Run(ctx, p, cells) {
				cancel()
				last = err
			}
			return last
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer databasesStay(t)()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if err := stop(ctx, cancel); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want %v", err, context.Canceled)
			}
		})
	}
}

// TestCellsRunSideBySide measures two cells that wait for each other.
func TestCellsRunSideBySide(t *testing.T) {
	var both sync.WaitGroup
	both.Add(2)
	p := path(scenarios.Scenario{
		Unit: "item", Sweep: []int{1, 2},
		Setup: func(ctx context.Context, env scenarios.Env) (scenarios.Operation, error) {
			both.Done()
			met := make(chan struct{})
			go func() { both.Wait(); close(met) }()
			select {
			case <-met:
			case <-ctx.Done():
				return scenarios.Operation{}, ctx.Err()
			}
			return scenarios.Operation{Run: func(ctx context.Context) error { return selectItems(ctx, env) }}, nil
		},
	})
	_, errs := runBy(t, &scenarios.Runner{Server: pgtest.Server(t), Parallel: 2}, p)
	must.Succeed(t, errors.Join(errs...))
}

// TestNoCellBeginsAfterAStop stops during the second cell and expects that the third does not
// begin.
func TestNoCellBeginsAfterAStop(t *testing.T) {
	var begun []int
	p := path(scenarios.Scenario{
		Unit: "item", Sweep: []int{1, 2, 3},
		Setup: func(ctx context.Context, env scenarios.Env) (scenarios.Operation, error) {
			if begun = append(begun, env.N); env.N == 2 {
				<-ctx.Done()
			}
			return scenarios.Operation{Run: func(ctx context.Context) error { return selectItems(ctx, env) }}, nil
		},
	})
	cells, _ := p.Cells()
	for range (&scenarios.Runner{Server: pgtest.Server(t), Timeout: 5 * time.Second}).Run(t.Context(), p, cells) {
		break
	}
	if slices.Contains(begun, 3) {
		t.Errorf("begun %v", begun)
	}
}

// keepingServer drops databases but returns an error.
type keepingServer struct{ scenarios.Server }

func (s keepingServer) Drop(ctx context.Context, config *pgxpool.Config) error {
	return errors.Join(s.Server.Drop(ctx, config), errors.New("it is in use"))
}

// TestFailedDropIsReported expects the errors at the end of a run, if somebody still reads them.
func TestFailedDropIsReported(t *testing.T) {
	p := path(scenarios.Scenario{Setup: running(selectItems)})
	cells := []scenarios.Cell{{Scenario: "items", Version: "v1"}, {Scenario: "items", N: 1, Version: "v1"}}
	for _, readOnly := range []bool{false, true} {
		p.ReadOnly = readOnly
		runner := &scenarios.Runner{Server: keepingServer{pgtest.Server(t)}}
		var got []string
		for _, err := range runner.Run(t.Context(), p, cells) {
			got = append(got, fmt.Sprint(err))
		}
		want := []string{"<nil>", "<nil>", "clean up after test: it is in use\nit is in use\nit is in use"}
		if readOnly { // cells share one
			want[2] = "clean up after test: it is in use"
		}
		if !slices.Equal(got, want) {
			t.Errorf("read only %t: got %q, want %q", readOnly, got, want)
		}

		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		got = nil
		for _, err := range runner.Run(ctx, p, cells) {
			cancel(errors.New("no time"))
			got = append(got, fmt.Sprint(err))
		}
		if len(got) != 2 || got[1] != "no time" {
			t.Errorf("read only %t, interrupted: got %q, want the reason last", readOnly, got)
		}
		for range runner.Run(t.Context(), p, cells) {
			break // nothing may be yielded after that
		}
	}
}

// TestConnectionStringDoesNotChangeCounts uses a connection string with another query mode and
// pool size.
func TestConnectionStringDoesNotChangeCounts(t *testing.T) {
	p := path(scenarios.Scenario{Setup: running(func(ctx context.Context, env scenarios.Env) error {
		_, err := env.Pool.Exec(ctx, "SELECT FROM items WHERE id = $1", 1)
		return err
	})})
	p.ReadOnly = true
	runner := &scenarios.Runner{Server: pushyServer{pgtest.Server(t)}}
	result, err := measured(t, runner, p)
	if c := result.Recording.Counts(); err != nil || c.SQL != 1 || c.Prepare != 0 || c.RoundTrips != 1 {
		t.Errorf("got %+v, %v; want one statement from the cache", c, err)
	}
}

type pushyServer struct{ scenarios.Server }

func (s pushyServer) Create(ctx context.Context, schema string) (*pgxpool.Config, error) {
	config, err := s.Server.Create(ctx, schema)
	if err == nil {
		config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeDescribeExec
		config.MinConns, config.MaxConnLifetime = 5, time.Millisecond
	}
	return config, err
}

// TestServerThatRefusesIsNotGone fails a cell while its database allows no new
// connections.
func TestServerThatRefusesIsNotGone(t *testing.T) {
	other := pgtest.Pool(t, "")
	p := path(scenarios.Scenario{
		Unit: "item", Sweep: []int{1, 2},
		Setup: func(ctx context.Context, env scenarios.Env) (scenarios.Operation, error) {
			_, err := other.Exec(ctx, "ALTER DATABASE "+env.Pool.Config().ConnConfig.Database+" ALLOW_CONNECTIONS false")
			return scenarios.Operation{}, errors.Join(err, errors.New("no fixtures"))
		},
	})
	p.ReadOnly = true
	_, errs := runBy(t, &scenarios.Runner{Server: pgtest.Server(t)}, p)
	if len(errs) != 2 || errors.Is(errors.Join(errs...), scenarios.ErrServerGone) {
		t.Errorf("got %v, want an error for each cell", errs)
	}
}

func TestSetupMayHoldSeveralFixtureConnections(t *testing.T) {
	results, errs := run(t, path(scenarios.Scenario{
		Setup: func(ctx context.Context, env scenarios.Env) (scenarios.Operation, error) {
			tx, err := env.Fixtures.Begin(ctx)
			if err != nil {
				return scenarios.Operation{}, err
			}
			_, err = env.Fixtures.Exec(ctx, "INSERT INTO items VALUES (1)")
			return scenarios.Operation{Run: func(ctx context.Context) error { return selectItems(ctx, env) }},
				errors.Join(err, tx.Commit(ctx))
		},
	}))
	if err := errors.Join(errs...); err != nil || results[0].Recording.Counts().SQL != 1 {
		t.Errorf("got %+v, %v", results, err)
	}
}

// TestFixtureConnections checks how many fixture connections a Setup can have, and that none is
// left.
func TestFixtureConnections(t *testing.T) {
	for _, readOnly := range []bool{false, true} {
		var pool *pgxpool.Pool
		p := path(scenarios.Scenario{Setup: func(_ context.Context, env scenarios.Env) (scenarios.Operation, error) {
			pool = env.Fixtures
			return scenarios.Operation{Run: func(ctx context.Context) error { return selectItems(ctx, env) }}, nil
		}})
		p.ReadOnly = readOnly
		if _, err := measured(t, &scenarios.Runner{Server: pgtest.Server(t), Parallel: 3}, p); err != nil {
			t.Fatal(err)
		}
		if most, want := pool.Config().MaxConns, map[bool]int32{false: 4, true: 12}[readOnly]; most != want {
			t.Errorf("read only %t: %d connections, want %d", readOnly, most, want)
		}
		if err := pool.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "closed pool") {
			t.Errorf("read only %t: after the run, a ping says %v", readOnly, err)
		}
	}
}

func TestSetupThatWaitsForItselfTimesOut(t *testing.T) {
	p := path(scenarios.Scenario{Setup: func(ctx context.Context, _ scenarios.Env) (scenarios.Operation, error) {
		<-ctx.Done()
		return scenarios.Operation{}, ctx.Err()
	}})
	_, err := measured(t, &scenarios.Runner{Server: pgtest.Server(t), Timeout: 100 * time.Millisecond}, p)
	if err == nil || !strings.Contains(err.Error(), "setup: not finished within 100ms") {
		t.Errorf("got error %v, want one that says it did not finish", err)
	}
}

// TestServerThatIsGoneEndsTheRun drops the database during the first cell and expects one
// error, without those of the failed cleanup.
func TestServerThatIsGoneEndsTheRun(t *testing.T) {
	other := pgtest.Pool(t, "")
	p := path(scenarios.Scenario{
		Unit: "item", Sweep: []int{1, 2, 3},
		Setup: func(ctx context.Context, env scenarios.Env) (scenarios.Operation, error) {
			_, err := other.Exec(ctx, "DROP DATABASE "+env.Pool.Config().ConnConfig.Database+" WITH (FORCE)")
			return scenarios.Operation{Run: func(ctx context.Context) error { return selectItems(ctx, env) }}, err
		},
	})
	p.ReadOnly = true
	_, errs := runBy(t, &scenarios.Runner{Server: keepingServer{pgtest.Server(t)}}, p)
	var cellErr *scenarios.CellError
	if len(errs) != 1 || !errors.Is(errs[0], scenarios.ErrServerGone) || !errors.As(errs[0], &cellErr) {
		t.Errorf("got %v, want one error that ends the run", errs)
	}
}

// failingServer fails to make databases.
type failingServer struct{}

func (failingServer) Create(context.Context, string) (*pgxpool.Config, error) {
	return nil, fmt.Errorf("disk full")
}
func (failingServer) Clone(context.Context, *pgxpool.Config) (*pgxpool.Config, error) {
	return nil, fmt.Errorf("disk full")
}
func (failingServer) Drop(context.Context, *pgxpool.Config) error { return nil }

// slowServer makes a copy only while an earlier cell runs, and drops one only while a later
// cell runs.
type slowServer struct {
	scenarios.Server
	copies, drops atomic.Int32
	begun         []chan struct{}
}

func (s *slowServer) Clone(ctx context.Context, source *pgxpool.Config) (*pgxpool.Config, error) {
	if i := s.copies.Add(1) - 1; i > 0 {
		await(ctx, s.begun[i-1])
	}
	return s.Server.Clone(ctx, source)
}

func (s *slowServer) Drop(ctx context.Context, config *pgxpool.Config) error {
	if i := int(s.drops.Add(1)); i < len(s.begun) {
		await(ctx, s.begun[i])
	}
	return errors.Join(ctx.Err(), s.Server.Drop(ctx, config))
}

func await(ctx context.Context, event chan struct{}) {
	select {
	case <-event:
	case <-ctx.Done():
	}
}

// TestCopiesAheadAndDropsBehind uses cells that wait for the next copy to begin, and a server
// whose drops wait for the next cell.
func TestCopiesAheadAndDropsBehind(t *testing.T) {
	server := &slowServer{Server: pgtest.Server(t), begun: []chan struct{}{make(chan struct{}), make(chan struct{}), make(chan struct{})}}
	p := path(scenarios.Scenario{Unit: "item", Sweep: []int{0, 1, 2}, Setup: func(ctx context.Context, env scenarios.Env) (scenarios.Operation, error) {
		close(server.begun[env.N])
		for int(server.copies.Load()) < min(env.N+2, len(server.begun)) {
			if ctx.Err() != nil {
				return scenarios.Operation{}, ctx.Err()
			}
			runtime.Gosched()
		}
		return scenarios.Operation{Run: func(ctx context.Context) error { return selectItems(ctx, env) }}, nil
	}})
	_, errs := runBy(t, &scenarios.Runner{Server: server}, p)
	must.Succeed(t, errors.Join(errs...))
}

// fullServer cannot make copies.
type fullServer struct{ scenarios.Server }

func (fullServer) Clone(context.Context, *pgxpool.Config) (*pgxpool.Config, error) {
	return nil, errors.New("disk full")
}

func TestNoCopy(t *testing.T) {
	defer databasesStay(t)()
	p := path(scenarios.Scenario{Unit: "item", Sweep: []int{1, 2, 3}, Setup: running(selectItems)})
	_, got := runBy(t, &scenarios.Runner{Server: fullServer{pgtest.Server(t)}, Parallel: 2}, p)
	if want := "[v1 items/1: disk full v1 items/2: disk full v1 items/3: disk full]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestNoDatabase(t *testing.T) {
	p := path(scenarios.Scenario{Setup: running(selectItems)})
	_, errs := runBy(t, &scenarios.Runner{Server: failingServer{}}, p)
	var cellErr *scenarios.CellError
	if len(errs) != 1 || errors.As(errs[0], &cellErr) || !strings.Contains(fmt.Sprint(errs[0]), "prepare a database for test: disk full") {
		t.Errorf("got %v, want one error that ends the run", errs)
	}
}

// TestServerOfExample runs Example, which needs a server.
func TestServerOfExample(t *testing.T) {
	var b strings.Builder
	must.Succeed(t, measure(t.Context(), &databases{pool: pgtest.Pool(t, "")}, &b))
	if want := "v1 list/1 1\nv1 list/2 2\nv1 list/4 4\n"; b.String() != want {
		t.Errorf("it prints\n%s, want\n%s", b.String(), want)
	}
}
