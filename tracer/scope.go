package tracer

import (
	"context"
	"sync"
)

// A Scope collects what happens under the context that [Start] returned.
// It is safe for concurrent use.
type Scope struct {
	name string

	mu      sync.Mutex
	events  []event
	held    int // connections leased at this moment
	maxHeld int
	ended   bool
}

// event is an Event before its text has become a name: classifying and naming
// wait until the scope ends, so that they cost the measured work nothing.
type event struct {
	kind     Kind
	outcome  Outcome
	parent   int
	identity uint64
	text     string // SQL; for Copy and Check already the name
	stack    *stack // nil unless the Recorder keeps stacks
}

type scopeKey struct{}

// Start opens a Scope that the returned context carries. Where scopes nest, the
// innermost gets the events. Call [Scope.End] when the work is done.
func Start(ctx context.Context, name string) (context.Context, *Scope) {
	s := &Scope{name: name}
	return context.WithValue(ctx, scopeKey{}, s), s
}

// End closes the scope and returns what it saw. Work that is still open counts
// as [Unfinished]; work that starts later under the same context is counted by
// [Recorder.Unattributed]. A further call returns the same Recording.
func (s *Scope) End() Recording {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	return newRecording(s.name, s.events, s.maxHeld)
}

// add appends e and returns its index; ok is false once the scope has ended.
func (s *Scope) add(e event) (index int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return 0, false
	}
	s.events = append(s.events, e)
	return len(s.events) - 1, true
}

// settle sets the outcome of an event. After End it changes nothing.
func (s *Scope) settle(index int, o Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.events[index].outcome = o
	}
}

func (s *Scope) lease() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held++
	if !s.ended {
		s.maxHeld = max(s.maxHeld, s.held)
	}
}

func (s *Scope) giveBack() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held--
}
