package scenarios_test

import (
	"context"
	"errors"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

func planted(t *testing.T, s scenarios.Scenario) []scenarios.Result {
	t.Helper()
	p := path(s)
	cells, err := p.Cells()
	if err != nil {
		t.Fatal(err)
	}
	var results []scenarios.Result
	runner := &scenarios.Runner{Server: pgtest.Server(t), Plants: scenarios.Plants()}
	for result, err := range runner.Run(t.Context(), p, cells) {
		if err != nil {
			t.Fatal(err)
		}
		results = append(results, result)
	}
	return results
}

// A plant adds what it says and nothing else, and not to the runs that count.
func TestPlants(t *testing.T) {
	results := planted(t, scenarios.Scenario{Unit: "item", Sweep: []int{0, 3}, Setup: running(selectItems)})
	for _, result := range results {
		if counts := result.Recording.Counts(); counts.SQL != 1 || counts.RBAC != 0 {
			t.Errorf("N=%d: %d statements, %d checks, want the operation's alone", result.N, counts.SQL, counts.RBAC)
		}
		if len(result.Planted) != len(scenarios.Plants()) {
			t.Errorf("N=%d: %d runs with a plant, want %d", result.N, len(result.Planted), len(scenarios.Plants()))
		}
	}
	for plant, want := range map[scenarios.Plant][]int{{}: {1, 1}, {PerN: true}: {0, 3}, {Check: true}: {1, 1}} {
		for i, result := range plant.Results(results) {
			counts := result.Recording.Counts()
			statements, checks := want[i], 0
			if plant.Check {
				statements, checks = 0, want[i]
			}
			if counts.Statements[scenarios.PlantName] != statements || counts.SQL != 1+statements || counts.RBAC != checks ||
				counts.Checks[scenarios.PlantName] != checks || counts.Prepare != 0 || counts.SQLUnique != counts.SQL {
				t.Errorf("%v, N=%d: %+v", plant, result.N, counts)
			}
		}
	}
}

// Where no statement is executed, no connection is known to plant one on.
func TestPlantsWithoutStatements(t *testing.T) {
	results := planted(t, scenarios.Scenario{Setup: running(func(ctx context.Context, env scenarios.Env) error {
		_, end := env.Recorder.Check(ctx, "read item", "ann", "read", "item")
		end(true)
		return nil
	})})
	if got := results[0].Planted; len(got) != 1 || !got[0].Plant.Check || got[0].Recording.Counts().RBAC != 2 {
		t.Errorf("planted %+v, want a check only", got)
	}
}

// What goes wrong with a plant is said to have gone wrong there.
func TestPlantThatFails(t *testing.T) {
	runs := 0
	p := path(scenarios.Scenario{Setup: running(func(ctx context.Context, env scenarios.Env) error {
		if runs++; runs > 1+scenarios.MinRepeat {
			return errors.New("worn out")
		}
		return selectItems(ctx, env)
	})})
	runner := &scenarios.Runner{Server: pgtest.Server(t), Plants: scenarios.Plants()}
	var errs []error
	for _, err := range runner.Run(t.Context(), p, []scenarios.Cell{{Scenario: "items", Version: "v1"}}) {
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err == nil || err.Error() != "v1 items/0: with one more statement: worn out" {
		t.Errorf("got error %v", err)
	}
}

func TestPlantKeys(t *testing.T) {
	keys := map[string]bool{}
	for _, plant := range append(scenarios.Plants(), scenarios.Plant{Check: true, PerN: true}) {
		keys[plant.Key()] = true
		if plant.Metric() != tracer.RBAC && plant.Check || plant.Metric() != tracer.SQL && !plant.Check {
			t.Errorf("%v adds to %s", plant, plant.Metric())
		}
	}
	if len(keys) != 4 || !keys["statement-per-n"] || !keys["check-per-n"] {
		t.Errorf("keys %v", keys)
	}
}
