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
	s := r.session(conn)
	s.precede(conn)
	b := &batch{items: make([]batchItem, len(data.Batch.QueuedQueries))}
	sent := start{more: &more{batch: b}}
	sent.locate(ctx, s, kindBatch)
	c := r.begin(s, &sent)
	ctx = c.carried(ctx)
	for i, q := range data.Batch.QueuedQueries {
		item := start{text: s.resolved(q.SQL)}
		item.locate(ctx, s, kindQuery)
		if item.scope != nil {
			item.identity = statementIdentity(item.text, q.Arguments)
		}
		// Without a session, as what the server sends belongs to the batch.
		b.items[i] = batchItem{query: q, call: r.begin(nil, &item), open: true}
	}
	if sent.scope != nil && s.firstBatch(b) {
		c.outcome.Or(s.cold(sent.scope))
	}
	return ctx
}

func (r *Recorder) TraceBatchQuery(ctx context.Context, conn *pgx.Conn, data pgx.TraceBatchQueryData) {
	b := batchOf(r.session(conn).find(ctx, kindBatch))
	if b == nil {
		return
	}
	for i := range b.items {
		item := &b.items[i]
		// An item whose rows are never closed is not reported, so the order alone
		// does not tell which one this is. pgx has rewritten query in place by now.
		if item.open && item.query.SQL == data.SQL && sameSlice(item.query.Arguments, data.Args) {
			item.open = false
			b.read = max(b.read, i+1)
			o := outcomeOf(conn, data.CommandTag, data.Err)
			if o == outcomeFailed && b.failed {
				o = outcomeSkipped // where pgx reads no pipeline it repeats the error
			}
			b.failed = b.failed || o == outcomeFailed
			var flags uint32
			if data.CommandTag.String() == "ROLLBACK" {
				flags = undone
			}
			item.call.settle(o, flags)
			return
		}
	}
}

func (r *Recorder) TraceBatchEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceBatchEndData) {
	s := r.session(conn)
	s.assign()
	c := s.find(ctx, kindBatch)
	b := batchOf(c)
	if b == nil {
		return
	}
	if b.ended {
		// Only after an early error pgx reports the end twice: from SendBatch and
		// from Close.
		if b.guessed {
			b.settle(outcomeNotSent)
			c.settle(outcomeNotSent, 0)
		}
		return
	}
	b.ended = true
	s.pop(ctx, kindBatch)
	var pgErr *pgconn.PgError
	rest := b.rest(conn, c, data.Err)
	if c.watched && data.Err != nil && rest != outcomeNotSent {
		b.settleAs(c, rest)
	} else {
		b.settle(rest)
	}
	if c.watched {
		b.expand(c.statements())
	}
	switch {
	case data.Err == nil:
		c.settle(outcomeDone, 0)
	case rest == outcomeNotSent && !errors.As(data.Err, &pgErr):
		c.settle(outcomeNotSent, 0)
	default:
		c.settle(outcomeFailed, 0)
	}
	r.books.enterBatch(c)
	s.follow(conn, c)
}

func batchOf(c *call) *batch {
	if c == nil || c.more == nil {
		return nil
	}
	return c.more.batch
}

// settle ends the items that were not reported. The server works in order and
// stops at the first error.
func (b *batch) settle(rest outcome) {
	for i, item := range b.items {
		o := rest
		switch {
		case !item.open:
			continue
		case rest != outcomeSkipped:
		case i < b.read:
			o = outcomeUnread
		case !b.failed:
			o, b.failed = outcomeFailed, true
		}
		item.call.settle(o, 0)
	}
}

// settleAs ends the items that were not reported as the server tells, which works in
// order: an error of the client hides how far it got. rest is what became of those of
// which nothing is known.
func (b *batch) settleAs(c *call, rest outcome) {
	left := c.statements()
	for _, item := range b.items {
		if !item.open && item.call.result().completed() {
			left--
		}
	}
	for _, item := range b.items {
		if !item.open {
			continue
		}
		o := outcomeSkipped
		switch {
		case left > 0:
			left--
			o = outcomeUnread
		case b.failed:
		case c.has(uint32(saidError)):
			o, b.failed = outcomeFailed, true
		case rest == outcomeUnknown:
			o = outcomeUnknown
		}
		item.call.settle(o, 0)
	}
}

// expand marks items that are strings of several statements, as the simple protocol
// takes them, if that makes as many as the server has completed.
func (b *batch) expand(sent int) {
	completed := 0
	for _, item := range b.items {
		if item.call.result().completed() {
			completed += max(len(partsOf(item.call.text)), 1)
		}
	}
	if completed != sent {
		return
	}
	for _, item := range b.items {
		if item.call.result().completed() && partsOf(item.call.text) != nil {
			item.call.outcome.Or(expanded)
		}
	}
}

// rest is the outcome of the items whose results were not read.
func (b *batch) rest(conn *pgx.Conn, c *call, err error) outcome {
	var (
		early pgx.ErrPreprocessingBatch
		pgErr *pgconn.PgError
	)
	switch {
	case err == nil:
		return outcomeUnread
	case errors.As(err, &early), pgconn.SafeToRetry(err):
		return outcomeNotSent
	case errors.As(err, &pgErr):
		return outcomeSkipped
	case conn.IsClosed():
		return outcomeUnknown
	case b.read > 0:
		return outcomeUnread // a callback of the application returned the error
	case len(b.items) == 0, b.items[0].query.Fn == nil:
		return outcomeNotSent // SendBatch gave up before sending
	case c.watched && c.statements() == 0:
		return outcomeNotSent
	default:
		b.guessed = !c.watched
		return outcomeUnread
	}
}

func sameSlice(a, b []any) bool {
	return len(a) == len(b) && unsafe.SliceData(a) == unsafe.SliceData(b)
}
