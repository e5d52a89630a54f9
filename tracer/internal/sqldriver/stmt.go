package sqldriver

import (
	"context"
	"database/sql/driver"
	"regexp"
)

// A stmt is a prepared statement of the driver. It has every optional interface except
// ColumnConverter.
type stmt struct {
	driver.Stmt
	asker   *asker
	checker driver.NamedValueChecker // of the connection
	text    string
	copying *asked // see Copy
	copied  bool   // the copy has ended
}

// A convertingStmt is a statement of a driver that converts each argument by its parameter.
type convertingStmt struct {
	*stmt
	converter converter
}

func (s *convertingStmt) ColumnConverter(index int) driver.ValueConverter {
	return s.converter.ColumnConverter(index)
}

// converter is the deprecated driver.ColumnConverter; some drivers still have it.
type converter interface {
	ColumnConverter(index int) driver.ValueConverter
}

func newStmt(s *stmt) driver.Stmt {
	if converter, ok := s.Stmt.(converter); ok {
		return &convertingStmt{s, converter}
	}
	return s
}

func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if inner, ok := s.Stmt.(driver.StmtExecContext); ok {
		return s.exec(ctx, args, func(ctx context.Context) (driver.Result, error) { return inner.ExecContext(ctx, args) })
	}
	values, err := withoutNames(ctx, args)
	if err != nil {
		return nil, err
	}
	return s.exec(ctx, args, func(context.Context) (driver.Result, error) {
		return s.Stmt.Exec(values) //nolint:staticcheck // drivers that have only this are in use
	})
}

func (s *stmt) exec(ctx context.Context, args []driver.NamedValue, ask func(context.Context) (driver.Result, error)) (driver.Result, error) {
	if s.copying == nil {
		return s.begin(ctx, args).exec(nil, ask)
	}
	result, err := ask(ctx)
	if len(args) == 0 || err != nil { // otherwise it is a row
		s.endCopy(err)
	}
	return result, err
}

func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if inner, ok := s.Stmt.(driver.StmtQueryContext); ok {
		return s.begin(ctx, args).query(nil, func(ctx context.Context) (driver.Rows, error) { return inner.QueryContext(ctx, args) })
	}
	values, err := withoutNames(ctx, args)
	if err != nil {
		return nil, err
	}
	return s.begin(ctx, args).query(nil, func(context.Context) (driver.Rows, error) {
		return s.Stmt.Query(values) //nolint:staticcheck // as above
	})
}

// begin reports a statement, unless it was reported before it was prepared.
func (s *stmt) begin(ctx context.Context, args []driver.NamedValue) *asked {
	if use := s.asker.skipped; use != nil && use.text == s.text {
		s.asker.skipped = nil
		return use
	}
	return s.asker.begin(ctx, Query, s.text, args)
}

func (s *stmt) endCopy(err error) {
	if s.copying != nil && !s.copied {
		s.copied = true
		s.copying.End(err, true)
	}
}

func (s *stmt) CheckNamedValue(v *driver.NamedValue) error {
	if inner, ok := s.Stmt.(driver.NamedValueChecker); ok {
		return inner.CheckNamedValue(v)
	}
	return s.checker.CheckNamedValue(v) // as database/sql then asks the connection
}

func (s *stmt) Close() (err error) {
	s.asker.forget()
	err = ErrPanicked
	defer func() { s.endCopy(err) }()
	return s.Stmt.Close()
}

// copyIn matches what lib/pq prepares to copy rows into a table.
var copyIn = regexp.MustCompile(`(?is)\A\s*copy\b.*\bfrom\s+stdin\b`)
