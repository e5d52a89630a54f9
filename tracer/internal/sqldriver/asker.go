package sqldriver

import (
	"context"
	"database/sql/driver"
)

// An asker tells of what the driver is asked for on a connection.
type asker struct {
	session Session
	skipped *asked // by ExecContext or QueryContext, see asked.end
}

// asked is a call with the context to ask the driver with.
type asked struct {
	Call
	context.Context
	text string
}

// begin tells of a statement.
func (a *asker) begin(ctx context.Context, k Kind, text string, args []driver.NamedValue) *asked {
	a.forget()
	ctx, call := a.session.Begin(ctx, k, text, args)
	return &asked{call, ctx, text}
}

// take returns the call that a statement is now going to be prepared for, or nil.
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

// drop ends a call that the driver has not been asked for.
func (c *asked) drop() {
	if c != nil {
		c.End(driver.ErrSkip, false)
	}
}

// exec asks the driver, by way of a connection or, if a is nil, of a statement.
func (c *asked) exec(a *asker, ask func(context.Context) (driver.Result, error)) (result driver.Result, err error) {
	err = ErrPanicked
	defer func() { c.end(a, err) }()
	return ask(c.Context)
}

// query is exec for rows, with which the call ends.
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

// end ends a call. One that the driver would rather have prepared has only begun, as
// database/sql goes on to prepare the same text and to execute it.
func (c *asked) end(a *asker, err error) {
	if a != nil && err == driver.ErrSkip { //nolint:errorlint // as database/sql compares it
		a.skipped = c
		return
	}
	c.End(err, false)
}
