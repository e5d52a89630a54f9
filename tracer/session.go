package tracer

import (
	"context"
	"database/sql/driver"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/fanout-bench/fanout-bench/tracer/internal/callsite"
)

// A session is what a Recorder knows of one connection. pgx tells of a call before it
// looks whether the connection is in use, so goroutines that share one may get here at
// the same time. Of the connection itself nothing is read that pgx writes: whoever uses
// it at this moment may be somebody else. The methods do nothing for a nil session,
// which is that of what uses no connection.
type session struct {
	recorder  *Recorder
	conn      *pgx.Conn        // nil where its connect was not told
	connector driver.Connector // of another driver; nil for pgx
	config    *pgx.ConnConfig  // of others like it, of which a proxy tells
	meter     *meter           // nil: nothing is known of the wire
	way       way

	mu          sync.Mutex // guards what follows; nothing of the application is called with it
	open        []*call    // begun here and not ended, see owner
	spare       *call
	shared      bool   // another Recorder is on it too
	unheard     bool   // what is sent, is sent by a call that nobody told of
	partial     bool   // its Tracer does not pass on all that is counted beside statements
	lease       *Scope // that holds the connection of a pool
	released    bool   // to the pool, whose hooks may still use it
	transaction *Scope // that began the open transaction
	idle        bool   // no transaction was open when the latest call began
	prepared    prepared
	describing  *bool // see describes
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

// resolved returns the SQL that text is the name of on the connection, or text.
func (s *session) resolved(text string) string {
	if s == nil {
		return text
	}
	return s.prepared.resolved(text)
}

func (s *session) watched() bool { return s != nil && s.meter != nil }

// Of the open calls the first one has the connection, and those that pgx made within it
// come after. The others are its rivals: goroutines that share the connection began them,
// and pgx refuses them unless the first one comes to its end meanwhile.

// owner returns the innermost call that has the connection, or nil.
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

// attribute gives what the server has sent since the last time to the call that has the
// connection. Where there is none, pgx shows it to no tracer.
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
		ledger.inCalls.Add(int64(t.Statements()))
		return
	}
	ledger.hidden.Add(int64(t.Statements()))
	if s.lease != nil {
		s.lease.hidden.Add(uint64(t))
	}
}

// Of a connection that was told, pgx tells of each call before it sends anything for it, unless
// a Tracer between keeps that to itself. What is sent or read within such a call while none is
// open here, nobody has told of. Batches are sent past sends in some modes, and pgconn reads the
// answers to a copy in a goroutine of its own.

// sends is told before anything is sent.
func (s *session) sends() {
	s.mu.Lock()
	outside := s.conn != nil && s.owner() == nil
	s.unheard = false
	s.mu.Unlock()
	if outside && callsite.InTraced() {
		s.mu.Lock()
		s.unheard = true
		s.mu.Unlock()
	}
}

// completed is told that the server has completed so many statements, but for pings.
func (s *session) completed(worked int) {
	s.mu.Lock()
	outside, untold := s.conn != nil && s.owner() == nil, s.unheard
	partial, loose := s.partial, s.lease == nil && !s.released
	s.mu.Unlock()
	switch {
	case partial, outside && (untold || callsite.InTraced()):
		s.recorder.ledger.untold.Add(int64(worked))
	case outside && loose:
		s.recorder.ledger.loose.Add(int64(worked))
	}
}

// maxOpen bounds what is kept of calls that never end.
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

// outside reports whether a call that begins, within the call inside or in none, is not
// part of what has the connection.
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
	// What is not carried does not say what it is within.
	return b.kind != kindPrepare || owner.kind == kindPrepare
}

// repeats reports whether a call that begins within the call inside is that one, told another
// time.
func (s *session) repeats(b *start, inside *call) bool {
	switch {
	case s == nil:
		return false
	case s.shared:
		return true
	case inside == nil:
		return false
	case inside.way == byDriver && s.way != byDriver: // of the same driver
		return true
	}
	return inside.kind == b.kind && inside.text == b.text && slices.Contains(s.open, inside)
}

// last returns the call of kind k that ctx is, or that was begun last and is not carried.
// Nearly always that is all there is to find.
func (s *session) last(ctx context.Context, k kind) *call {
	if s == nil || len(s.open) == 0 {
		return nil
	}
	if c := s.open[len(s.open)-1]; c.kind == k && (c.Context == nil || ctx == context.Context(c)) {
		return c
	}
	return nil
}

