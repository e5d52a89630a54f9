package scenarios

import (
	"context"
	"fmt"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Plant is work that is added to each run of an operation, in its scope, to find out
// whether it would be noticed.
type Plant struct {
	Check bool // a check; else a statement
	PerN  bool // one for each N; else one
}

// PlantName is what planted statements and checks are called.
const PlantName = "FanoutBenchPlant"

// Plants are those that show whether a gate sees what it is there for.
func Plants() []Plant { return []Plant{{}, {PerN: true}, {Check: true}} }

// String returns what is planted: "one more statement for each N".
func (p Plant) String() string {
	what := "statement"
	if p.Check {
		what = "check"
	}
	if p.PerN {
		return "one more " + what + " for each N"
	}
	return "one more " + what
}

// Metric returns what a plant adds to.
func (p Plant) Metric() tracer.Metric {
	if p.Check {
		return tracer.RBAC
	}
	return tracer.SQL
}

func (p Plant) grow(ctx context.Context, env Env) error {
	times := 1
	if p.PerN {
		times = env.N
	}
	for i := range times {
		if p.Check {
			_, end := env.Recorder.Check(ctx, PlantName, "", "", i)
			end(true)
			continue
		}
		if _, err := env.Pool.Exec(ctx, "-- name: "+PlantName+" :one\nSELECT $1::int", i); err != nil {
			return fmt.Errorf("plant %v: %w", p, err)
		}
	}
	return nil
}
