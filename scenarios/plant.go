package scenarios

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/internal/pgkeep"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Plant is work that is added to a run of an operation, in its scope, to find out
// whether it would be noticed.
type Plant struct {
	Check bool // a check; else a statement
	PerN  bool // one for each N; else one
}

// PlantName is what planted statements and checks are called.
const PlantName = "FanoutBenchPlant"

// Plants returns those that show whether a gate sees what it is there for.
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

// Key returns what p is called in file names: "statement-per-n".
func (p Plant) Key() string {
	key := "statement"
	if p.Check {
		key = "check"
	}
	if p.PerN {
		key += "-per-n"
	}
	return key
}

// A Planted is one run of an operation with a Plant.
type Planted struct {
	Plant     Plant
	Recording tracer.Recording
}

// Results returns those of results that have a run with p, with that in place of the
// runs that count.
func (p Plant) Results(results []Result) []Result {
	var planted []Result
	for _, result := range results {
		for _, run := range result.Planted {
			if run.Plant == p {
				result.Recording = run.Recording
				planted = append(planted, result)
			}
		}
	}
	return planted
}

// errNoConnection says that nothing is known of where to plant a statement.
var errNoConnection = errors.New("no connection did any work")

// planted makes one more run for each of r.Plants. Statements are not planted where
// none is executed.
func (r *Runner) planted(ctx context.Context, p prepared) ([]Planted, error) {
	var all []Planted
	for _, plant := range r.Plants {
		p.plant = &plant
		recording, _, err := r.once(ctx, p)
		switch {
		case errors.Is(err, errNoConnection):
		case err != nil:
			return nil, fmt.Errorf("with %v: %w", plant, err)
		default:
			all = append(all, Planted{plant, recording})
		}
	}
	return all, nil
}

// grow adds the work to that of scope, which ctx carries.
func (p Plant) grow(ctx context.Context, env Env, sessions *pgkeep.Keeper, scope *tracer.Scope) error {
	if p.Check {
		p.check(ctx, env)
		return nil
	}
	return p.execute(ctx, env, sessions, beside.ConnConfig(scope))
}

func (p Plant) times(env Env) int {
	if p.PerN {
		return env.N
	}
	return 1
}

func (p Plant) check(ctx context.Context, env Env) {
	for i := range p.times(env) {
		_, end := env.Recorder.Check(ctx, PlantName, "", "", i)
		end(true)
	}
}

// execute plants statements on a connection of its own that is like those of the
// operation, whose pool nobody need know for that.
func (p Plant) execute(ctx context.Context, env Env, sessions *pgkeep.Keeper, config *pgx.ConnConfig) (err error) {
	if config == nil {
		return errNoConnection
	}
	conn, err := sessions.Connect(ctx, config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sessions.Release(ctx, conn)) }()
	for i := range p.times(env) {
		// Without a prepared statement, which the operation need not have.
		if _, err := conn.Exec(ctx, "-- name: "+PlantName+" :one\nSELECT $1::int", pgx.QueryExecModeExec, i); err != nil {
			return err
		}
	}
	return nil
}
