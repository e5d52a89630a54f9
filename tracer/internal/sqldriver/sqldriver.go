// Package sqldriver puts an observer between database/sql and a driver of any database.
//
// database/sql uses optional interfaces of a driver, and documents what it does without them. So
// a wrapper that has such an interface and does the same behaves like the driver. There are three
// exceptions: Execer, Queryer and ColumnConverter change by their presence how arguments are
// converted. A wrapper has each of these exactly if the wrapped value has it.
package sqldriver

import (
	"context"
	"database/sql/driver"
	"errors"
)

// A Kind is the kind of a driver's call.
type Kind uint8

const (
	Query   Kind = iota // a statement
	Tx                  // begins or ends a transaction
	Copy                // COPY … FROM STDIN, prepared, with rows as arguments
	Prepare             // prepares a statement
)

// An Observer observes the connections of a driver.
type Observer interface {
	Opened(ctx context.Context, c driver.Conn) Session
}

// A Session observes one connection.
type Session interface {
	// Begin is called before the driver, and returns the context for it.
	Begin(ctx context.Context, k Kind, text string, args []driver.NamedValue) (context.Context, Call)
	// Reset is called when database/sql takes the connection from its pool again.
	Reset()
	// Unwrapped is told that the driver's own connection is given away.
	Unwrapped()
	Closed()
}

// A Call is one statement that has begun.
type Call interface {
	// End is called once, with the driver's error, or driver.ErrSkip if the driver was not
	// called. answered: the server began to answer before the error.
	End(err error, answered bool)
}

// ErrPanicked is the error of a Call whose driver panicked.
var ErrPanicked = errors.New("the driver panicked")

// withoutNames converts args for methods without context and named arguments, which database/sql
// calls only if ctx has not ended.
func withoutNames(ctx context.Context, args []driver.NamedValue) ([]driver.Value, error) {
	values := make([]driver.Value, len(args))
	for i, arg := range args {
		if arg.Name != "" {
			return nil, errors.New("sql: driver does not support the use of Named Parameters")
		}
		values[i] = arg.Value
	}
	return values, ctx.Err()
}
