package tracer

import (
	"context"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"github.com/fanout-bench/fanout-bench/tracer/internal/callsite"
	"github.com/fanout-bench/fanout-bench/tracer/internal/sqltext"
	"github.com/fanout-bench/fanout-bench/tracer/internal/wire"
)

// A start is what is known of a call when it begins.
type start struct {
	context.Context
	place
	text     string // SQL; for a CopyFrom and a check already the name
	identity uint64
	caller   uintptr // see Recorder.Sites; 0 unless that is set
	more     *more
}

// A call is one traced call of pgx, or one check. It is also the context that pgx
// carries from its start to its end and into whatever it does in between, unless
// it is a stray.
type call struct {
	start
	index   int32         // in its scope
	held    uint16        // see Event.held
	outcome atomic.Uint32 // an outcome, flags and signs
	traffic atomic.Uint64 // a wire.Traffic: what the server sent meanwhile
}

// Flags that are kept with the outcome, as signs are.
const (
	undone   = 1 << (iota + 8) // it ended a transaction, and the server has rolled back
	expanded                   // it is an item of a batch, and a string of several statements
	// crowded: it and another call may have been with the server on one connection at the
	// same time, so that what the server has answered may be the other one's.
	crowded
	// seated: it has the connection, as the server had answered it before anybody else came.
	seated
	// cut: its text is only the beginning, see longTexts.
	cut
	// unprepared: the prepare that it needs failed, so it was never sent itself.
	unprepared
	// shares: it was sent along with another call, which has the round trip.
	shares
)

// more is what few calls have.
type more struct {
	batch    *batch
	prepared pgx.TracePrepareStartData // with a name
	stack    *stack
	parts    int // of a string of several statements of which only the beginning is kept
}

// kind is a [Kind] in a byte.
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

// counts reports whether calls of k are what a program asks for.
func (k kind) counts() bool { return k == kindQuery || k == kindCopy || k == kindCheck }

var kinds = [...]Kind{
	kindQuery: KindQuery, kindCopy: KindCopy, kindBatch: KindBatch, kindPrepare: KindPrepare,
	kindConnect: KindConnect, kindAcquire: KindAcquire, kindCheck: KindCheck,
}

// outcome is an [Outcome] in a word.
type outcome uint32

const (
	outcomeUnfinished outcome = iota
	outcomeDone
	outcomeFailed
	outcomeUnread
	outcomeUnknown
	outcomeSkipped // this and what follows did not reach the server
	outcomeNotSent
	outcomeRefused // a NotSent for which the application has waited for the server
)

var outcomes = [...]Outcome{
	outcomeUnfinished: OutcomeUnfinished, outcomeDone: OutcomeDone, outcomeFailed: OutcomeFailed, outcomeUnread: OutcomeUnread,
	outcomeUnknown: OutcomeUnknown, outcomeSkipped: OutcomeSkipped, outcomeNotSent: OutcomeNotSent,
	outcomeRefused: OutcomeNotSent,
}

// nodeKey is where a context carries its innermost call, scope or counter.
type nodeKey struct{}

func (c *call) Value(key any) any {
	if key == (nodeKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// nodeOf returns the innermost call, scope or counter of ctx, or nil. The type
// assertion is the common case; another tracer may have wrapped the context.
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

// carried returns the context to go on with.
func (c *call) carried(ctx context.Context) context.Context {
	if c.Context == nil {
		return ctx
	}
	return c
}

func (c *call) result() outcome { return outcome(c.outcome.Load() & 0xff) }

// ended reports whether c is one that has ended.
func (c *call) ended() bool { return c != nil && c.result() != outcomeUnfinished }

func (c *call) has(flag uint32) bool { return c.outcome.Load()&flag != 0 }

// seat notes that c has the connection, if the server has answered it.
func (c *call) seat() {
	if c.traffic.Load() != 0 || c.has(uint32(wire.Begun|wire.Failed|wire.Refused)) {
		c.outcome.Or(seated)
	}
}

// exact reports whether what the server has said during c, it has said to c.
func (c *call) exact() bool { return c.watched && !c.has(crowded) }

// settle sets what became of c, of which more may be known later.
func (c *call) settle(o outcome, flags uint32) {
	before := c.result()
	c.outcome.Store(c.outcome.Load()&^0xff | uint32(o) | flags)
	switch {
	case c.counter == nil || o.reached() == before.reached():
	case o.reached():
		c.counter.count(c.kind, c.text, 1)
	default:
		c.counter.count(c.kind, c.text, -1)
	}
}

// corrected returns o, which pgx told, or what the server has told otherwise: a later
// error of the client hides what happened before.
func (c *call) corrected(o outcome) outcome {
	told := c.told(outcomeUnfinished)
	switch {
	case c.has(unprepared) && o == outcomeUnknown:
		return outcomeNotSent
	case !c.exact(), c.kind == kindPrepare && told == outcomeRefused:
	case told == outcomeRefused && c.statements() > 0:
		return outcomeFailed // a string of several, of which the others are done
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

// told returns what became of a statement of c for which the server has told an error,
// or o if the wire has none. An error that ends the connection may have been under way
// before the statement came: without a sign of work on it, it was not.
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

// begun reports whether the server is known to have worked on something of c.
func (c *call) begun() bool { return c.has(uint32(wire.Begun)) || c.statements() > 0 }

// begin records that a call starts, within the call inside unless that is nil. The lock of
// s must be held. A scope that has ended takes no more.
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
		r.ledger.doubled.Add(1)
	}
	var c *call
	if b.scope != nil {
		switch {
		case r.Stacks, b.via != viaContext: // it has to be told where to mend that
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
		r.note(c)
	}
	s.push(c)
	return c
}

// note counts what no scope gets.
func (r *Recorder) note(c *call) {
	switch {
	case c.counter != nil:
		c.counter.count(c.kind, c.text, 1)
	case !c.setup:
		r.unattributed.add(c.kind, c.text, r.strayCaller(), c.late)
	}
}

// strayCaller is where a call came from that no scope gets, if r keeps that.
func (r *Recorder) strayCaller() uintptr {
	if r.Sites || r.Stacks {
		return r.callers.Innermost(r.SkipFrames)
	}
	return 0
}

// ending locks s and returns the call of kind k that ctx carries, or that was begun last
// on the connection of s; nil if there is none.
func (s *session) ending(ctx context.Context, k kind) *call {
	s.lock()
	s.attribute()
	if c := s.last(ctx, k); c != nil {
		return c
	}
	s.unlock()
	carried := callFrom(ctx, k) // which may ask a context of the application
	s.lock()
	return s.find(carried, k)
}

// end records what became of c, unless that is nil. The lock of s must be held.
func (r *Recorder) end(s *session, c *call, o outcome, flags uint32) {
	if c == nil {
		return
	}
	if c.ended() {
		if c.result() != outcomeNotSent { // as a CopyFrom that pgx does not tell the end of
			r.ledger.doubled.Add(1)
		}
		return
	}
	s.close(c, o)
	if c.exact() && c.kind != kindPrepare && c.statements() > 1 && !c.has(cut) && !sqltext.Several(c.text) {
		c.outcome.Or(crowded) // by what pgx shows to no tracer, such as a ping
	}
	c.settle(c.corrected(o), flags)
	r.ledger.enter(c)
}
