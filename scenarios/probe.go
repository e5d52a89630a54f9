package scenarios

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/internal/pgkeep"
	"github.com/fanout-bench/fanout-bench/internal/probe"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// errNoConnection means that there is no connection to model the added statement's on.
var errNoConnection = errors.New("no connection did any work")

// add adds the probe to the work of scope, which ctx carries.
func add(ctx context.Context, added *probe.Probe, env Env, scope *tracer.Scope, sessions *pgkeep.Keeper) error {
	times := 1
	if added.PerN {
		times = env.N
	}
	if !added.Check {
		config, connector := beside.ConnConfig(scope)
		if connector != nil {
			return addByDriver(ctx, times, connector)
		}
		return addStatements(ctx, times, sessions, config)
	}
	for i := range times {
		_, end := env.Recorder.Check(ctx, probe.Name, "", "", i)
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

// addByDriver is addStatements where the operation has another driver than pgx, and perhaps
// another database.
func addByDriver(ctx context.Context, times int, connector driver.Connector) (err error) {
	db := sql.OpenDB(uncloseable{connector})
	defer func() { err = errors.Join(err, db.Close()) }()
	for i := range times {
		if _, err := db.ExecContext(ctx, fmt.Sprintf("-- name: "+probe.Name+" :one\nSELECT %d", i)); err != nil {
			return err
		}
	}
	return nil
}

// uncloseable is a connector that the application goes on to use.
type uncloseable struct{ driver.Connector }
