package tracer

import (
	"context"
	"database/sql/driver"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/fanout-bench/fanout-bench/tracer/internal/callsite"
)

// A session is what a Recorder knows about one connection. pgx reports a call before it checks
// whether the connection is in use, so goroutines that share a connection may be here at the same
// time. Therefore the session does not read anything that pgx writes to the connection. The
// methods do nothing on a nil session, which stands for work without a connection.
type session struct {
	recorder  *Recorder
	connector driver.Connector // of a driver; nil for pgx
	meter     *meter           // nil: the wire is not read
	way       way

	mu          sync.Mutex      // guards the following; do not call the application with it
	config      *pgx.ConnConfig // nil if its connect was not reported, and for drivers
	open        []*call         // begun and not ended, see owner
	spare       *call
	shared      bool   // another Recorder observes the connection too
	unheard     bool   // the call that sends now was not reported
	partial     bool   // the Tracer does not pass on all that is counted besides statements
	lease       *Scope // has acquired the connection from a pool
	pooled      bool   // new in a pool or released to it: only hooks of the pool use it
	transaction *Scope // began the open transaction
	idle        bool   // no transaction was open when the latest call began
	prepared    prepared
}

func (s *session) lock() {
	if s != nil {
		s.mu.Lock()
	}
}

func (s *session) unlock() {
	if s != nil {
		s.mu.Unlock()
	}
}

// resolved returns the SQL of the prepared statement named text, or text.
func (s *session) resolved(text string) string {
	if s == nil {
		return text
	}
	return s.prepared.resolved(text)
}

func (s *session) watched() bool { return s != nil && s.meter != nil }

// The first open call owns the connection, and calls that pgx made within it follow. The others
// are its rivals: goroutines that share the connection began them, and pgx refuses them unless
// the first call ends before.

// owner returns the innermost call that owns the connection, or nil.
func (s *session) owner() *call {
	if s == nil {
		return nil
	}
	for i := len(s.open) - 1; i >= 0; i-- {
		if c := s.open[i]; !c.rival {
			return c
		}
	}
	return nil
}

// attribute gives what the server has sent since the last time to the call that owns the
// connection. Without such a call it is hidden work.
func (s *session) attribute() {
	if !s.watched() {
		return
	}
	t, seen := s.meter.Take(), s.meter.TakeSigns()
	if t == 0 && seen == 0 {
		return
	}
	ledger := &s.recorder.ledger
	if c := s.owner(); c != nil {
		c.traffic.Add(uint64(t))
		c.outcome.Or(uint32(seen))
		ledger.add(inUnfinished, t.Statements())
		return
	}
	ledger.add(inHidden, t.Statements())
	if s.lease != nil {
		s.lease.hidden.Add(uint64(t))
	}
}

// pgx reports each call before it sends anything for it, unless a Tracer between does not pass
// the call on. So if such a connection sends or reads within a call while none is open here, a
// call was not reported. Exceptions: in some modes batches bypass sends, and pgconn reads the
// answers to a copy in its own goroutine.

// sends is called before anything is sent.
func (s *session) sends() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unheard = s.isOutside() && callsite.InTraced()
}

// completed is called when the server has completed so many statements, without pings.
func (s *session) completed(worked int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch outside := s.isOutside(); {
	case s.partial, outside && (s.unheard || callsite.InTraced()):
		s.recorder.ledger.add(inUntold, worked)
	case outside && s.lease == nil && !s.pooled:
		s.recorder.ledger.add(inLoose, worked)
	}
}

// isOutside reports whether a reported connection works outside of any call.
func (s *session) isOutside() bool { return s.config != nil && s.owner() == nil }

// maxOpen bounds the memory for calls that never end.
const maxOpen = 64

func (s *session) push(c *call) {
	if s == nil {
		return
	}
	if len(s.open) == maxOpen {
		s.remove(0)
	}
	s.open = append(s.open, c)
}

// outside reports whether a call that begins, within inside if that is not nil, does not belong
// to the owner of the connection.
func (s *session) outside(b *start, inside *call) bool {
	if s == nil || len(s.open) == 0 {
		return false
	}
	owner := s.owner()
	for c := inside; c != nil; c = c.outer {
		if c == owner {
			return false
		}
		if slices.Contains(s.open, c) {
			return true
		}
	}
	// A call that no context carries does not know what contains it.
	return b.kind != kindPrepare || owner.kind == kindPrepare
}

// repeats reports whether a call that begins within inside is a second report of inside.
func (s *session) repeats(b *start, inside *call) bool {
	switch {
	case s == nil:
		return false
	case s.shared:
		return true
	case inside == nil:
		return false
	case inside.way == byDriver && !slices.Contains(s.open, inside): // by what is below that driver
		return true
	}
	return inside.kind == b.kind && inside.text == b.text && slices.Contains(s.open, inside)
}

