// Package sqldriver puts an observer between database/sql and a driver of any database.
//
// database/sql asks a driver for optional interfaces and does without those it lacks. What
// it does then is written down in its documentation, so a wrapper that has an interface and
// does the same in its place cannot be told from the driver. Only three cannot be had that
// way: Execer, Queryer and ColumnConverter change how arguments are converted by being
// there. A wrapper has each of these exactly where what it wraps has it.
package sqldriver

import (
	"context"
	"database/sql/driver"
	"errors"
)

// A Kind says what a driver is asked for.
type Kind uint8

const (
	Query   Kind = iota // a statement
	Tx                  // to begin a transaction, or to end one
	Copy                // COPY … FROM STDIN, prepared, whose rows come as arguments
	Prepare             // of a statement
)

// An Observer is told of the connections that a driver opens.
type Observer interface {
	Opened(ctx context.Context, c driver.Conn) Session
}

// A Session is told of one connection.
type Session interface {
	// Begin is told of what the driver is about to be asked for, and returns the context to
	// ask it with.
	Begin(ctx context.Context, k Kind, text string, args []driver.NamedValue) (context.Context, Call)
	// Reset is told that database/sql takes the connection from its pool another time.
	Reset()
	// Unwrapped is told that the driver's own connection is given away.
	Unwrapped()
	Closed()
}

// A Call is one statement that has begun.
type Call interface {
	// End is called once, with the error of the driver, which is driver.ErrSkip if the driver
	// was not asked after all. answered: it had no error until the server had begun to answer.
	End(err error, answered bool)
}

// ErrPanicked is what a Call ends with when the driver panics.
var ErrPanicked = errors.New("the driver panicked")

// withoutNames returns args as methods take them that know no context and no names of
// arguments, which database/sql calls only while ctx has not ended.
func withoutNames(ctx context.Context, args []driver.NamedValue) ([]driver.Value, error) {
	values := make([]driver.Value, len(args))
	for i, arg := range args {
		if arg.Name != "" {
			return nil, errors.New("sql: driver does not support the use of Named Parameters")
		}
		values[i] = arg.Value
	}
	return values, ended(ctx)
}

// ended returns the error of ctx if it has ended by now.
func ended(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	default:
		return nil
	}
}
