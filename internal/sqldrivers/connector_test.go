package sqldrivers

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/lib/pq"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Unknown counts are absent, not 0.
func TestAbsent(t *testing.T) {
	byPool := []tracer.Metric{tracer.Acquires, tracer.MaxHeld, tracer.ConnTrips}
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			r := &tracer.Recorder{}
			db := w.database(t, r)
			want := byPool
			if strings.HasPrefix(w.name, "Connector") {
				want = append([]tracer.Metric{tracer.RoundTrips, tracer.Prepares}, byPool...)
			}
			recording := record(t, func(ctx context.Context) { read(t, ctx, db, selectOne, 1) })
			counts := recording.Counts()
			if !slices.Equal(counts.Absent, want) {
				t.Errorf("absent is %v, want %v", counts.Absent, want)
			}
			for _, m := range tracer.Metrics() {
				if absent := slices.Contains(want, m); absent == counts.Has(m) || absent && m.Of(counts) != 0 {
					t.Errorf("%s: %d, known: %t", m, m.Of(counts), counts.Has(m))
				}
			}
			if recording.Estimated || len(recording.Warnings()) != 0 {
				t.Errorf("estimated: %t, warnings %q", recording.Estimated, recording.Warnings())
			}
			if counts := record(t, func(context.Context) {}).Counts(); counts.Absent != nil {
				t.Errorf("absent is %v of nothing", counts.Absent)
			}
		})
	}
}

// A prepare by the application is an event in each way.
func TestPrepares(t *testing.T) {
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			r := &tracer.Recorder{}
			db := w.database(t, r)
			recording := record(t, func(ctx context.Context) {
				s, err := db.PrepareContext(ctx, selectOne)
				must(t, err)
				must(t, s.QueryRowContext(ctx, 1).Scan(new(string)))
				must(t, s.Close())
			})
			var got []tracer.Kind
			for _, e := range recording.Events {
				got = append(got, e.Kind)
			}
			if want := []tracer.Kind{tracer.KindPrepare, tracer.KindQuery}; !slices.Equal(got, want) {
				t.Errorf("events %v, want %v", got, want)
			}
		})
	}
}

// Each request has its own count on a shared pool.
func TestGoroutines(t *testing.T) {
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			r := &tracer.Recorder{Sites: true}
			db := w.database(t, r)
			db.SetMaxOpenConns(4)
			shared, err := db.PrepareContext(t.Context(), selectOne)
			must(t, err)
			defer shared.Close()
			var group sync.WaitGroup
			for i := range 16 {
				group.Go(func() {
					for range 10 {
						ctx, scope := tracer.Start(t.Context(), "request")
						err := request(ctx, db, shared, i)
						counts := scope.End().Counts()
						if got, want := describeCounts(counts), fmt.Sprintf("sql=%d tx=2", 3+i); got != want || err != nil {
							t.Errorf("counts %s, want %s; error %v", got, want, err)
						}
					}
				})
			}
			group.Wait()
			if got := r.Unattributed(); len(got) != 0 {
				t.Errorf("Unattributed() = %v, want none", got)
			}
			must(t, r.Balance())
		})
	}
}

// request executes 3 + n statements, and a transaction.
func request(ctx context.Context, db *sql.DB, shared *sql.Stmt, n int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "SELECT 1")
	err = errors.Join(err, drain(tx.QueryContext(ctx, "SELECT id FROM item")), tx.Rollback(), shared.QueryRowContext(ctx, 1).Scan(new(string)))
	for i := range n {
		err = errors.Join(err, drain(db.QueryContext(ctx, "SELECT $1::int", i)))
	}
	return err
}

func describeCounts(c tracer.Counts) string { return fmt.Sprintf("sql=%d tx=%d", c.SQL, c.Tx) }

