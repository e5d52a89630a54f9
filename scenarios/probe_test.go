package scenarios_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/internal/probe"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// probed returns the results of s and the runs with probes.
func probed(t *testing.T, s scenarios.Scenario) ([]scenarios.Result, *probe.Runs) {
	t.Helper()
	p := path(s)
	cells, err := p.Cells()
	must.Succeed(t, err)
	var results []scenarios.Result
	runner := &scenarios.Runner{Server: pgtest.Server(t)}
	ctx, runs := probe.Wanted(t.Context(), probe.All())
	for result, err := range runner.Run(ctx, p, cells) {
		must.Succeed(t, err)
		results = append(results, result)
	}
	return results, runs
}

// A probe adds exactly its work, and not to the runs that count.
func TestProbes(t *testing.T) {
	results, runs := probed(t, scenarios.Scenario{Unit: "item", Sweep: []int{0, 3}, Setup: running(selectItems)})
	for i, result := range results {
		if counts := result.Recording.Counts(); counts.SQL != 1 || counts.RBAC != 0 {
			t.Errorf("N=%d: %d statements, %d checks, want the operation's alone", result.N, counts.SQL, counts.RBAC)
		}
		for p, want := range map[probe.Probe][]int{{}: {1, 1}, {PerN: true}: {0, 3}, {Check: true}: {1, 1}} {
			recording, ok := runs.Of(result.Cell, p)
			counts := recording.Counts()
			statements, checks := want[i], 0
			if p.Check {
				statements, checks = 0, want[i]
			}
			if !ok || counts.Statements[probe.Name] != statements || counts.SQL != 1+statements || counts.RBAC != checks ||
				counts.Checks[probe.Name] != checks || counts.Prepare != 0 || counts.SQLUnique != counts.SQL {
				t.Errorf("%v, N=%d: %t, %+v", p, result.N, ok, counts)
			}
		}
	}
}

// Statements are added on the connection of another driver too.
func TestProbesByDriver(t *testing.T) {
	var db *sql.DB
	results, runs := probed(t, scenarios.Scenario{Unit: "item", Sweep: []int{3}, Setup: func(_ context.Context, env scenarios.Env) (scenarios.Operation, error) {
		config := env.Pool.Config().ConnConfig.Copy()
		config.Tracer, config.BuildFrontend = nil, pgproto3.NewFrontend
		db = sql.OpenDB(env.Recorder.Connector(stdlib.GetConnector(*config)))
		t.Cleanup(func() { _ = db.Close() })
		return scenarios.Operation{Run: func(ctx context.Context) error {
			_, err := db.ExecContext(ctx, "SELECT 1")
			return err
		}}, nil
	}})
	recording, ok := runs.Of(results[0].Cell, probe.Probe{PerN: true})
	if counts := recording.Counts(); !ok || counts.Statements[probe.Name] != 3 || counts.SQLUnique != 4 || counts.Has(tracer.RoundTrips) {
		t.Errorf("%t, %+v", ok, counts)
	}
}

// Without a statement in the operation, no connection for another one is known.
func TestProbesWithoutStatements(t *testing.T) {
	results, runs := probed(t, scenarios.Scenario{Setup: running(func(ctx context.Context, env scenarios.Env) error {
		_, end := env.Recorder.Check(ctx, "read item", "ann", "read", "item")
		end(true)
		return nil
	})})
	for _, p := range probe.All() {
		if recording, ok := runs.Of(results[0].Cell, p); ok != p.Check || ok && recording.Counts().RBAC != 2 {
			t.Errorf("%v: %t, %+v, want a check only", p, ok, recording.Counts())
		}
	}
}

// The error of a run with a probe names the probe.
func TestProbeThatFails(t *testing.T) {
	runs := 0
	p := path(scenarios.Scenario{Setup: running(func(ctx context.Context, env scenarios.Env) error {
		if runs++; runs > 1+scenarios.MinRepeat {
			return errors.New("worn out")
		}
		return selectItems(ctx, env)
	})})
	runner := &scenarios.Runner{Server: pgtest.Server(t)}
	ctx, _ := probe.Wanted(t.Context(), probe.All())
	var errs []error
	for _, err := range runner.Run(ctx, p, []scenarios.Cell{{Scenario: "items", Version: "v1"}}) {
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err == nil || err.Error() != "v1 items/0: with one more statement: worn out" {
		t.Errorf("got error %v", err)
	}
}
