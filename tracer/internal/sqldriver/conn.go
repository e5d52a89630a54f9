package sqldriver

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
)

// A conn is a connection of the driver. It has every optional interface except ExecerContext and
// QueryerContext.
type conn struct {
	driver.Conn
	*asker
}

// Unwrap returns the driver's connection.
func (c *conn) Unwrap() driver.Conn {
	c.session.Unwrapped()
	return c.Conn
}

type (
	execer   struct{ of *conn }
	queryer  struct{ of *conn }
	execConn struct {
		*conn
		execer
	}
	queryConn struct {
		*conn
		queryer
	}
	directConn struct {
		*conn
		execer
		queryer
	}
)

func newConn(inner driver.Conn, s Session) driver.Conn {
	c := &conn{inner, &asker{session: s}}
	_, execs := inner.(driver.ExecerContext)
	if !execs {
		_, execs = inner.(driver.Execer) //nolint:staticcheck // drivers that have only this are in use
	}
	_, queries := inner.(driver.QueryerContext)
	if !queries {
		_, queries = inner.(driver.Queryer) //nolint:staticcheck // as above
	}
	switch {
	case execs && queries:
		return &directConn{c, execer{c}, queryer{c}}
	case execs:
		return &execConn{c, execer{c}}
	case queries:
		return &queryConn{c, queryer{c}}
	}
	return c
}

func (e execer) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c := e.of
	inner, ok := c.Conn.(driver.ExecerContext)
	if ok {
		return c.begin(ctx, Query, query, args).exec(c.asker, func(ctx context.Context) (driver.Result, error) {
			return inner.ExecContext(ctx, query, args)
		})
	}
	values, err := withoutNames(ctx, args)
	if err != nil {
		return nil, err
	}
	return c.begin(ctx, Query, query, args).exec(c.asker, func(context.Context) (driver.Result, error) {
		return c.Conn.(driver.Execer).Exec(query, values) //nolint:staticcheck // as above
	})
}

func (q queryer) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c := q.of
	inner, ok := c.Conn.(driver.QueryerContext)
	if ok {
		return c.begin(ctx, Query, query, args).query(c.asker, func(ctx context.Context) (driver.Rows, error) {
			return inner.QueryContext(ctx, query, args)
		})
	}
	values, err := withoutNames(ctx, args)
	if err != nil {
		return nil, err
	}
	return c.begin(ctx, Query, query, args).query(c.asker, func(context.Context) (driver.Rows, error) {
		return c.Conn.(driver.Queryer).Query(query, values) //nolint:staticcheck // as above
	})
}

func (c *conn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

func (c *conn) PrepareContext(ctx context.Context, query string) (result driver.Stmt, err error) {
	kind := Prepare
	if copyIn.MatchString(query) {
		kind = Copy
	}
	call := c.begin(ctx, kind, query, nil)
	err = ErrPanicked
	defer func() {
		if kind == Prepare || result == nil || err != nil {
			call.End(err, false)
		}
		if result == nil || err != nil {
			c.forget()
		}
	}()
	inner, err := c.prepare(call.Context, query)
	if inner == nil || err != nil {
		return inner, err
	}
	s := &stmt{Stmt: inner, asker: c.asker, checker: c, text: query}
	if kind == Copy {
		s.copying = call
	}
	return newStmt(s), nil
}

func (c *conn) prepare(ctx context.Context, query string) (driver.Stmt, error) {
	if inner, ok := c.Conn.(driver.ConnPrepareContext); ok {
		return inner.PrepareContext(ctx, query)
	}
	prepared, err := c.Conn.Prepare(query)
	if prepared != nil && err == nil && ctx.Err() != nil {
		_ = prepared.Close()
		return nil, ctx.Err()
	}
	return prepared, err
}

func (c *conn) Begin() (driver.Tx, error) { return c.BeginTx(context.Background(), driver.TxOptions{}) }

func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	inner, ok := c.Conn.(driver.ConnBeginTx)
	switch {
	case ok:
		return c.beginTx(ctx, beginText(opts), func(ctx context.Context) (driver.Tx, error) { return inner.BeginTx(ctx, opts) })
	case opts.Isolation != driver.IsolationLevel(sql.LevelDefault):
		return nil, errors.New("sql: driver does not support non-default isolation level")
	case opts.ReadOnly:
		return nil, errors.New("sql: driver does not support read-only transactions")
	}
	begun, err := c.beginTx(ctx, beginText(opts), func(context.Context) (driver.Tx, error) {
		return c.Conn.Begin() //nolint:staticcheck // drivers that have only this are in use
	})
	if begun != nil && err == nil && ctx.Err() != nil {
		_ = begun.Rollback()
		return nil, ctx.Err()
	}
	return begun, err
}

func (c *conn) Ping(ctx context.Context) error {
	if inner, ok := c.Conn.(driver.Pinger); ok {
		return inner.Ping(ctx)
	}
	return nil
}

func (c *conn) ResetSession(ctx context.Context) error {
	c.forget()
	c.session.Reset()
	if inner, ok := c.Conn.(driver.SessionResetter); ok {
		return inner.ResetSession(ctx)
	}
	return nil
}

func (c *conn) IsValid() bool {
	inner, ok := c.Conn.(driver.Validator)
	return !ok || inner.IsValid()
}

func (c *conn) CheckNamedValue(v *driver.NamedValue) error {
	if inner, ok := c.Conn.(driver.NamedValueChecker); ok {
		return inner.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

func (c *conn) Close() error {
	c.forget()
	defer c.session.Closed()
	return c.Conn.Close()
}
