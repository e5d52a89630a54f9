package sqldriver

import (
	"cmp"
	"database/sql/driver"
	"io"
	"reflect"
)

// rows are the driver's rows of a query. They have every optional interface except
// RowsColumnScanner, which newRows adds.
type rows struct {
	driver.Rows
	call Call  // nil after the end
	err  error // the first error of the driver
}

func (r *rows) Next(dest []driver.Value) error { return r.note(r.Rows.Next(dest)) }

func (r *rows) HasNextResultSet() bool {
	inner, ok := r.Rows.(driver.RowsNextResultSet)
	return ok && inner.HasNextResultSet()
}

func (r *rows) NextResultSet() error {
	if inner, ok := r.Rows.(driver.RowsNextResultSet); ok {
		return r.note(inner.NextResultSet())
	}
	return io.EOF
}

func (r *rows) note(err error) error {
	if err != nil && err != io.EOF { //nolint:errorlint // as database/sql compares it
		r.err = cmp.Or(r.err, err)
	}
	return err
}

func (r *rows) Close() (err error) {
	err = ErrPanicked
	defer func() {
		if r.call != nil {
			r.call.End(cmp.Or(r.err, err), true)
			r.call = nil
		}
	}()
	return r.Rows.Close()
}

func (r *rows) ColumnTypeScanType(index int) reflect.Type {
	if inner, ok := r.Rows.(driver.RowsColumnTypeScanType); ok {
		return inner.ColumnTypeScanType(index)
	}
	return reflect.TypeFor[any]()
}

func (r *rows) ColumnTypeDatabaseTypeName(index int) string {
	if inner, ok := r.Rows.(driver.RowsColumnTypeDatabaseTypeName); ok {
		return inner.ColumnTypeDatabaseTypeName(index)
	}
	return ""
}

func (r *rows) ColumnTypeLength(index int) (length int64, ok bool) {
	if inner, ok := r.Rows.(driver.RowsColumnTypeLength); ok {
		return inner.ColumnTypeLength(index)
	}
	return 0, false
}

func (r *rows) ColumnTypeNullable(index int) (nullable, ok bool) {
	if inner, ok := r.Rows.(driver.RowsColumnTypeNullable); ok {
		return inner.ColumnTypeNullable(index)
	}
	return false, false
}

func (r *rows) ColumnTypePrecisionScale(index int) (precision, scale int64, ok bool) {
	if inner, ok := r.Rows.(driver.RowsColumnTypePrecisionScale); ok {
		return inner.ColumnTypePrecisionScale(index)
	}
	return 0, 0, false
}
