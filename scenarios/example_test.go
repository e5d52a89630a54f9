package scenarios_test

import (
	"context"
	"fmt"

	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// orders is a code path in two versions: one checks access for each order, the other once for
// all.
var orders = &scenarios.Path{
	Name:      "orders",
	Reference: "once",
	Versions:  []scenarios.Version{{Name: "once"}, {Name: "each", Summary: "a check for each order"}},
	Scenarios: []scenarios.Scenario{{
		Name: "list", Unit: "order", Sweep: []int{1, 2, 4},
		Setup: func(_ context.Context, env scenarios.Env) (scenarios.Operation, error) {
			check := func(ctx context.Context, order int) {
				_, end := env.Recorder.Check(ctx, "read order", "alice", "read", order)
				end(true)
			}
			return scenarios.Operation{Run: func(ctx context.Context) error {
				for order := range env.N {
					if order == 0 || env.Version == "each" {
						check(ctx, order)
					}
				}
				return nil
			}}, nil
		},
	}},
}

func ExamplePath_Cells() {
	cells, err := orders.Cells()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, cell := range cells {
		fmt.Println(cell)
	}
	// Output:
	// once list/1
	// each list/1
	// once list/2
	// each list/2
	// once list/4
	// each list/4
}

// Measure one cell with the caller's Recorder, usually that of a pool.
func ExampleRunner_Measure() {
	runner := &scenarios.Runner{}
	for _, n := range []int{1, 2, 4} {
		env := scenarios.Env{Version: "each", N: n, Recorder: &tracer.Recorder{}}
		result, err := runner.Measure(context.Background(), orders.Scenarios[0], env)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(result.Cell, result.Outcome, result.Recording.Counts().RBAC)
	}
	// Output:
	// each list/1 ok 1
	// each list/2 ok 2
	// each list/4 ok 4
}
