package tracer

import (
	"context"
	"errors"
	"unsafe"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fanout-bench/fanout-bench/tracer/internal/identity"
)

// A batch tracks the items of one SendBatch. pgx reports an item only when its result is read, so
// all items are recorded when the batch is sent, and settled at its end. The lock of the session
// guards it.
type batch struct {
	items   []batchItem
	read    int  // items up to the last reported one
	failed  bool // the server reported an error
	guessed bool // the error at the end is probably a callback's

	late map[itemKey][]int // see reported; nil until there is one
}

type batchItem struct {
	query *pgx.QueuedQuery
	call  *call
	open  bool
}

// An itemKey identifies an item that pgx reports. Arguments are identified by their address.
type itemKey struct {
	sql   string
	first *any
	args  int
}

func keyOf(sql string, args []any) itemKey { return itemKey{sql, unsafe.SliceData(args), len(args)} }

// reported returns the item whose result pgx reports, or nil. It is usually the next one. An item
// whose rows are closed later, or never, is not reported in order; then all open items are looked
// up by key. pgx has rewritten the queries in place by now.
func (b *batch) reported(sql string, args []any) *batchItem {
	key := keyOf(sql, args)
	at := b.read
	if at >= len(b.items) || !b.items[at].open || b.items[at].key() != key {
		at = b.open(key)
	}
	if at < 0 {
		return nil
	}
	item := &b.items[at]
	item.open = false
	b.read = max(b.read, at+1)
	return item
}

// open returns the first unreported item with a key, or -1.
func (b *batch) open(key itemKey) int {
	if b.late == nil {
		b.late = make(map[itemKey][]int)
		for i := range b.items {
			if item := &b.items[i]; item.open {
				b.late[item.key()] = append(b.late[item.key()], i)
			}
		}
	}
	for list := b.late[key]; len(list) > 0; list = b.late[key] {
		b.late[key] = list[1:]
		if at := list[0]; b.items[at].open {
			return at
		}
	}
	return -1
}

func (i *batchItem) key() itemKey { return keyOf(i.query.SQL, i.query.Arguments) }

func (r hooks) TraceBatchStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	var queries []*pgx.QueuedQuery
	if data.Batch != nil {
		queries = data.Batch.QueuedQueries
	}
	s := r.session(conn)
	b, items := &batch{}, make([]batchItem, len(queries))
	sent := start{more: &more{batch: b}}
	c, carried := r.starts(ctx, s, kindBatch, &sent, nil)
	item := sent
	item.kind, item.rival, item.caller, item.more = kindQuery, false, 0, nil
	if c.scope != nil {
		item.Context, item.outer, item.leaked = c, c, false
	}
	for i, q := range queries {
		s.lock()
		item.text = s.resolved(q.SQL)
		s.unlock()
		if item.scope != nil {
			item.identity = identity.Arguments(item.text, q.Arguments)
		}
		// No session: the server's answers belong to the batch.
		items[i] = batchItem{query: q, call: r.begin(nil, &item, nil), open: true}
	}
	s.lock()
	b.items = items // complete
	s.unlock()
	return carried
}

func (r hooks) TraceBatchQuery(ctx context.Context, conn *pgx.Conn, data pgx.TraceBatchQueryData) {
	o := outcomeOf(data.CommandTag, data.Err)
	fault := breakOf(data.Err).fault
	s := r.session(conn)
	c := s.ending(ctx, kindBatch)
	defer s.unlock()
	if c == nil {
		return
	}
	b := c.more.batch
	item := b.reported(data.SQL, data.Args)
	if item == nil {
		return
	}
	if fault {
		o = b.fail(c, o)
	}
	item.call.settle(o, flagsOf(data.CommandTag.String()))
}

func (r hooks) TraceBatchEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceBatchEndData) {
	why := breakOf(data.Err)
	s := r.session(conn)
	c := s.ending(ctx, kindBatch)
	defer s.unlock()
	if c == nil {
		return
	}
	b := c.more.batch
	if c.ended() {
		// After an early error pgx reports the end twice: in SendBatch and in Close.
		switch {
		case b.guessed:
			b.settle(c, outcomeNotSent, why)
			c.settle(outcomeNotSent, 0)
			b.forget()
		case c.result() == outcomeDone:
			r.ledger.add(inDoubled, 1)
		}
		return
	}
	rest := b.rest(c, why)
	s.close(c, rest)
	b.settle(c, rest, why)
	if sent := c.statements(); c.exact() && sent > b.completed() {
		b.expand(c, sent)
	}
	switch {
	case !why.happened:
		c.settle(outcomeDone, 0)
	case rest == outcomeNotSent && !why.fault, why.fault && c.told(why.told) == outcomeNotSent:
		c.settle(outcomeNotSent, 0)
	default:
		c.settle(outcomeFailed, 0)
	}
	r.ledger.enterBatch(c)
	if !b.guessed {
		b.forget()
	}
	s.afterCall(c)
}