// find returns carried, the call of kind k that a context carries, or else the one that is
// open here: strays are not carried, and another tracer may have replaced the context.
func (s *session) find(carried *call, k kind) *call {
	if s == nil || slices.Contains(s.open, carried) || carried.ended() {
		return carried
	}
	var found *call
	for _, c := range slices.Backward(s.open) {
		switch {
		case c.kind != k:
		case c.Context == nil:
			return c
		case found == nil && carried == nil:
			found = c
		}
	}
	if found != nil {
		return found
	}
	return carried
}

// around returns the call that carries a prepare, whose context is ctx, or nil.
func around(ctx context.Context) *call {
	c, _ := nodeOf(ctx).(*call)
	if c != nil && c.kind == kindPrepare {
		c, _ = nodeOf(c.Context).(*call)
	}
	return c
}

// using returns the call that a prepare, which has ended, was part of, or nil. It is the
// one that carries it, or that has the connection and carries nothing. A CopyFrom carries
// its prepare: another one was done by the application, while it handed out the rows.
func (s *session) using(carrier *call) *call {
	if s == nil || slices.Contains(s.open, carrier) {
		return carrier
	}
	if c := s.owner(); c != nil && c.kind != kindCopy {
		return c
	}
	return nil
}

// close takes c from what is open, and whatever is still open within it. o is what became
// of c. Where it and another call may both have been with the server, nobody knows whose
// the answers on the wire are.
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

func (s *session) remove(at int) {
	kept := s.open[:at]
	for _, c := range s.open[at+1:] {
		if c.rival || s.open[at].rival {
			kept = append(kept, c)
		}
	}
	clear(s.open[len(kept):])
	s.open = kept
	if len(kept) > 0 {
		kept[0].rival = false
	}
}

// unscoped returns a call that no scope gets. A program that is not measured has many.
func (s *session) unscoped(b *start) *call {
	var c *call
	if s == nil || s.spare == nil {
		c = &call{}
	} else {
		c, s.spare = s.spare, nil
	}
	c.stray, c.late = true, b.scope != nil
	c.kind, c.text, c.counter, c.setup, c.watched, c.way, c.more = b.kind, b.text, b.counter, b.setup, b.watched, b.way, b.more
	if c.rival = b.rival; c.rival || c.kind == kindCopy || c.kind == kindBatch {
		// Else nothing tells its end from others: pgx ends a batch that fails early twice, and
		// some copies never.
		c.Context = b.Context
	}
	return c
}

// recycle takes back a call that has ended.
func (s *session) recycle(c *call) {
	if s == nil || c == nil || !c.stray || c.Context != nil || c.more != nil {
		return
	}
	c.text, c.counter = "", nil
	c.traffic.Store(0)
	c.outcome.Store(0)
	s.spare = c
}

// beforeCall notes whether a transaction is open before a call.
func (s *session) beforeCall() {
	if !s.watched() || len(s.open) > 0 {
		return
	}
	if s.idle = s.meter.Idle(); s.idle {
		s.transaction = nil
	}
}

// afterCall notes who has begun the transaction that is open after c.
func (s *session) afterCall(c *call) {
	switch {
	case s != nil && s.way == byDriver:
		s.followText(c)
	case !s.watched():
	case s.meter.Idle():
		s.transaction = nil
	case s.idle && c != nil && c.via == viaContext && !c.setup:
		s.transaction = c.scope
	}
}

// describes reports whether the connection can describe a table for a CopyFrom, without
// which pgx sends nothing. It is kept, as pgx copies all of a config to show it. A
// connection of which nothing is known can.
func (s *session) describes() bool {
	if s == nil || s.conn == nil {
		return true
	}
	if s.describing == nil {
		can := canDescribe(s.conn.Config())
		s.describing = &can
	}
	return *s.describing
}

func canDescribe(config *pgx.ConnConfig) bool {
	switch config.DefaultQueryExecMode {
	case pgx.QueryExecModeCacheStatement:
		return config.StatementCacheCapacity > 0
	case pgx.QueryExecModeCacheDescribe:
		return config.DescriptionCacheCapacity > 0
	case pgx.QueryExecModeDescribeExec, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol:
		return true
	}
	return false
}
