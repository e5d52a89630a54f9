package tracer

import (
	"context"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"github.com/fanout-bench/fanout-bench/tracer/internal/callsite"
	"github.com/fanout-bench/fanout-bench/tracer/internal/sqltext"
	"github.com/fanout-bench/fanout-bench/tracer/internal/wire"
)

// A start is what is known when a call begins.
type start struct {
	context.Context
	// Where it belongs, see locate and adopt.
	scope   *Scope // nil for a stray, see unscoped
	counter *Counter
	outer   *call // call of the same scope that contains this one
	kind    kind
	leaked  bool // no scope in its context; that of its connection or transaction was found
	setup   bool // within a hook of the pool, of pgxpool's Acquire or of database/sql
	crossed bool // another scope has leased the connection
	watched bool // the Recorder reads the wire of the connection
	way     way  // of the connection
	late    bool // its scope had ended
	rival   bool // see session.owner

	text     string // SQL; for a CopyFrom and a check the name
	identity uint64
	caller   uintptr // see Recorder.Sites; 0 unless it is set
	more     *more
}

// A call is one traced call of pgx, or one check. Unless it is a stray, it is also the context
// that pgx passes from its start to its end and to everything between.
type call struct {
	start
	index   int32         // in its scope
	held    uint16        // see Event.held
	outcome atomic.Uint32 // an outcome, flags and signs
	traffic atomic.Uint64 // a wire.Traffic: what the server sent during the call
}

// Flags stored with the outcome, like signs.
const (
	undone   = 1 << (iota + 8) // it ended a transaction, and the server rolled back
	expanded                   // an item of a batch that is a string of several statements
	// crowded: another call may have used the same connection at the same time, so the server's
	// answers may belong to it.
	crowded
	// seated: it owns the connection, because the server answered it before another call began.
	seated
	// cut: only the beginning of its text is kept, see longTexts.
	cut
	// unprepared: the prepare that it needs failed, so it was not sent.
	unprepared
	// shares: it was sent together with another call, which has the round trip.
	shares
)

// more holds fields that few calls need.
type more struct {
	batch    *batch
	prepared pgx.TracePrepareStartData // with a name
	stack    *stack
	parts    int // of a string of several statements whose text is cut
}

// kind is a [Kind] in one byte.
type kind uint8

const (
	kindQuery kind = iota
	kindCopy
	kindBatch
	kindPrepare
	kindConnect
	kindAcquire
	kindCheck
)

// counts reports whether calls of k are work that a program requests.
func (k kind) counts() bool { return k == kindQuery || k == kindCopy || k == kindCheck }

var kinds = [...]Kind{
	kindQuery: KindQuery, kindCopy: KindCopy, kindBatch: KindBatch, kindPrepare: KindPrepare,
	kindConnect: KindConnect, kindAcquire: KindAcquire, kindCheck: KindCheck,
}

// outcome is an [Outcome] in one word.
type outcome uint32

const (
	outcomeUnfinished outcome = iota
	outcomeDone
	outcomeFailed
	outcomeUnread
	outcomeUnknown
	outcomeSkipped // this and all later ones did not reach the server
	outcomeNotSent
	outcomeRefused // a NotSent that waited for the server
)

var outcomes = [...]Outcome{
	outcomeUnfinished: OutcomeUnfinished, outcomeDone: OutcomeDone, outcomeFailed: OutcomeFailed, outcomeUnread: OutcomeUnread,
	outcomeUnknown: OutcomeUnknown, outcomeSkipped: OutcomeSkipped, outcomeNotSent: OutcomeNotSent,
	outcomeRefused: OutcomeNotSent,
}

// nodeKey is the context key of the innermost call, scope or counter.
type nodeKey struct{}

