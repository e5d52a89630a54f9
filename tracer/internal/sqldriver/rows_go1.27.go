//go:build go1.27

package sqldriver

import "database/sql/driver"

// scannedRows are rows of a driver that scans columns itself, instead of in Next.
type scannedRows struct {
	*rows
	scanner driver.RowsColumnScanner
}

func newRows(inner driver.Rows, call Call) driver.Rows {
	r := &rows{Rows: inner, call: call}
	if scanner, ok := inner.(driver.RowsColumnScanner); ok {
		return &scannedRows{r, scanner}
	}
	return r
}

func (r *scannedRows) NextRow() error { return r.note(r.scanner.NextRow()) }

func (r *scannedRows) ScanColumn(ctx driver.ScanContext, index int, dest any) error {
	return r.scanner.ScanColumn(ctx, index, dest)
}