// forget releases the queries and their arguments.
func (b *batch) forget() { b.items, b.late = nil, nil }

// A batchBreak describes the error of a batch, if it happened.
type batchBreak struct {
	happened bool
	early    bool    // before its items were sent
	taken    bool    // the connection was in use or closed
	fault    bool    // reported by the server
	told     outcome // of the item that a server's error is about
	broken   bool    // the connection was closed when the batch was to be sent
	off      bool    // the connection or the context ended
}

func breakOf(err error) batchBreak {
	var (
		early pgx.ErrPreprocessingBatch
		pgErr *pgconn.PgError
		b     batchBreak
	)
	if err == nil {
		return b
	}
	b.happened = true
	if b.fault = errors.As(err, &pgErr); b.fault {
		b.told = outcomeOf(pgconn.CommandTag{}, err)
	}
	b.broken = isBroken(err)
	b.off = breaksOff(err)
	b.early = errors.As(err, &early)
	b.taken = !b.early && !b.off && pgconn.SafeToRetry(err)
	b.early = b.early || pgconn.SafeToRetry(err)
	return b
}

// fail returns the outcome of the item of c that the server reports an error for. Without reading
// a pipeline, pgx repeats that error for later items. o is the outcome that pgx reports.
func (b *batch) fail(c *call, o outcome) outcome {
	if b.failed {
		return outcomeSkipped
	}
	b.failed = true
	return c.told(o)
}

// settle ends the unreported items. The server works in order and stops at the first error. After
// an error, what the server reports decides if it is known, because a client's error hides how far
// the server got. rest is the outcome of the items without any report.
func (b *batch) settle(c *call, rest outcome, why batchBreak) {
	byWire, left := c.exact() && why.happened && rest != outcomeNotSent, 0
	if byWire {
		left = c.statements() - b.completed()
	}
	for i, item := range b.items {
		o := rest
		switch {
		case !item.open:
			continue
		case left > 0:
			left--
			o = outcomeUnread
		case byWire && c.told(outcomeUnfinished) != outcomeUnfinished:
			o = b.fail(c, outcomeFailed)
		case byWire && (rest != outcomeUnknown || b.failed):
			o = outcomeSkipped
		case byWire, rest != outcomeSkipped:
		case i < b.read:
			o = outcomeUnread
		default:
			o = b.fail(c, why.told)
		}
		item.call.settle(o, 0)
	}
}

// completed returns the number of items that the server completed.
func (b *batch) completed() int {
	n := 0
	for _, item := range b.items {
		if item.call.result().completed() {
			n++
		}
	}
	return n
}

// expand marks items that are strings of several statements, as in the simple protocol, if that
// explains the number of statements that the server completed. Otherwise some were hidden from
// tracers, such as a ping.
func (b *batch) expand(c *call, sent int) {
	completed, most := 0, 0
	for _, item := range b.items {
		n := max(len(item.call.split()), 1)
		switch o := item.call.result(); {
		case o.completed():
			completed += n
			most += n
		case o.reached():
			most += n
		}
	}
	if most < sent {
		c.outcome.Or(crowded)
	}
	if completed != sent {
		return
	}
	for _, item := range b.items {
		if item.call.result().completed() && item.call.split() != nil {
			item.call.outcome.Or(expanded)
		}
	}
}

// rest returns the outcome of the items whose results were not read before the end, or an error.
func (b *batch) rest(c *call, why batchBreak) outcome {
	switch {
	case !why.happened:
		return outcomeUnread
	case why.taken && c.exact() && c.traffic.Load() != 0:
		return outcomeUnknown // sent before the break
	case why.early:
		return outcomeNotSent
	case why.fault:
		return outcomeSkipped
	case why.broken && !c.begun():
		return outcomeNotSent
	case why.off:
		return outcomeUnknown
	case b.read > 0: // the error is an application callback's
		return outcomeUnread
	case len(b.items) == 0, b.items[0].query.Fn == nil:
		return outcomeNotSent // SendBatch gave up before sending
	case c.exact() && c.statements() == 0:
		return outcomeNotSent
	default:
		b.guessed = !c.exact()
		return outcomeUnread
	}
}
