package sqldriver

import (
	"context"
	"database/sql/driver"
)

// An asker reports the calls of a driver on a connection.
type asker struct {
	session Session
	skipped *asked // by ExecContext or QueryContext, until its statement is executed; see asked.end
}

// asked is a reported call, with the context for the driver.
type asked struct {
	Call
	context.Context
	text string
}

// begin reports a statement. It ends a skipped call, unless the call's statement is prepared.
func (a *asker) begin(ctx context.Context, k Kind, text string, args []driver.NamedValue) *asked {
	if k != Prepare || a.skipped == nil || a.skipped.text != text {
		a.forget()
	}
	ctx, call := a.session.Begin(ctx, k, text, args)
	return &asked{call, ctx, text}
}

// forget ends a call that did not reach the driver.
func (a *asker) forget() {
	if c := a.skipped; c != nil {
		a.skipped = nil
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
