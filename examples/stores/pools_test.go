package stores

import (
	"context"
	"database/sql"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/lib/pq"

	"github.com/fanout-bench/fanout-bench/fanouttest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// refused returns why Check fails.
func refused(t *testing.T, s fanouttest.Scenario) string {
	t.Helper()
	w := &watched{T: t}
	var group sync.WaitGroup
	group.Go(func() { fanouttest.Check(w, s) })
	group.Wait()
	return w.said.String()
}

// TestTwoPools has a primary and a replica. One Recorder is attached to both; where it is not,
// Check says so.
func TestTwoPools(t *testing.T) {
	primary, recorder := newPool(t)
	for _, attached := range []bool{true, false} {
		config, err := pgxpool.ParseConfig(primary.Config().ConnString())
		if err != nil {
			t.Fatal(err)
		}
		config.ConnConfig.RuntimeParams["application_name"] = "replica"
		if attached {
			recorder.Attach(config.ConnConfig)
		}
		replica, err := pgxpool.NewWithConfig(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		defer replica.Close()
		said := refused(t, fanouttest.Scenario{
			Unit: "item", Recorder: recorder,
			Expect: fanouttest.Limits{tracer.SQL: fanouttest.Linear(1).AtMost(9)},
			Run: func(ctx context.Context, n int) error {
				if _, err := primary.Exec(ctx, "UPDATE item SET name = name WHERE id = $1", n); err != nil {
					return err
				}
				_, err := loop(replica)(ctx, n)
				return err
			},
		})
		if attached != (said == "") || !attached && !strings.Contains(said, `work that no Recorder counts, on other connections to the database: 1 connection of application_name "replica"`) {
			t.Errorf("attached: %v; it says %s", attached, said)
		}
	}
}

// TestPQ counts by lib/pq.
func TestPQ(t *testing.T) {
	pool, recorder := newPool(t)
	connector, err := pq.NewConnector(pool.Config().ConnString() + " sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	std := sql.OpenDB(recorder.Connector(connector))
	defer std.Close()
	check(t, recorder, fanouttest.Limits{tracer.SQL: fanouttest.Constant()}, func(ctx context.Context, n int) ([]string, error) {
		rows, err := std.QueryContext(ctx, "SELECT name FROM item WHERE id = ANY($1) ORDER BY id", pq.Array(upTo(n)))
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		var names []string
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				return nil, err
			}
			names = append(names, name)
		}
		return names, rows.Err()
	})
}

// TestCache keeps what it has read. The run to warm up fills it, so that later ones cost
// nothing more; Cold has first runs judged, for each of which Setup makes the cache anew.
func TestCache(t *testing.T) {
	pool, recorder := newPool(t)
	for _, cold := range []bool{false, true} {
		var cache map[int]string
		said := refused(t, fanouttest.Scenario{
			Unit: "item", Recorder: recorder, Cold: cold, Expect: fanouttest.Limits{tracer.SQL: fanouttest.Constant()},
			Setup: func(context.Context, int) error { cache = map[int]string{}; return nil },
			Run: func(ctx context.Context, n int) error {
				if _, err := pool.Exec(ctx, "SELECT count(*) FROM item"); err != nil {
					return err
				}
				for _, id := range upTo(n) {
					if cache[id] != "" {
						continue
					}
					var name string
					if err := pool.QueryRow(ctx, "SELECT name FROM item WHERE id = $1", id).Scan(&name); err != nil {
						return err
					}
					cache[id] = name
				}
				return nil
			},
		})
		if cold != strings.Contains(said, "SQL 1 + N (9 at N=8)") || !cold && said != "" {
			t.Errorf("cold: %v; it says %s", cold, said)
		}
	}
}
