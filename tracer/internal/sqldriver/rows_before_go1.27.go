//go:build !go1.27

package sqldriver

import "database/sql/driver"

// newRows has nothing to add before Go 1.27, which has driver.RowsColumnScanner.
func newRows(inner driver.Rows, call Call) driver.Rows { return &rows{Rows: inner, call: call} }
