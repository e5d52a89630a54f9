package sqldriver_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/fanout-bench/fanout-bench/tracer/internal/sqldriver"
)

var errDriver = errors.New("of the driver")

// A program is an application's use of database/sql. It records the results.
//
//nolint:rowserrcheck // drain notes it
func program(db *sql.DB, note func(format string, args ...any)) {
	background := context.Background()
	ended, cancel := context.WithCancel(background)
	cancel()
	arguments := [][]any{
		{}, {1}, {"a", true}, {nil, []byte("b")}, {point{1, 2}}, {option{}, 1}, {sql.Named("x", 1)}, {sql.NullInt64{}}, {struct{}{}},
	}
	texts := []string{"none", "one $", "two $ $"}
	drain := func(rows *sql.Rows, err error) {
		note("%v", err)
		if err != nil {
			return
		}
		types, err := rows.ColumnTypes()
		note("%v", err)
		for _, t := range types {
			length, hasLength := t.Length()
			nullable, hasNullable := t.Nullable()
			precision, scale, hasScale := t.DecimalSize()
			note("%v %v %v %v %v %v %v %v %v", t.DatabaseTypeName(), t.ScanType(), length, hasLength, nullable, hasNullable, precision, scale, hasScale)
		}
		for more := true; more; more = rows.NextResultSet() {
			for rows.Next() {
				var a any
				err := rows.Scan(&a)
				note("%v %v", a, err)
			}
		}
		note("%v %v", rows.Err(), rows.Close())
	}
	for _, text := range texts {
		for _, args := range arguments {
			for _, ctx := range []context.Context{background, ended} {
				_, err := db.ExecContext(ctx, text, args...)
				note("%v", err)
				drain(db.QueryContext(ctx, text, args...))
			}
			s, err := db.Prepare(text)
			note("%v", err)
			_, err = s.Exec(args...)
			note("%v", err)
			drain(s.Query(args...))
			note("%v", s.Close())
		}
	}
	for _, opts := range []*sql.TxOptions{nil, {}, {Isolation: sql.LevelSerializable}, {ReadOnly: true}} {
		for _, ctx := range []context.Context{background, ended} {
			tx, err := db.BeginTx(ctx, opts)
			note("%v", err)
			if err != nil {
				continue
			}
			_, err = tx.Exec("in tx")
			note("%v", err)
			s, err := tx.Prepare("one $")
			note("%v", err)
			drain(s.Query(1))
			note("%v %v", tx.Commit(), tx.Rollback())
		}
	}
	for _, text := range []string{"bad", "skipped", "fails", "row fails"} {
		_, err := db.Exec(text)
		note("%v", err)
		drain(db.Query(text))
	}
	note("%v", db.Ping())
	note("%v", db.Close())
}

var features = map[string]fake{
	"nothing":    {},
	"legacy":     {conn: func(b base) driver.Conn { return legacyConn{b} }},
	"exec":       {conn: func(b base) driver.Conn { return execingConn{b} }},
	"query":      {conn: func(b base) driver.Conn { return queryConn{b} }},
	"checker":    {conn: func(b base) driver.Conn { return checkedConn{b} }},
	"modern":     {conn: func(b base) driver.Conn { return modernConn{b} }},
	"converter":  {stmt: func(s baseStmt) driver.Stmt { return convertingStmt{s} }},
	"statements": {stmt: func(s baseStmt) driver.Stmt { return modernStmt{s} }},
	"rows":       {rows: func(r *baseRows) driver.Rows { return &modernRows{r, 1} }},
}

// combine returns a driver with all named features, and their names in order.
func combine(names ...string) fake {
	f := fake{
		conn: func(b base) driver.Conn { return b },
		stmt: func(s baseStmt) driver.Stmt { return s },
		rows: func(r *baseRows) driver.Rows { return r },
	}
	for _, name := range names {
		feature := features[name]
		if feature.conn != nil {
			f.conn = feature.conn
		}
		if feature.stmt != nil {
			f.stmt = feature.stmt
		}
		if feature.rows != nil {
			f.rows = feature.rows
		}
	}
	return f
}

// database/sql calls a driver, and returns to the application, the same with and without an
// observer.
func TestObserverIsTransparent(t *testing.T) {
	conns := []string{"nothing", "legacy", "exec", "query", "checker", "modern"}
	for _, conn := range conns {
		for _, stmt := range []string{"nothing", "converter", "statements"} {
			for _, rows := range []string{"nothing", "rows"} {
				for _, closes := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s %s %s closes=%t", conn, stmt, rows, closes), func(t *testing.T) {
						alone, _ := perform(combine(conn, stmt, rows), closes, false)
						observed, calls := perform(combine(conn, stmt, rows), closes, true)
						for i := range max(len(alone), len(observed)) {
							if alone.at(i) != observed.at(i) {
								t.Fatalf("line %d is %q, without an observer %q; before it %q", i, observed.at(i), alone.at(i), alone[max(i-4, 0):i])
							}
						}
						calls.check(t)
					})
				}
			}
		}
	}
}

