package tracer_test

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"sync"
	"testing"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// A moody is a connection whose next calls return the given errors, or panic. It counts what a
// server would have executed.
type moody struct {
	mood    error
	later   []error // the next moods
	row     error   // of the next row; nil is the end
	sql, tx int
}

var errMoody = errors.New("of the driver")

func (m *moody) executes() error {
	mood := m.mood
	if len(m.later) > 0 {
		m.mood, m.later = m.later[0], m.later[1:]
	}
	if errors.Is(mood, io.EOF) {
		m.sql++
		panic(errMoody)
	}
	if !errors.Is(mood, driver.ErrSkip) && !errors.Is(mood, driver.ErrBadConn) {
		m.sql++ // it is unknown, whatever the error
	}
	return mood
}

func (m *moody) ends() error                                  { m.tx++; return nil }
func (m *moody) Connect(context.Context) (driver.Conn, error) { return m, nil }
func (m *moody) Driver() driver.Driver                        { return nil }
func (m *moody) Close() error                                 { return nil }
func (m *moody) Begin() (driver.Tx, error)                    { return moodyTx{m}, m.ends() }
func (m *moody) Prepare(string) (driver.Stmt, error)          { return moodyStmt{m}, nil }

func (m *moody) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return driver.ResultNoRows, m.executes()
}

func (m *moody) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	return &moodyRows{cmp.Or(m.row, io.EOF)}, m.executes()
}

type moodyTx struct{ *moody }

func (t moodyTx) Commit() error   { return t.ends() }
func (t moodyTx) Rollback() error { return t.ends() }

type moodyStmt struct{ *moody }

func (s moodyStmt) NumInput() int                              { return -1 }
func (s moodyStmt) Exec([]driver.Value) (driver.Result, error) { return driver.ResultNoRows, s.stmt() }
func (s moodyStmt) Query([]driver.Value) (driver.Rows, error) {
	return &moodyRows{errMoody}, s.stmt()
}

func (s moodyStmt) stmt() error {
	if errors.Is(s.mood, driver.ErrSkip) { // only of a connection
		s.mood = nil
	}
	return s.executes()
}

// FuzzConnector calls the connections of drivers in any order, in several goroutines: rows and
// statements after their end, twice, or not at all. What the drivers executed is counted.
func FuzzConnector(f *testing.F) {
	f.Add([]byte("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b"))
	f.Add([]byte("\x20\x02\x03\x03\x0b\x20\x02\x0b\x20\x12\x13\x20\x08\x21\x02\x04\x04")) // statements for skipped calls, and for none
	f.Add([]byte("\x60\x00\x60\x01\x60\x02\x60\x04\x80\x00\x80\x01\x80\x02\x80\x04\x06\x06\x05\x09\x09\x0a\x0a\x0b"))
	f.Fuzz(func(t *testing.T, script []byte) {
		r := &tracer.Recorder{}
		executed := make([]*moody, 3)
		counts := record(t, func(ctx context.Context) {
			var all sync.WaitGroup
			for i := range executed {
				executed[i] = &moody{}
				all.Go(func() { callDriver(ctx, r, executed[i], script[len(script)*i/len(executed):]) })
			}
			all.Wait()
		}).Counts()
		sql, tx := 0, 0
		for _, m := range executed {
			sql, tx = sql+m.sql, tx+m.tx
		}
		stray := 0
		for _, u := range r.Unattributed() {
			stray += u.Count
		}
		if counts.Tx+counts.SQL+stray != sql+tx || r.Balance() != nil {
			t.Errorf("%d statements and %d transactions counted and %d stray, %d and %d executed; %v", counts.SQL, counts.Tx, stray, sql, tx, r.Balance())
		}
	})
}

// callDriver makes one call of a connection for each byte of script, and then closes everything.
func callDriver(ctx context.Context, r *tracer.Recorder, m *moody, script []byte) {
	conn, _ := r.Connector(m).Connect(ctx)
	var (
		rows  []driver.Rows
		stmts []driver.Stmt
		txs   []driver.Tx
	)
	moods := []error{nil, driver.ErrSkip, errMoody, driver.ErrBadConn, io.EOF, context.DeadlineExceeded}
	try := func(call func()) {
		defer func() { _ = recover() }() // a driver may panic, and there may be none of what op is about
		call()
	}
	for _, op := range script {
		m.mood = moods[int(op>>5)%len(moods)]
		text := []string{"SELECT 1", "SELECT 2"}[op>>4&1]
		query := func(ask func() (driver.Rows, error)) {
			if got, err := ask(); err == nil {
				rows = append(rows, got)
			}
		}
		last := func(n int) int { return max(n-1-int(op>>4&1), 0) }
		try(func() {
			switch op % 16 {
			case 0:
				_, _ = conn.(driver.ExecerContext).ExecContext(ctx, text, nil)
			case 1:
				query(func() (driver.Rows, error) { return conn.(driver.QueryerContext).QueryContext(ctx, text, nil) })
			case 2:
				if s, err := conn.(driver.ConnPrepareContext).PrepareContext(ctx, text); err == nil {
					stmts = append(stmts, s)
				}
			case 3:
				_, _ = stmts[last(len(stmts))].(driver.StmtExecContext).ExecContext(ctx, nil)
			case 4:
				query(func() (driver.Rows, error) {
					return stmts[last(len(stmts))].(driver.StmtQueryContext).QueryContext(ctx, nil)
				})
			case 5:
				if tx, err := conn.(driver.ConnBeginTx).BeginTx(ctx, driver.TxOptions{}); err == nil {
					txs = append(txs, tx)
				}
			case 6:
				_ = txs[last(len(txs))].Commit()
			case 7:
				_ = txs[last(len(txs))].Rollback()
			case 8:
				_ = conn.(driver.SessionResetter).ResetSession(ctx)
			case 9:
				_ = rows[last(len(rows))].Next(nil)
			case 10:
				_ = rows[last(len(rows))].Close()
			case 11:
				_ = stmts[last(len(stmts))].Close()
			case 12:
				_ = conn.Close()
			}
		})
	}
	for _, r := range rows {
		_ = r.Close()
	}
	for _, s := range stmts {
		_ = s.Close()
	}
	_ = conn.Close()
}
