package sqldriver_test

import (
	"context"
	"database/sql/driver"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// A transcript lists the calls of a driver.
type transcript []string

func (t *transcript) add(format string, args ...any) { *t = append(*t, fmt.Sprintf(format, args...)) }

func (t transcript) at(i int) string {
	if i < len(t) {
		return t[i]
	}
	return "nothing"
}

// errs are the errors for a text of SQL, in order.
type errs map[string][]error

func (e errs) next(text string) error {
	if len(e[text]) == 0 {
		return nil
	}
	err := e[text][0]
	e[text] = e[text][1:]
	return err
}

// base is a connection with the required interfaces.
type base struct {
	*transcript
	errs errs
	stmt func(s baseStmt) driver.Stmt
	rows func(r *baseRows) driver.Rows
}

func (c base) Prepare(query string) (driver.Stmt, error) {
	c.add("Prepare %q", query)
	if err := c.errs.next("prepare " + query); err != nil {
		return nil, err
	}
	return c.stmt(baseStmt{c, query}), nil
}

func (c base) Close() error { c.add("Close"); return nil }

func (c base) Begin() (driver.Tx, error) {
	c.add("Begin")
	return baseTx{c}, c.errs.next("begin")
}

func (c base) exec(query string, args any) (driver.Result, error) {
	c.add("Exec %q %v", query, args)
	if err := c.errs.next(query); err != nil {
		return nil, err
	}
	return driver.RowsAffected(1), nil
}

func (c base) query(query string, args any) (driver.Rows, error) {
	c.add("Query %q %v", query, args)
	if err := c.errs.next(query); err != nil {
		return nil, err
	}
	return c.rows(&baseRows{transcript: c.transcript, left: 2, err: c.errs.next("rows of " + query)}), nil
}

type baseTx struct{ base }

func (t baseTx) Commit() error   { t.add("Commit"); return t.errs.next("commit") }
func (t baseTx) Rollback() error { t.add("Rollback"); return nil }

type baseStmt struct {
	base
	text string
}

func (s baseStmt) Close() error                                    { s.add("Close %q", s.text); return nil }
func (s baseStmt) NumInput() int                                   { return strings.Count(s.text, "$") }
func (s baseStmt) Exec(args []driver.Value) (driver.Result, error) { return s.exec(s.text, args) }
func (s baseStmt) Query(args []driver.Value) (driver.Rows, error)  { return s.query(s.text, args) }

type baseRows struct {
	*transcript
	left int
	err  error
}

func (r *baseRows) Columns() []string { return []string{"a"} }
func (r *baseRows) Close() error      { r.add("Rows.Close"); return nil }

func (r *baseRows) Next(dest []driver.Value) error {
	r.add("Next")
	if r.left--; r.left < 0 {
		return io.EOF
	}
	dest[0] = int64(r.left)
	if r.left == 0 && r.err != nil {
		return r.err
	}
	return nil
}

// Optional interfaces of a driver.
type (
	legacyConn  struct{ base }
	execingConn struct{ base }
	queryConn   struct{ base }
	checkedConn struct{ base }
	modernConn  struct{ base }

	convertingStmt struct{ baseStmt }
	modernStmt     struct{ baseStmt }
	modernRows     struct {
		*baseRows
		sets int
	}
)

func (c legacyConn) Exec(query string, args []driver.Value) (driver.Result, error) {
	return c.exec(query, args)
}
func (c legacyConn) Query(query string, args []driver.Value) (driver.Rows, error) {
	return c.query(query, args)
}

func (c execingConn) ExecContext(_ context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return c.exec(query, args)
}

func (c queryConn) QueryContext(_ context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.query(query, args)
}

func (c checkedConn) CheckNamedValue(v *driver.NamedValue) error { return check(c.transcript, v) }

func check(t *transcript, v *driver.NamedValue) error {
	t.add("CheckNamedValue %v", v.Value)
	switch x := v.Value.(type) {
	case point:
		v.Value = fmt.Sprint(x)
		return nil
	case option:
		return driver.ErrRemoveArgument
	}
	return driver.ErrSkip
}

func (c modernConn) PrepareContext(_ context.Context, query string) (driver.Stmt, error) {
	return c.Prepare(query)
}

func (c modernConn) BeginTx(_ context.Context, opts driver.TxOptions) (driver.Tx, error) {
	c.add("options %v", opts)
	return c.Begin()
}

func (c modernConn) ExecContext(_ context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return c.exec(query, args)
}

func (c modernConn) QueryContext(_ context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.query(query, args)
}

func (c modernConn) CheckNamedValue(v *driver.NamedValue) error { return check(c.transcript, v) }
func (c modernConn) Ping(context.Context) error                 { c.add("Ping"); return c.errs.next("ping") }
func (c modernConn) ResetSession(context.Context) error {
	c.add("ResetSession")
	return c.errs.next("reset")
}
func (c modernConn) IsValid() bool { c.add("IsValid"); return c.errs.next("valid") == nil }

func (s convertingStmt) ColumnConverter(index int) driver.ValueConverter {
	s.add("ColumnConverter %d", index)
	return driver.Null{Converter: converter{}}
}

type converter struct{}

func (converter) ConvertValue(v any) (driver.Value, error) {
	return fmt.Sprintf("converted %v", v), nil
}

func (s modernStmt) CheckNamedValue(v *driver.NamedValue) error { return check(s.transcript, v) }

func (s modernStmt) ExecContext(_ context.Context, args []driver.NamedValue) (driver.Result, error) {
	return s.exec(s.text, args)
}

func (s modernStmt) QueryContext(_ context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return s.query(s.text, args)
}

func (r *modernRows) HasNextResultSet() bool { return r.sets > 0 }

func (r *modernRows) NextResultSet() error {
	r.add("NextResultSet")
	if r.sets--; r.sets < 0 {
		return io.EOF
	}
	r.left = 1
	return nil
}

func (r *modernRows) ColumnTypeScanType(int) reflect.Type               { return reflect.TypeFor[int64]() }
func (r *modernRows) ColumnTypeDatabaseTypeName(int) string             { return "INT" }
func (r *modernRows) ColumnTypeLength(int) (int64, bool)                { return 8, true }
func (r *modernRows) ColumnTypeNullable(int) (nullable, ok bool)        { return true, true }
func (r *modernRows) ColumnTypePrecisionScale(int) (int64, int64, bool) { return 1, 2, true }

// point and option are arguments that only some drivers accept.
type (
	point  struct{ x, y int }
	option struct{}
)

// A fake is a driver with some of the optional interfaces.
type fake struct {
	*transcript
	conn func(base) driver.Conn
	stmt func(baseStmt) driver.Stmt
	rows func(*baseRows) driver.Rows
	errs errs
}

func (f fake) Connect(context.Context) (driver.Conn, error) {
	f.add("Connect")
	return f.conn(base{f.transcript, f.errs, f.stmt, f.rows}), nil
}

func (f fake) Driver() driver.Driver { return nil }

// closingFake can be closed.
type closingFake struct{ fake }

func (f closingFake) Close() error { f.add("Connector.Close"); return io.ErrClosedPipe }
