package sqldriver

import (
	"context"
	"database/sql/driver"
)

// An asker reports the calls of a driver on a connection.
type asker struct {
	session Session
	skipped *asked // by ExecContext or QueryContext, see asked.end
}

// asked is a reported call, with the context for the driver.
type asked struct {
	Call
	context.Context
	text string
}

// begin reports a statement.
func (a *asker) begin(ctx context.Context, k Kind, text string, args []driver.NamedValue) *asked {
	a.forget()
	ctx, call := a.session.Begin(ctx, k, text, args)
	return &asked{call, ctx, text}
}

// take returns the call that a statement is about to be prepared for, or nil.
func (a *asker) take(text string) *asked {
	c := a.skipped
	if c == nil || c.text != text {
		return nil
	}
	a.skipped = nil
	return c
}

// forget ends a call for which no statement was prepared.
func (a *asker) forget() {
	a.skipped.drop()
	a.skipped = nil
}

// drop ends a call that did not reach the driver.
func (c *asked) drop() {
	if c != nil {
		c.End(driver.ErrSkip, false)
	}
}

// exec calls the driver, on a connection or, if a is nil, on a statement.
func (c *asked) exec(a *asker, ask func(context.Context) (driver.Result, error)) (result driver.Result, err error) {
	err = ErrPanicked
	defer func() { c.end(a, err) }()
	return ask(c.Context)
}

// query is exec for rows. The call ends with the rows.
func (c *asked) query(a *asker, ask func(context.Context) (driver.Rows, error)) (result driver.Rows, err error) {
	err = ErrPanicked
	defer func() {
		if result == nil || err != nil {
			c.end(a, err)
		}
	}()
	inner, err := ask(c.Context)
	if inner == nil || err != nil {
		return inner, err
	}
	return newRows(inner, c.Call), nil
}

// end ends a call, unless the driver prefers a prepared statement: database/sql then prepares the
// same text and executes it, within the same call.
func (c *asked) end(a *asker, err error) {
	if a != nil && err == driver.ErrSkip { //nolint:errorlint // as database/sql compares it
		a.skipped = c
		return
	}
	c.End(err, false)
}
