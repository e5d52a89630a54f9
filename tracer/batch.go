package tracer

import (
	"context"
	"errors"
	"unsafe"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// A batch follows the items of one SendBatch. pgx reports an item only when its
// result is read, so all of them are recorded when the batch is sent and settled
// at its end. pgx does not allow concurrent use of a batch's results.
type batch struct {
	items   []batchItem
	read    int  // items up to the last one that was reported
	failed  bool // the server has told an error
	ended   bool
	guessed bool // that the error at the end is a callback's
}

type batchItem struct {
	query *pgx.QueuedQuery
	call  *call
	open  bool
}

func (r *Recorder) TraceBatchStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	c := r.begin(ctx, event{kind: Batch})
	b := &batch{items: make([]batchItem, len(data.Batch.QueuedQueries))}
	for i, q := range data.Batch.QueuedQueries {
		sql := resolved(conn, q.SQL)
		b.items[i] = batchItem{
			query: q,
			call:  r.begin(c, event{kind: Query, text: sql, identity: statementIdentity(sql, q.Arguments)}),
			open:  true,
		}
	}
	c.batch = b
	return c
}

func (r *Recorder) TraceBatchQuery(ctx context.Context, conn *pgx.Conn, data pgx.TraceBatchQueryData) {
	c := callFrom(ctx)
	if c == nil || c.batch == nil {
		return
	}
	for i := range c.batch.items {
		item := &c.batch.items[i]
		// An item whose rows are never closed is not reported, so the order alone
		// does not tell which one this is. pgx has rewritten query in place by now.
		if item.open && item.query.SQL == data.SQL && sameSlice(item.query.Arguments, data.Args) {
			item.open = false
			c.batch.read = max(c.batch.read, i+1)
			o := outcome(conn, data.CommandTag, data.Err)
			if o == Failed && c.batch.failed {
				o = Skipped // where pgx reads no pipeline it repeats the error
			}
			c.batch.failed = c.batch.failed || o == Failed
			item.call.end(o)
			return
		}
	}
}

func (r *Recorder) TraceBatchEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceBatchEndData) {
	c := callFrom(ctx)
	if c == nil || c.batch == nil {
		return
	}
	b := c.batch
	if b.ended {
		// Only after an early error pgx reports the end twice: from SendBatch and
		// from Close.
		if b.guessed {
			b.settle(NotSent)
			c.end(NotSent)
		}
		return
	}
	b.ended = true
	var pgErr *pgconn.PgError
	rest := b.rest(conn, data.Err)
	b.settle(rest)
	switch {
	case data.Err == nil:
		c.end(Done)
	case rest == NotSent && !errors.As(data.Err, &pgErr):
		c.end(NotSent)
	default:
		c.end(Failed)
	}
}

// settle ends the items that were not reported. The server works in order and
// stops at the first error.
func (b *batch) settle(rest Outcome) {
	for i, item := range b.items {
		o := rest
		switch {
		case !item.open:
			continue
		case rest != Skipped:
		case i < b.read:
			o = Unread
		case !b.failed:
			o, b.failed = Failed, true
		}
		item.call.end(o)
	}
}

// rest is the outcome of the items whose results were not read.
func (b *batch) rest(conn *pgx.Conn, err error) Outcome {
	var (
		early pgx.ErrPreprocessingBatch
		pgErr *pgconn.PgError
	)
	switch {
	case err == nil:
		return Unread
	case errors.As(err, &early), pgconn.SafeToRetry(err):
		return NotSent
	case errors.As(err, &pgErr):
		return Skipped
	case conn.IsClosed():
		return Unknown
	case b.read > 0:
		return Unread // a callback of the application returned the error
	case b.items[0].query.Fn == nil:
		return NotSent // SendBatch gave up before sending
	default:
		b.guessed = true
		return Unread
	}
}

func sameSlice(a, b []any) bool {
	return len(a) == len(b) && unsafe.SliceData(a) == unsafe.SliceData(b)
}