// A copy of lib/pq is one statement with any number of rows.
func TestCopyIn(t *testing.T) {
	r := &tracer.Recorder{}
	db := ways[3].database(t, r)
	copied := func(rows []int, finish bool) string {
		recording := record(t, func(ctx context.Context) {
			tx, err := db.BeginTx(ctx, nil)
			must(t, err)
			s, err := tx.PrepareContext(ctx, pq.CopyIn("item", "id", "name"))
			must(t, err)
			for _, id := range rows {
				_, err = s.ExecContext(ctx, id, "a")
				must(t, err)
			}
			if finish {
				_, err = s.ExecContext(ctx)
			} else {
				err = s.Close()
			}
			must(t, errors.Join(s.Close(), tx.Commit()))
			if (err != nil) != (rows[0] == 1) && finish {
				t.Errorf("copy %v: error %v", rows, err)
			}
		})
		return describe(recording)
	}
	const done = "sql=1 sql_unique=1 tx=2: tx done, copy done, tx done"
	if got := copied([]int{100, 101, 102}, true); got != done {
		t.Errorf("got %s, want %s", got, done)
	}
	if got := copied([]int{200, 201}, false); got != done {
		t.Errorf("closed early: got %s, want %s", got, done)
	}
}

// Work that both Connector and Attach see would count twice.
func TestCountedTwice(t *testing.T) {
	config := pgtest.Pool(t, schema).Config().ConnConfig.Copy()
	r := &tracer.Recorder{}
	r.Attach(config)
	db := sql.OpenDB(r.Connector(stdlib.GetConnector(*config)))
	defer db.Close()
	record(t, func(ctx context.Context) { read(t, ctx, db, "SELECT 1") })
	if err := r.Balance(); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("Err() = %v, want one of calls that came twice", err)
	}
}

// sql.Conn.Raw gives access to the driver's own connection.
func TestRaw(t *testing.T) {
	db := ways[2].database(t, &tracer.Recorder{})
	conn, err := db.Conn(t.Context())
	must(t, err)
	defer conn.Close()
	must(t, conn.Raw(func(driverConn any) error {
		own := driverConn.(interface{ Unwrap() driver.Conn }).Unwrap()
		return own.(*stdlib.Conn).Conn().Ping(t.Context())
	}))
}

// A database on a pgxpool prepares at each use, as docs/database-sql.md says.
func TestPreparedOnAPool(t *testing.T) {
	r := &tracer.Recorder{}
	config := pgtest.Pool(t, schema).Config()
	r.Attach(config.ConnConfig)
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	must(t, err)
	defer pool.Close()
	for name, c := range map[string]struct {
		db    *sql.DB
		waits int
	}{
		"OpenDB":         {stdlib.OpenDB(*config.ConnConfig), 3},
		"OpenDBFromPool": {stdlib.OpenDBFromPool(pool), 6},
	} {
		defer c.db.Close()
		s, err := c.db.PrepareContext(t.Context(), selectOne)
		must(t, err)
		defer s.Close()
		recording := record(t, func(ctx context.Context) {
			for range 3 {
				must(t, s.QueryRowContext(ctx, 1).Scan(new(string)))
			}
		})
		waits := 0
		for _, e := range recording.Events {
			waits += e.RoundTrips
		}
		if waits != c.waits {
			t.Errorf("%s: %d round trips, want %d", name, waits, c.waits)
		}
	}
}

// A second Connector around a wrapper of the first one counts everything twice, which is an error.
func TestConnectorAroundAConnector(t *testing.T) {
	r := &tracer.Recorder{}
	connector, err := pq.NewConnector(dsnOf(pgtest.Pool(t, schema).Config().ConnConfig))
	must(t, err)
	type wrapper struct{ driver.Connector } // as of a tracing library
	db := sql.OpenDB(r.Connector(wrapper{r.Connector(connector)}))
	t.Cleanup(func() { _ = db.Close() })
	record(t, func(ctx context.Context) { read(t, ctx, db, selectOne, 1) })
	if err := r.Balance(); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("got %v", err)
	}
}
