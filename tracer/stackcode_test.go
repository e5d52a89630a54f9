package tracer_test

import (
	"context"
	"iter"
	"sync"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// The stacks of the following code are tested. A comment "site: name" marks a line that a stack
// should show.

// An app makes queries in ways that the compiler names differently.
type app struct{ tracer.Hooks }

func (a app) query(ctx context.Context) { query(ctx, a, "SELECT 1") }

//go:noinline
func twice(f func()) {
	f()
	f()
}

// carry is small enough to be inlined with its literal.
func carry(f func()) { twice(func() { f() }) }

func (a app) calls(ctx context.Context) {
	a.query(ctx) // site: call
}

func (a *app) callsByPointer(ctx context.Context) {
	a.calls(ctx) // site: pointer
}

func (a app) literal(ctx context.Context) {
	twice(func() {
		a.query(ctx) // site: literal
	})
}

func (a app) literalInLiteral(ctx context.Context) {
	twice(func() {
		twice(func() {
			a.query(ctx) // site: literal in literal
		})
	})
}

func (a app) literalOfInlined(ctx context.Context) {
	carry(func() { // carry calls it from a literal of its own
		a.query(ctx) // site: literal of inlined
	})
}

func (a app) callsInlined(ctx context.Context) {
	a.inlined(ctx) // site: calls inlined
}

func (a app) inlined(ctx context.Context) {
	twice(func() {
		a.query(ctx) // site: inlined
	})
}

func (a app) walks(ctx context.Context, depth int) {
	if depth == 0 {
		a.query(ctx) // site: leaf
		return
	}
	twice(func() {
		a.walks(ctx, depth-1) // site: branch
	})
}

func three() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range 3 {
			if !yield(i) {
				return
			}
		}
	}
}

func (a app) loops(ctx context.Context) {
	for range three() {
		a.query(ctx) // site: loop
	}
}

func (a app) loopsInLiteral(ctx context.Context) {
	twice(func() {
		for range three() {
			twice(func() {
				a.query(ctx) // site: loop in literal
			})
		}
	})
}

func (a app) defers(ctx context.Context) {
	defer a.query(ctx)
	defer func() {
		a.query(ctx) // site: deferred
	}()
} // site: end of defers

func generic[T any](ctx context.Context, a app, _ T) {
	twice(func() {
		a.query(ctx) // site: generic
	})
}

type box[T any] struct{ app }

func (b *box[T]) open(ctx context.Context) {
	b.query(ctx) // site: box
}

func (a app) opens(ctx context.Context) {
	generic(ctx, a, map[string]int{})           // site: calls generic
	(&box[tracer.Event]{a}).open(ctx)           // site: opens
	twice(func() { generic(ctx, a, "string") }) // site: generic in literal
}

func (a app) spawns(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		twice(func() {
			a.query(ctx) // site: goroutine
		})
	}()
	<-done
}

func (a app) waits(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() {
		a.query(ctx) // site: wait group
	})
	wg.Wait()
}

// A group works like errgroup: the goroutine is a literal of another function.
type group struct{ sync.WaitGroup }

func (g *group) spawn(f func()) {
	g.Add(1)
	go func() {
		defer g.Done()
		f() // site: spawn
	}()
}

func (a app) spawnsInGroup(ctx context.Context) {
	var g group
	g.spawn(func() {
		a.query(ctx) // site: group
	})
	g.Wait()
}

func (a app) methodValue(ctx context.Context) {
	call(ctx, a.calls) // site: method value
}

//go:noinline
func call(ctx context.Context, f func(context.Context)) {
	f(ctx) // site: call of value
}

var inVariable = func(ctx context.Context, a app) {
	a.query(ctx) // site: variable
}

//go:noinline
func (a app) recurse(ctx context.Context, depth int) {
	if depth > 0 {
		a.recurse(ctx, depth-1) // site: recursion
		return
	}
	a.query(ctx) // site: end of recursion
}

// retry is a use case of Recorder.SkipFrames.
type retry struct{}

//go:noinline
func (*retry) do(f func()) {
	twice(f)
}

//go:noinline
func traced[T any](f func() T) T {
	return f()
}

func (a app) retries(ctx context.Context) {
	var r retry
	traced(func() int {
		r.do(func() {
			a.calls(ctx) // site: retried
		})
		return 0
	})
}

func (a app) number(ctx context.Context) func() int {
	return func() int {
		a.query(ctx) // site: number
		return 1
	}
}
