package tracer_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/fanout-bench/fanout-bench/tracer"
)

type moodyRows struct{ err error }

func (r *moodyRows) Columns() []string         { return []string{"a"} }
func (r *moodyRows) Close() error              { return nil }
func (r *moodyRows) Next([]driver.Value) error { return r.err }

// postgresError is the error of an unknown PostgreSQL driver.
type postgresError map[byte]string

func (e postgresError) Error() string          { return e['M'] }
func (e postgresError) Field(name byte) string { return e[name] }

// drain reads the rows of a query.
func drain(rows *sql.Rows, err error) error {
	if err != nil {
		return err
	}
	for rows.Next() {
	}
	return errors.Join(rows.Err(), rows.Close())
}

// If it is unknown whether the server executed a statement, it counts.
func TestConnectorOfUnknownDriver(t *testing.T) {
	errUnknown := errors.New("who knows")
	for _, c := range []struct {
		name   string
		answer []error // one after the other
		row    error
		want   string
	}{
		{name: "well", answer: []error{nil}, row: io.EOF, want: "sql=1: query done"},
		{name: "an error", answer: []error{errUnknown}, want: "sql=1: query failed"},
		{name: "an error among the rows", answer: []error{nil}, row: errUnknown, want: "sql=1: query done"},
		{name: "a bad connection", answer: []error{driver.ErrBadConn, fmt.Errorf("a: %w", driver.ErrBadConn), nil}, row: io.EOF, want: "sql=1: query not sent, query not sent, query done"},
		{name: "a bad connection among the rows", answer: []error{nil}, row: driver.ErrBadConn, want: "sql=1: query unknown"},
		{name: "not answered", answer: []error{context.DeadlineExceeded}, want: "sql=1: query unknown"},
		{name: "refused", answer: []error{postgresError{'S': "ERROR", 'C': "42703", 'P': "8"}}, want: ": query not sent"},
		{name: "failed", answer: []error{postgresError{'S': "ERROR", 'C': "22012"}}, want: "sql=1: query failed"},
		{name: "shut down", answer: []error{postgresError{'S': "FATAL", 'C': "57P01"}}, want: ": query not sent"},
		{name: "shut down among the rows", answer: []error{nil}, row: postgresError{'S': "FATAL", 'C': "57P01"}, want: "sql=1: query failed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &tracer.Recorder{}
			db := sql.OpenDB(r.Connector(&moody{mood: c.answer[0], later: c.answer[1:], row: c.row}))
			defer db.Close()
			recording := record(t, func(ctx context.Context) {
				_ = drain(db.QueryContext(ctx, "SELECT 1"))
			})
			counts := recording.Counts()
			counts.SQLUnique = 0
			if got := describeCounts(counts) + ": " + describeEvents(recording); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			must(t, r.Balance())
		})
	}
}

// The Recorder works after a driver panicked and the application continued.
func TestConnectorOfDriverThatPanics(t *testing.T) {
	r := &tracer.Recorder{}
	m := &moody{mood: io.EOF}
	db := sql.OpenDB(r.Connector(m))
	recording := record(t, func(ctx context.Context) {
		func() {
			defer func() {
				if got := recover(); got != any(errMoody) {
					t.Errorf("panic %v, want that of the driver", got)
				}
			}()
			t.Error(drain(db.QueryContext(ctx, "SELECT 1")))
		}()
		m.mood = nil
		must(t, drain(db.QueryContext(ctx, "SELECT 2")))
	})
	if got, want := describeEvents(recording), "query unknown, query done"; got != want {
		t.Errorf("events %s, want %s", got, want)
	}
}

// Work without a scope is recorded, and work in a transaction belongs to the scope that began it.
func TestConnectorWithoutContext(t *testing.T) {
	r := &tracer.Recorder{}
	db := sql.OpenDB(r.Connector(&moody{}))
	defer db.Close()
	recording := record(t, func(ctx context.Context) {
		tx, err := db.BeginTx(ctx, nil)
		must(t, err)
		must(t, drain(tx.Query("SELECT 1")))
		must(t, tx.Commit())
		must(t, drain(db.Query("SELECT 1")))
	})
	if got, want := describeEvents(recording), "tx done, query done, tx done"; got != want || len(recording.Leaks()) != 1 {
		t.Errorf("events %s, leaks %v, want %s and one leak", got, recording.Leaks(), want)
	}
	if got := r.Unattributed(); len(got) != 1 || got[0].Count != 1 {
		t.Errorf("Unattributed() = %v, want the one query", got)
	}
	ctx, counter := tracer.Count(t.Context())
	must(t, drain(db.QueryContext(ctx, "SELECT 1")))
	if got := counter.Totals().SQL; got != 1 {
		t.Errorf("a Counter has %d, want 1", got)
	}
}

// A connector has one Recorder.
func TestConnectorTwice(t *testing.T) {
	r := &tracer.Recorder{}
	c := r.Connector(&moody{})
	if r.Connector(c) != c {
		t.Error("the Recorder counts its own connector another time")
	}
	panics(t, "the Connector of another Recorder", func() { new(tracer.Recorder).Connector(c) })
}
