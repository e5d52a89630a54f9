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
	items    []batchItem
	consumed int
	ended    bool
}

type batchItem struct {
	query *pgx.QueuedQuery
	call  *call
	open  bool
}

func (r *Recorder) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	c := r.begin(ctx, event{kind: Batch})
	c.batch = &batch{items: make([]batchItem, len(data.Batch.QueuedQueries))}
	for i, q := range data.Batch.QueuedQueries {
		c.batch.items[i] = batchItem{
			query: q,
			call:  r.begin(c, event{kind: Query, text: q.SQL, identity: statementIdentity(q.SQL, q.Arguments)}),
			open:  true,
		}
	}
	return c
}

func (r *Recorder) TraceBatchQuery(ctx context.Context, conn *pgx.Conn, data pgx.TraceBatchQueryData) {
	c := callFrom(ctx)
	if c == nil || c.batch == nil {
		return
	}
	c.batch.consumed++
	for i := range c.batch.items {
		item := &c.batch.items[i]
		// An item whose rows are never closed is not reported, so the order alone
		// does not tell which one this is. pgx has rewritten query in place by now.
		if item.open && item.query.SQL == data.SQL && sameSlice(item.query.Arguments, data.Args) {
			item.open = false
			item.call.end(outcome(conn, data.CommandTag, data.Err))
			return
		}
	}
}

func (r *Recorder) TraceBatchEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceBatchEndData) {
	c := callFrom(ctx)
	if c == nil || c.batch == nil || c.batch.ended {
		// After an early error pgx reports the end twice: from SendBatch and from
		// Close.
		return
	}
	c.batch.ended = true
	rest := c.batch.rest(conn, data.Err)
	for _, item := range c.batch.items {
		if item.open {
			item.call.end(rest)
		}
	}
	switch {
	case data.Err == nil:
		c.end(Done)
	case rest == NotSent:
		c.end(NotSent)
	default:
		c.end(Failed)
	}
}

// rest is the outcome of the items whose results were not read.
func (b *batch) rest(conn *pgx.Conn, err error) Outcome {
	var (
		prepareErr *pgconn.PrepareError
		pgErr      *pgconn.PgError
	)
	switch {
	case err == nil:
		return Unread
	case errors.As(err, &prepareErr):
		return NotSent
	case errors.As(err, &pgErr):
		return Skipped
	case b.consumed == 0 && !conn.IsClosed(), pgconn.SafeToRetry(err):
		return NotSent // SendBatch gave up before sending
	case conn.IsClosed():
		return Unknown
	default:
		return Unread // a callback of the application returned the error
	}
}

func sameSlice(a, b []any) bool {
	return len(a) == len(b) && unsafe.SliceData(a) == unsafe.SliceData(b)
}