func perform(f fake, closes, observe bool) (transcript, *observer) {
	var (
		t transcript
		o = &observer{}
	)
	f.transcript = &t
	bad := []error{driver.ErrBadConn, driver.ErrBadConn}
	f.errs = errs{
		"bad": slices.Clone(bad), "skipped": {driver.ErrSkip, nil, driver.ErrSkip, nil}, "fails": {errDriver, errDriver},
		"rows of row fails": {errDriver}, "reset": {nil, nil, driver.ErrBadConn}, "valid": {nil, nil, nil, errDriver},
		"prepare skipped": {nil, errDriver}, "ping": {driver.ErrBadConn},
	}
	var c driver.Connector = f
	if closes {
		c = closingFake{f}
	}
	if observe {
		c = sqldriver.Wrap(c, o)
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(1)
	program(db, func(format string, args ...any) { t.add("  "+format, args...) })
	return t, o
}

// An observer records its calls.
type observer struct {
	calls []*call
	open  int
}

type call struct {
	text     string
	ends     int
	err      error
	answered bool
}

func (c *call) End(err error, answered bool) { c.ends, c.err, c.answered = c.ends+1, err, answered }

func (o *observer) Opened(context.Context, driver.Conn) sqldriver.Session { o.open++; return o }
func (o *observer) Reset()                                                {}
func (o *observer) Unwrapped()                                            {}
func (o *observer) Closed()                                               { o.open-- }

func (o *observer) Begin(ctx context.Context, _ sqldriver.Kind, text string, _ []driver.NamedValue) (context.Context, sqldriver.Call) {
	c := &call{text: text}
	o.calls = append(o.calls, c)
	return ctx, c
}

// check checks that each call and each connection ended once.
func (o *observer) check(t *testing.T) {
	t.Helper()
	for i, c := range o.calls {
		if c.ends != 1 {
			t.Errorf("call %d, %q, has ended %d times", i, c.text, c.ends)
		}
	}
	if o.open != 0 {
		t.Errorf("%d connections are open", o.open)
	}
}

// A call that the driver prefers to prepare is the call of the prepared statement.
func TestSkippedCallCountsOnce(t *testing.T) {
	f := combine("modern", "statements")
	f.transcript, f.errs = &transcript{}, errs{"one $": {driver.ErrSkip}}
	o := &observer{}
	db := sql.OpenDB(sqldriver.Wrap(f, o))
	if _, err := db.Exec("one $", 1); err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
	o.check(t)
	var got []string
	for _, c := range o.calls {
		got = append(got, fmt.Sprint(c.text, " ", c.err))
	}
	if want := []string{"one $ <nil>", "one $ <nil>"}; !slices.Equal(got, want) { // the call, and the prepare
		t.Errorf("calls %q, want %q", got, want)
	}
}

// strange does what no driver should.
type strange struct {
	modernConn
	panics bool
}

func (s strange) do() {
	if s.panics {
		panic(errDriver)
	}
}

func (s strange) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	s.do()
	return nil, nil
}

func (s strange) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	s.do()
	return nil, nil
}

func (s strange) PrepareContext(context.Context, string) (driver.Stmt, error) {
	s.do()
	return nil, nil
}
func (s strange) BeginTx(context.Context, driver.TxOptions) (driver.Tx, error) {
	s.do()
	return nil, nil
}

// A driver that panics or returns nothing causes no other panic than its own.
func TestStrangeDrivers(t *testing.T) {
	for _, panics := range []bool{false, true} {
		var (
			o = &observer{}
			f = combine()
		)
		f.transcript = &transcript{}
		f.conn = func(b base) driver.Conn { return strange{modernConn{b}, panics} }
		conn, err := sqldriver.Wrap(f, o).Connect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ctx := t.Context()
		for name, ask := range map[string]func() (any, error){
			"ExecContext":    func() (any, error) { return conn.(driver.ExecerContext).ExecContext(ctx, "a", nil) },
			"QueryContext":   func() (any, error) { return conn.(driver.QueryerContext).QueryContext(ctx, "a", nil) },
			"PrepareContext": func() (any, error) { return conn.(driver.ConnPrepareContext).PrepareContext(ctx, "a") },
			"BeginTx":        func() (any, error) { return conn.(driver.ConnBeginTx).BeginTx(ctx, driver.TxOptions{}) },
		} {
			func() {
				defer func() {
					if got := recover(); (got != nil) != panics || panics && got != any(errDriver) {
						t.Errorf("%s panics with %v", name, got)
					}
				}()
				if got, err := ask(); got != nil || err != nil {
					t.Errorf("%s returns %v, %v, want nothing", name, got, err)
				}
			}()
			last := o.calls[len(o.calls)-1]
			if want := map[bool]error{true: sqldriver.ErrPanicked}[panics]; !errors.Is(last.err, want) {
				t.Errorf("%s has ended with %v, want %v", name, last.err, want)
			}
		}
		_ = conn.Close()
		o.check(t)
	}
}

// An interface whose absence matters is present only if the driver has it.
func TestInterfaces(t *testing.T) {
	for name, want := range map[string][2]bool{
		"nothing": {false, false}, "legacy": {true, true}, "exec": {true, false}, "query": {false, true}, "modern": {true, true},
	} {
		f := combine(name)
		f.transcript = &transcript{}
		conn, err := sqldriver.Wrap(f, &observer{}).Connect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, execs := conn.(driver.ExecerContext)
		_, queries := conn.(driver.QueryerContext)
		if got := [2]bool{execs, queries}; got != want {
			t.Errorf("%s: exec and query %v, want %v", name, got, want)
		}
	}
}

// Ask returns an error where a driver returns nothing.
func TestAskStrangeDriver(t *testing.T) {
	f := combine()
	f.transcript = &transcript{}
	f.conn = func(b base) driver.Conn { return strange{modernConn{b}, false} }
	conn, err := f.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if row, err := sqldriver.Ask(t.Context(), conn, "SELECT 1"); row != nil || err == nil {
		t.Errorf("got %v, %v, want an error", row, err)
	}
}
