package scenarios_test

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/internal/probe"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// dialedServer counts the connections to its databases.
type dialedServer struct {
	scenarios.Server
	dials *atomic.Int32
}

func (s dialedServer) Create(ctx context.Context, schema string) (*pgxpool.Config, error) {
	config, err := s.Server.Create(ctx, schema)
	if err == nil {
		dial := config.ConnConfig.DialFunc
		config.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
			s.dials.Add(1)
			return dial(ctx, network, address)
		}
	}
	return config, err
}

// TestCellsThatReadShareSessions checks that a run opens only as many connections as its cells
// and probes need at the same time, and that counts do not change.
func TestCellsThatReadShareSessions(t *testing.T) {
	p := path(scenarios.Scenario{Unit: "item", Sweep: []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, Setup: running(func(ctx context.Context, env scenarios.Env) error {
		for i := range env.N {
			if err := env.Pool.QueryRow(ctx, "-- name: GetItem :one\nSELECT $1::int", i).Scan(new(int)); err != nil {
				return err
			}
		}
		return nil
	})})
	p.ReadOnly = true
	cells, _ := p.Cells()
	slices.Reverse(cells)
	for _, parallel := range []int{1, 3} {
		var dials atomic.Int32
		runner := &scenarios.Runner{Server: dialedServer{pgtest.Server(t), &dials}, Parallel: parallel}
		ctx, runs := probe.Wanted(t.Context(), probe.All())
		for result, err := range runner.Run(ctx, p, cells) {
			must.Succeed(t, err)
			_, added := runs.Of(result.Cell, probe.Probe{PerN: true})
			if c := result.Recording.Counts(); c.SQL != result.N || c.RoundTrips != result.N || c.Prepare != 0 || !added {
				t.Errorf("%v: got %+v", result.Cell, c)
			}
		}
		// One for the fixtures, and one each for the operations and the probes.
		if most := int32(1 + 2*parallel); dials.Load() > most {
			t.Errorf("%d at once: %d connections for %d cells, want at most %d", parallel, dials.Load(), len(cells), most)
		}
	}
}

// TestCellsDoNotSeeWhatSessionsRemember leaves state in each cell's session, some of which a
// reset does not undo.
func TestCellsDoNotSeeWhatSessionsRemember(t *testing.T) {
	const clean = `SELECT current_setting('work_mem') <> '1234kB' AND current_setting('app.tenant', true) IS NULL
		AND current_user = session_user AND NOT EXISTS (SELECT FROM pg_prepared_statements WHERE name = 'q')
		AND NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())
		AND NOT EXISTS (SELECT FROM pg_listening_channels())`
	leave := []string{
		"PREPARE q AS SELECT 1", "SET work_mem = '1234kB'", "SELECT pg_advisory_lock(7)", "LISTEN events", "SET ROLE pg_monitor",
		"SET app.tenant = '7'", "SELECT set_config('app.tenant', '7', false)", "BEGIN", "SELECT 1",
	}
	p := path(scenarios.Scenario{Unit: "way", Sweep: []int{0, 1, 2, 3, 4, 5, 6, 7, 8}, Setup: func(_ context.Context, env scenarios.Env) (scenarios.Operation, error) {
		var (
			runs    int
			isClean bool
		)
		return scenarios.Operation{
			Run: func(ctx context.Context) error { return env.Pool.QueryRow(ctx, clean).Scan(&isClean) },
			Outcome: func(ctx context.Context) (string, error) {
				if runs++; runs == 1+scenarios.MinRepeat { // the last one
					_, err := env.Pool.Exec(ctx, leave[env.N])
					return fmt.Sprint(isClean), err
				}
				return fmt.Sprint(isClean), nil
			},
			Expect: "true",
		}, nil
	}})
	p.ReadOnly = true
	cells, _ := p.Cells()
	for _, order := range [][]scenarios.Cell{cells, append(cells[4:], cells...)} {
		for _, err := range (&scenarios.Runner{Server: pgtest.Server(t)}).Run(t.Context(), p, order) {
			if err != nil {
				t.Error(err)
			}
		}
	}
}
