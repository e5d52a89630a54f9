package scenarios

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/internal/pgkeep"
	"github.com/fanout-bench/fanout-bench/internal/probe"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// errNoConnection says that nothing is known of where to add a statement.
var errNoConnection = errors.New("no connection did any work")

// probe makes one more run for each probe that ctx asks for. Statements are not added where
// none is executed.
func (r *Runner) probe(ctx context.Context, p prepared) error {
	runs := probe.From(ctx)
	for _, added := range runs.Probes() {
		p.added = &added
		recording, _, err := r.once(ctx, p)
		switch {
		case errors.Is(err, errNoConnection):
		case err != nil:
			return fmt.Errorf("with %v: %w", added, err)
		default:
			runs.Add(p.cell, added, recording)
		}
	}
	return nil
}

// add adds the probe to the work of scope, which ctx carries.
func (p prepared) add(ctx context.Context, scope *tracer.Scope) error {
	times := 1
	if p.added.PerN {
		times = p.env.N
	}
	if !p.added.Check {
		return addStatements(ctx, times, p.sessions, beside.ConnConfig(scope))
	}
	for i := range times {
		_, end := p.env.Recorder.Check(ctx, probe.Name, "", "", i)
		end(true)
	}
	return nil
}

// addStatements executes them on a connection of its own that is like those of the
// operation, whose pool nobody need know for that.
func addStatements(ctx context.Context, times int, sessions *pgkeep.Keeper, config *pgx.ConnConfig) (err error) {
	if config == nil {
		return errNoConnection
	}
	conn, err := sessions.Connect(ctx, config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sessions.Release(ctx, conn)) }()
	for i := range times {
		// Without a prepared statement, which the operation need not have.
		if _, err := conn.Exec(ctx, "-- name: "+probe.Name+" :one\nSELECT $1::int", pgx.QueryExecModeExec, i); err != nil {
			return err
		}
	}
	return nil
}
