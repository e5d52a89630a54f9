package sqldriver

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"
)

// A tx ends a transaction with its initial context, because database/sql passes no other.
type tx struct {
	driver.Tx
	ctx   context.Context
	asker *asker
}

func (a *asker) beginTx(ctx context.Context, text string, ask func(context.Context) (driver.Tx, error)) (result driver.Tx, err error) {
	call := a.begin(ctx, Tx, text, nil)
	err = ErrPanicked
	defer func() { call.End(err, false) }()
	inner, err := ask(call.Context)
	if inner == nil || err != nil {
		return inner, err
	}
	return &tx{inner, ctx, a}, nil
}

func (t *tx) Commit() error   { return t.end("commit", t.Tx.Commit) }
func (t *tx) Rollback() error { return t.end("rollback", t.Tx.Rollback) }

func (t *tx) end(text string, ask func() error) (err error) {
	call := t.asker.begin(t.ctx, Tx, text, nil)
	err = ErrPanicked
	defer func() { call.End(err, false) }()
	return ask()
}

// beginText returns the same text as pgx.
func beginText(opts driver.TxOptions) string {
	text := "begin"
	if level := sql.IsolationLevel(opts.Isolation); level != sql.LevelDefault {
		text += " isolation level " + strings.ToLower(level.String())
	}
	if opts.ReadOnly {
		text += " read only"
	}
	return text
}
