package tracer

import (
	"context"
	"database/sql/driver"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/tracer/internal/identity"
	"github.com/fanout-bench/fanout-bench/tracer/internal/sqltext"
)

// A Scope collects the work under the context that [Start] returned. It is safe for concurrent
// use. Use Start to make one.
//
// A scope keeps the SQL of its statements until it ends. Of statements longer than 4 KiB it keeps
// the first 16 MiB in total; of further ones only the beginning, and they count as writes.
type Scope struct {
	name   string
	outer  *Scope        // the enclosing scope
	hidden atomic.Uint64 // a wire.Traffic: see Recording.hidden
	inner  atomic.Int64  // see Recording.Inner
	over   atomic.Bool   // like ended, for readers without mu
	marked atomic.Bool   // it was a measured one, see beside.Open

	mu      sync.Mutex
	chunks  [][]call // a call is a context, so it must not move: the last one grows within its capacity
	calls   int
	long    longTexts
	held    int // connections leased now
	maxHeld int
	first   *session   // of the connection that was used first
	ended   *Recording // nil until the scope ended
}

// Chunks grow from a few calls, for small requests, to some kilobytes.
const (
	firstChunk = 8
	lastChunk  = 64
)

// Start opens a Scope and returns a context that carries it. If scopes nest, the innermost gets
// the events. Call [Scope.End] when the work is done.
func Start(ctx context.Context, name string) (context.Context, *Scope) {
	s := &Scope{name: name, outer: scopeAround(ctx)}
	return context.WithValue(ctx, nodeKey{}, s), s
}

// origin returns what to call s in messages about work that began under it and came too late. Only
// measured scopes have names that are few.
func (s *Scope) origin() string {
	if s == nil || !s.marked.Load() {
		return ""
	}
	return s.name
}

// scopeAround returns the innermost scope of ctx, also around a counter, or nil.
func scopeAround(ctx context.Context) *Scope {
	scope, counter := holderOf(nodeOf(ctx))
	if scope == nil && counter != nil {
		return counter.outer
	}
	return scope
}

// holderOf returns the scope or the counter that gets the work within node, see nodeOf, if there
// is one.
func holderOf(node any) (scope *Scope, counter *Counter) {
	switch n := node.(type) {
	case *Scope:
		scope = n
	case *Counter:
		counter = n
	case *call:
		scope, counter = n.scope, n.counter
	}
	return scope, counter
}

// End closes the scope and returns its Recording. Open work counts as [OutcomeUnfinished]. Work
// that starts later under the same context is in [Recorder.Unattributed]. Further calls return
// the same Recording.
func (s *Scope) End() Recording {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended == nil {
		r := newRecording(s)
		s.ended = &r
		s.over.Store(true)
		s.chunks, s.long, s.first = nil, longTexts{}, nil // contexts, and so s, may live on
	}
	r := *s.ended
	r.Events = slices.Clone(r.Events)
	return r
}

func init() {
	beside.ConnConfig = func(scope any) (*pgx.ConnConfig, driver.Connector) { return scope.(*Scope).connConfig() }
}

// connConfig is beside.ConnConfig.
func (s *Scope) connConfig() (*pgx.ConnConfig, driver.Connector) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.first == nil:
		return nil, nil
	case s.first.config != nil:
		return s.first.config.Copy(), nil
	}
	return nil, s.first.connector
}

// add makes a call from b, on the connection of on if that is not nil. It returns nil if the
// scope has ended.
func (s *Scope) add(b *start, on *session) *call {
	var hash uint64
	if len(b.text) > longText {
		hash = identity.Text(b.text)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended != nil {
		return nil
	}
	if on != nil && s.first == nil && (on.config != nil || on.connector != nil) {
		s.first = on
	}
	c := s.next()
	c.start, c.index = *b, int32(s.calls)
	c.held = uint16(min(s.held, math.MaxUint16))
	if hash != 0 {
		if c.text = s.long.keep(hash, b.text); len(c.text) < len(b.text) {
			c.cutOff(b.text)
		}
	}
	s.calls++
	if b.kind.counts() && !b.setup {
		s.outer.took(1)
	}
	return c
}

// next returns the memory of the next call.
func (s *Scope) next() *call {
	size, last := firstChunk, len(s.chunks)-1
	if last >= 0 {
		if chunk := s.chunks[last]; len(chunk) < cap(chunk) {
			s.chunks[last] = chunk[:len(chunk)+1]
			return &s.chunks[last][len(chunk)]
		}
		size = min(2*cap(s.chunks[last]), lastChunk)
	}
	s.chunks = append(s.chunks, make([]call, 1, size))
	return &s.chunks[last+1][0]
}

// cutOff records that only the beginning of text, the SQL of c, is kept.
func (c *call) cutOff(text string) {
	c.outcome.Store(cut)
	if parts := len(sqltext.Parts(text)); parts > 0 {
		var m more
		if c.more != nil { // shared by the items of a batch
			m = *c.more
		}
		m.parts = parts
		c.more = &m
	}
}

// took records that n statements or checks went to a scope or counter within s.
func (s *Scope) took(n int64) {
	for ; s != nil; s = s.outer {
		s.inner.Add(n)
	}
}

// each calls f with every call, in order.
func (s *Scope) each(f func(c *call)) {
	for _, chunk := range s.chunks {
		for i := range chunk {
			f(&chunk[i])
		}
	}
}

// holds reports whether inner was started within s.
func (s *Scope) holds(inner *Scope) bool {
	for ; inner != nil; inner = inner.outer {
		if inner == s {
			return true
		}
	}
	return false
}

// hold records that n connections more were acquired from a pool than given back.
func (s *Scope) hold(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held += n
	s.maxHeld = max(s.maxHeld, s.held)
}
