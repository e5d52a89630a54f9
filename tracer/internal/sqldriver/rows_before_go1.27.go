//go:build !go1.27

package sqldriver

import "database/sql/driver"

// newRows wraps inner. driver.RowsColumnScanner exists since Go 1.27.
func newRows(inner driver.Rows, call Call) driver.Rows { return &rows{Rows: inner, call: call} }
