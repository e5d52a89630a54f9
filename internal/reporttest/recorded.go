package reporttest

import (
	"fmt"
	"hash/fnv"
	"slices"

	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Each returns events of one name with different work.
func Each(kind tracer.Kind, name string, count int, stack ...tracer.Frame) []tracer.Event {
	var events []tracer.Event
	for i := range count {
		events = append(events, event(kind, name, fmt.Sprint(i), stack))
	}
	return events
}

// event returns an event outside of others. Events of a kind with equal names and arguments do
// the same work; without an argument it is unknown.
func event(kind tracer.Kind, name, argument string, stack []tracer.Frame) tracer.Event {
	e := tracer.Event{Kind: kind, Outcome: tracer.OutcomeDone, Name: name, Parent: -1, Stack: stack}
	switch kind {
	case tracer.KindQuery, tracer.KindCopy, tracer.KindTx, tracer.KindBatch, tracer.KindPrepare:
		e.RoundTrips = 1
	}
	if argument != "" {
		hash := fnv.New64a()
		fmt.Fprint(hash, kind, "\x00", name, "\x00", argument)
		e.Identity = hash.Sum64()
	}
	return e
}

// Again returns events with the same work.
func Again(kind tracer.Kind, name string, count int, stack ...tracer.Frame) []tracer.Event {
	return slices.Repeat(Each(kind, name, 1, stack...), count)
}

// changed changes each of the events.
func changed(events []tracer.Event, change func(*tracer.Event)) []tracer.Event {
	for i := range events {
		change(&events[i])
	}
	return events
}

// Unknown makes the events incomparable.
func Unknown(events []tracer.Event) []tracer.Event {
	return changed(events, func(e *tracer.Event) { e.Identity = 0 })
}

// Writing makes the events write.
func Writing(events []tracer.Event) []tracer.Event {
	return changed(events, func(e *tracer.Event) { e.Writes = true })
}

// Locking makes the events lock.
func Locking(events []tracer.Event) []tracer.Event {
	return changed(events, func(e *tracer.Event) { e.Writes, e.Locks = true, true })
}

// Failing makes the events fail.
func Failing(events []tracer.Event) []tracer.Event {
	return changed(events, func(e *tracer.Event) { e.Outcome = tracer.OutcomeFailed })
}

// Taken returns acquires of connections.
func Taken(count int) []tracer.Event {
	return slices.Repeat([]tracer.Event{event(tracer.KindAcquire, "", "", nil)}, count)
}

// Ran returns the result of a cell with that work.
func Ran(version, scenario string, n int, outcome string, work ...[]tracer.Event) scenarios.Result {
	return scenarios.Result{
		Cell:      scenarios.Cell{Version: version, Scenario: scenario, N: n},
		Outcome:   outcome,
		Recording: tracer.Recording{MaxHeld: 1, Events: slices.Concat(work...)},
	}
}

// Sweep returns the results of v1 for N = 1 to 4.
func Sweep(scenario string, work func(n int) []tracer.Event) []scenarios.Result {
	var results []scenarios.Result
	for n := 1; n <= 4; n++ {
		results = append(results, Ran("v1", scenario, n, "200", work(n)))
	}
	return results
}

// Frame returns a frame of an invented shop: "orders.(*Service).List", "orders/list.go".
func Frame(function, file string, line int) tracer.Frame {
	return tracer.Frame{Function: "example.com/shop/" + function, File: file, Line: line}
}

// Functions of the shop.
var (
	Serve = Frame("web.(*Server).orders", "web/orders.go", 40)
	List  = Frame("orders.(*Service).List", "orders/list.go", 12)
	Price = Frame("orders.(*Service).price", "orders/price.go", 77)
	Audit = Frame("orders.(*Service).audit", "orders/audit.go", 9)
)
