package sqldrivers

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/lib/pq"

	"github.com/fanout-bench/fanout-bench/fanouttest"
	"github.com/fanout-bench/fanout-bench/fanouttest/testdb"
	"github.com/fanout-bench/fanout-bench/tracer"
)

var given = testdb.Template{Migrate: func(ctx context.Context, pool *pgxpool.Pool) error {
	_, err := pool.Exec(ctx, schema)
	return err
}}

// TestConnectorConnectionsAreCounted checks that connections of a Connector are counted ones, also with
// one for each query, and that a second pool of the same driver is not.
func TestConnectorConnectionsAreCounted(t *testing.T) {
	for _, w := range ways {
		for _, forgets := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, forgets %t", w.name, forgets), func(t *testing.T) {
				config := given.Pool(t, func(*pgxpool.Config) {}).Config().ConnConfig
				recorder := fanouttest.NewRecorder()
				db := w.open(t, recorder, config)
				db.SetMaxIdleConns(-1)
				connector, err := pq.NewConnector(dsnOf(config))
				must(t, err)
				other := sql.OpenDB(connector)
				t.Cleanup(func() { must(t, errors.Join(db.Close(), other.Close())) })

				got := failureOf(t, fanouttest.Scenario{
					Name: fmt.Sprintf("%s %t", w.name, forgets), Unit: "item", Recorder: recorder,
					Setup:  func(context.Context, int) error { return nil },
					Expect: fanouttest.Limits{tracer.SQL: fanouttest.Linear(1)},
					Run: func(ctx context.Context, n int) error {
						var err error
						for i := range n {
							err = errors.Join(err, one(ctx, db, i+1))
						}
						if forgets {
							err = errors.Join(err, one(ctx, other, 1))
						}
						return err
					},
				})
				if says := "work that no Recorder counts"; forgets != strings.Contains(got, says) || !forgets && got != "" {
					t.Errorf("got %q", got)
				}
			})
		}
	}
}

// logged keeps what a test logs.
type logged struct {
	*testing.T
	text string
}

func (l *logged) Logf(format string, args ...any) { l.text += fmt.Sprintf(format, args...) }

// TestUnwrapIsNoted requires a note where the driver's own connection is used, as nobody sees
// what is done with it.
func TestUnwrapIsNoted(t *testing.T) {
	config := given.Pool(t, func(*pgxpool.Config) {}).Config().ConnConfig
	connector, err := pq.NewConnector(dsnOf(config))
	must(t, err)
	recorder := fanouttest.NewRecorder()
	db := sql.OpenDB(recorder.Connector(connector))
	defer db.Close()
	for _, unwraps := range []bool{false, true} {
		l := &logged{T: t}
		fanouttest.Check(l, fanouttest.Scenario{
			Name: fmt.Sprint(unwraps), Recorder: recorder, Expect: fanouttest.Limits{tracer.SQL: fanouttest.Constant()},
			Run: func(ctx context.Context, _ int) error {
				conn, err := db.Conn(ctx)
				if err != nil {
					return err
				}
				defer conn.Close()
				if _, err := conn.ExecContext(ctx, "SELECT 1"); err != nil || !unwraps {
					return err
				}
				return conn.Raw(func(wrapped any) error {
					own := wrapped.(interface{ Unwrap() driver.Conn }).Unwrap()
					_, err := own.(driver.ExecerContext).ExecContext(ctx, "SELECT 2", nil)
					return err
				})
			},
		})
		if unwraps != strings.Contains(l.text, "on connections outside a pool: statements ×1") {
			t.Errorf("unwraps: %v; it logs %s", unwraps, l.text)
		}
	}
}

func one(ctx context.Context, db *sql.DB, id int) error {
	var name string
	return db.QueryRowContext(ctx, "SELECT name FROM item WHERE id = $1", id).Scan(&name)
}

// A failing test does not report its message.
type failing struct {
	*testing.T
	message string
}

func (f *failing) Failed() bool { return f.message != "" }

func (f *failing) Errorf(format string, args ...any) { f.message += fmt.Sprintf(format, args...) }

func (f *failing) Fatalf(format string, args ...any) {
	f.Errorf(format, args...)
	runtime.Goexit()
}

func failureOf(t *testing.T, s fanouttest.Scenario) string {
	f := &failing{T: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		fanouttest.Check(f, s)
	}()
	<-done
	return f.message
}