// last returns the call of kind k that ctx is, or that was begun last and is not carried. This is
// the fast path of ending.
func (s *session) last(ctx context.Context, k kind) *call {
	if s == nil || len(s.open) == 0 {
		return nil
	}
	if c := s.open[len(s.open)-1]; c.kind == k && (c.Context == nil || ctx == context.Context(c)) {
		return c
	}
	return nil
}

// find returns carried, the call of kind k in a context, or else the open one: strays are not
// carried, and another tracer may have replaced the context.
func (s *session) find(carried *call, k kind) *call {
	if s == nil || slices.Contains(s.open, carried) || carried.ended() {
		return carried
	}
	found := carried
	for _, c := range slices.Backward(s.open) {
		switch {
		case c.kind != k:
		case c.Context == nil:
			return c
		case found == nil:
			found = c
		}
	}
	return found
}

// around returns the call that contains a prepare with context ctx, or nil.
func around(ctx context.Context) *call {
	c, _ := nodeOf(ctx).(*call)
	if c != nil && c.kind == kindPrepare {
		c, _ = nodeOf(c.Context).(*call)
	}
	return c
}

// using returns the call that needed a prepare that has ended, or nil. It is the carrier, or the
// owner of the connection if that is not carried. A CopyFrom carries its own prepare; the
// application did any other one while it supplied the rows.
func (s *session) using(carrier *call) *call {
	if s == nil || slices.Contains(s.open, carrier) {
		return carrier
	}
	if c := s.owner(); c != nil && c.kind != kindCopy {
		return c
	}
	return nil
}

// close removes c from the open calls, with all that is open within it. o is the outcome of c. If
// another call may have been with the server at the same time, the answers on the wire cannot be
// attributed.
func (s *session) close(c *call, o outcome) {
	if s == nil {
		return
	}
	at := slices.Index(s.open, c)
	if at < 0 {
		return
	}
	mixed := o.reached() || !c.rival && c.traffic.Load() != 0 && !c.has(seated)
	if mixed && (c.rival || slices.ContainsFunc(s.open, isRival)) {
		for _, other := range s.open {
			other.outcome.Or(crowded)
		}
	}
	s.remove(at)
}

func isRival(c *call) bool { return c.rival }

// remove removes the open call at a position. If it is no rival, it contains the later ones.
func (s *session) remove(at int) {
	rival, kept := s.open[at].rival, s.open[:at]
	for _, c := range s.open[at+1:] {
		if c.rival || rival {
			kept = append(kept, c)
		}
	}
	clear(s.open[len(kept):])
	s.open = kept
	if len(kept) > 0 {
		kept[0].rival = false
	}
}

// unscoped returns a stray, a call without a scope. A program that is not measured has many of
// them, so contexts do not carry most, and their memory is reused.
func (s *session) unscoped(b *start) *call {
	var c *call
	if s == nil || s.spare == nil {
		c = &call{}
	} else {
		c, s.spare = s.spare, nil
	}
	c.start = *b
	c.late, c.scope, c.outer, c.leaked = b.scope != nil, nil, nil, false
	switch {
	case c.rival, c.kind == kindCopy, c.kind == kindBatch:
		// Otherwise its end could not be matched: pgx ends a batch that fails early twice, and
		// some copies never.
	case c.kind == kindAcquire: // the work of pool hooks is setup, also without a scope
	default:
		c.Context = nil
	}
	return c
}

// recycle reuses a call that has ended.
func (s *session) recycle(c *call) {
	if s == nil || c == nil || c.scope != nil || c.Context != nil || c.more != nil {
		return
	}
	c.start = start{}
	c.traffic.Store(0)
	c.outcome.Store(0)
	s.spare = c
}

// beforeCall records whether a transaction is open before a call.
func (s *session) beforeCall() {
	if !s.watched() || len(s.open) > 0 {
		return
	}
	if s.idle = s.meter.Idle(); s.idle {
		s.transaction = nil
	}
}

// afterCall records which scope began the transaction that is open after c.
func (s *session) afterCall(c *call) {
	switch {
	case s != nil && s.way == byDriver:
		s.followText(c)
	case !s.watched():
	case s.meter.Idle():
		s.transaction = nil
	case s.idle && c != nil && !c.leaked && !c.setup:
		s.transaction = c.scope
	}
}

// describes reports whether the connection can describe a table for a CopyFrom; otherwise pgx
// sends nothing. It is true for an unknown connection.
func (s *session) describes() bool {
	if s == nil || s.config == nil {
		return true
	}
	switch s.config.DefaultQueryExecMode {
	case pgx.QueryExecModeCacheStatement:
		return s.config.StatementCacheCapacity > 0
	case pgx.QueryExecModeCacheDescribe:
		return s.config.DescriptionCacheCapacity > 0
	case pgx.QueryExecModeDescribeExec, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol:
		return true
	}
	return false
}
