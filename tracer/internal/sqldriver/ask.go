package sqldriver

import (
	"context"
	"database/sql/driver"
	"errors"
)

var errNothing = errors.New("the driver returned nothing, and no error")

// Ask returns the first row of a query without arguments, executed on a driver's connection as
// database/sql does.
func Ask(ctx context.Context, c driver.Conn, query string) (row []driver.Value, err error) {
	var rows driver.Rows
	err = driver.ErrSkip
	if queryer, ok := c.(driver.QueryerContext); ok {
		rows, err = queryer.QueryContext(ctx, query, nil)
	}
	if errors.Is(err, driver.ErrSkip) {
		statement, err := c.Prepare(query)
		if err != nil {
			return nil, err
		}
		if statement == nil {
			return nil, errNothing
		}
		defer func() { _ = statement.Close() }()
		if rows, err = statement.Query(nil); err != nil { //nolint:staticcheck // some drivers have no other
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	if rows == nil {
		return nil, errNothing
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	row = make([]driver.Value, len(rows.Columns()))
	return row, rows.Next(row)
}