func (c *call) Value(key any) any {
	if key == (nodeKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// nodeOf returns the innermost call, scope or counter of ctx, or nil. The type assertion is the
// fast path; another tracer may have wrapped the context.
func nodeOf(ctx context.Context) any {
	if ctx == nil {
		return nil
	}
	if c, ok := ctx.(*call); ok {
		return c
	}
	return ctx.Value(nodeKey{})
}

// callFrom returns the innermost call of ctx if it is of kind k.
func callFrom(ctx context.Context, k kind) *call {
	if c, ok := nodeOf(ctx).(*call); ok && c.kind == k {
		return c
	}
	return nil
}

func (c *call) result() outcome { return outcome(c.outcome.Load() & 0xff) }

// ended reports whether c has ended.
func (c *call) ended() bool { return c != nil && c.result() != outcomeUnfinished }

func (c *call) has(flag uint32) bool { return c.outcome.Load()&flag != 0 }

// seat marks c as the owner of the connection if the server has answered it.
func (c *call) seat() {
	if c.traffic.Load() != 0 || c.has(uint32(wire.Begun|wire.Failed|wire.Refused)) {
		c.outcome.Or(seated)
	}
}

// exact reports whether everything that the server sent during c belongs to c.
func (c *call) exact() bool { return c.watched && !c.has(crowded) }

// settle sets the outcome of c, which may be corrected later.
func (c *call) settle(o outcome, flags uint32) {
	before := c.result()
	c.outcome.Store(c.outcome.Load()&^0xff | uint32(o) | flags)
	switch {
	case c.counter == nil || c.setup || o.reached() == before.reached():
	case o.reached():
		c.counter.count(c.kind, c.text, 1)
	default:
		c.counter.count(c.kind, c.text, -1)
	}
}

// corrected returns the outcome that the server reports, or else o from pgx: a later client error
// hides what happened before.
func (c *call) corrected(o outcome) outcome {
	told := c.told(outcomeUnfinished)
	switch {
	case c.has(unprepared) && o == outcomeUnknown:
		return outcomeNotSent
	case !c.exact(), c.kind == kindPrepare && told == outcomeRefused:
	case told == outcomeRefused && c.statements() > 0:
		return outcomeFailed // one of several statements failed; the others are done
	case told != outcomeUnfinished:
		return told
	case o != outcomeNotSent:
	case c.statements() > 0:
		return outcomeDone
	case c.has(uint32(wire.Begun)):
		return outcomeUnknown
	}
	return o
}

// told returns the outcome of a statement of c for which the server reported an error, or o if
// the wire shows none. An error that ends the connection may have been sent before the statement
// arrived, unless the server showed signs of work on it.
func (c *call) told(o outcome) outcome {
	switch {
	case !c.exact():
	case c.has(uint32(wire.Failed)), c.has(uint32(wire.Fatal)) && c.begun():
		return outcomeFailed
	case c.has(uint32(wire.Refused)):
		return outcomeRefused
	case c.has(uint32(wire.Fatal)):
		return outcomeNotSent
	}
	return o
}

// begun reports whether the server has worked on a part of c.
func (c *call) begun() bool { return c.has(uint32(wire.Begun)) || c.statements() > 0 }

// starts records that b, a call of kind k, begins on the connection of s, which is nil if unknown.
// ctx decides its scope; without a context from the application it carries one. identity is for
// queries and checks. It is called only if there is a scope, with the SQL of the prepared
// statement named by the text of b, or the text. Continue with the returned context.
func (r *Recorder) starts(ctx context.Context, s *session, k kind, b *start, identity func(text string) uint64) (*call, context.Context) {
	inside := b.locate(ctx, k)
	s.lock()
	s.beforeCall()
	if k == kindQuery {
		b.text = s.resolved(b.text)
	}
	b.adopt(s)
	if b.scope != nil && (k == kindQuery || k == kindCheck) {
		s.unlock() // it may call the application
		b.identity = identity(b.text)
		s.lock()
	}
	c := r.begin(s, b, inside)
	if c.Context != nil {
		ctx = c
	}
	s.unlock()
	return c, ctx
}

// begin records that a call starts, within the call inside if that is not nil. The lock of s must
// be held. A scope that has ended accepts no calls.
func (r *Recorder) begin(s *session, b *start, inside *call) *call {
	s.attribute()
	b.watched, b.rival = s.watched(), s.outside(b, inside)
	if s != nil {
		b.way = s.way
	}
	if b.rival {
		s.owner().seat()
	}
	if s.repeats(b, inside) {
		r.ledger.add(inDoubled, 1)
	}
	var c *call
	if b.scope != nil {
		switch {
		case r.Stacks, b.leaked: // the leak's message names the line
			if b.more == nil {
				b.more = &more{}
			}
			b.more.stack = &stack{r, callsite.Stack()}
		case r.Sites:
			b.caller = r.callers.Innermost(r.SkipFrames)
		}
		c = b.scope.add(b, s)
	}
	if c == nil {
		c = s.unscoped(b)
		r.note(c, b.scope.origin())
	}
	s.push(c)
	return c
}

// note counts a call without a scope. origin is the name of the scope that had ended, if it is
// known.
func (r *Recorder) note(c *call, origin string) {
	switch {
	case c.setup:
		if c.kind.counts() {
			r.ledger.add(inHooks, 1)
		}
	case c.counter != nil:
		c.counter.count(c.kind, c.text, 1)
	case c.kind.counts():
		r.tellStray(c, origin)
	}
}

// tellStray adds c to the work without a scope.
func (r *Recorder) tellStray(c *call, origin string) {
	key := tallyKey{kind: c.kind, text: c.text, late: c.late}
	if c.late {
		key.origin = origin
	}
	if r.Sites || r.Stacks {
		key.caller = r.callers.Innermost(r.SkipFrames)
	}
	r.unattributed.add(key)
}

// ending locks s. It returns the call of kind k that ctx carries, or else the latest one on the
// connection of s, or nil.
func (s *session) ending(ctx context.Context, k kind) *call {
	s.lock()
	s.attribute()
	if c := s.last(ctx, k); c != nil {
		return c
	}
	s.unlock()
	carried := callFrom(ctx, k) // before the lock: it may call the application's context
	s.lock()
	return s.find(carried, k)
}

// end records the outcome of c if c is not nil. The lock of s must be held.
func (r *Recorder) end(s *session, c *call, o outcome, flags uint32) {
	if c == nil {
		return
	}
	if c.ended() {
		if c.result() != outcomeNotSent { // such as a CopyFrom whose end pgx does not report
			r.ledger.add(inDoubled, 1)
		}
		return
	}
	s.close(c, o)
	if c.exact() && c.kind != kindPrepare && c.statements() > 1 && !c.has(cut) && !sqltext.Several(c.text) {
		c.outcome.Or(crowded) // by hidden work, such as a ping
	}
	c.settle(c.corrected(o), flags)
	r.ledger.enter(c)
}
