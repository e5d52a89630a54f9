package reporttest

import (
	"fmt"
	"hash/fnv"
	"slices"

	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Each makes events of one name that all do something else.
func Each(kind tracer.Kind, name string, count int, stack ...tracer.Frame) []tracer.Event {
	var events []tracer.Event
	for i := range count {
		hash := fnv.New64a()
		fmt.Fprint(hash, kind, name, i)
		events = append(events, tracer.Event{
			Kind: kind, Outcome: tracer.OutcomeDone, Name: name, Parent: -1, Identity: hash.Sum64(), Stack: stack,
			RoundTrips: roundTrips(kind),
		})
	}
	return events
}

// roundTrips is how often one event has waited for the server.
func roundTrips(kind tracer.Kind) int {
	switch kind {
	case tracer.KindQuery, tracer.KindCopy, tracer.KindTx, tracer.KindBatch, tracer.KindPrepare:
		return 1
	}
	return 0
}

// Again makes events that all do the same.
func Again(kind tracer.Kind, name string, count int, stack ...tracer.Frame) []tracer.Event {
	return slices.Repeat(Each(kind, name, 1, stack...), count)
}

// Unknown makes what the events did impossible to compare.
func Unknown(events []tracer.Event) []tracer.Event {
	for i := range events {
		events[i].Identity = 0
	}
	return events
}

// Writing makes events that write.
func Writing(events []tracer.Event) []tracer.Event {
	for i := range events {
		events[i].Writes = true
	}
	return events
}

// Locking makes events that lock.
func Locking(events []tracer.Event) []tracer.Event {
	for i := range events {
		events[i].Writes, events[i].Locks = true, true
	}
	return events
}

// Failing makes events that fail.
func Failing(events []tracer.Event) []tracer.Event {
	for i := range events {
		events[i].Outcome = tracer.OutcomeFailed
	}
	return events
}

// Taken makes as many acquires of a connection.
func Taken(count int) []tracer.Event {
	return slices.Repeat([]tracer.Event{{Kind: tracer.KindAcquire, Outcome: tracer.OutcomeDone, Parent: -1}}, count)
}

// Ran makes the result of a cell that did work.
func Ran(version, scenario string, n int, outcome string, work ...[]tracer.Event) scenarios.Result {
	return scenarios.Result{
		Cell:      scenarios.Cell{Version: version, Scenario: scenario, N: n},
		Outcome:   outcome,
		Recording: tracer.Recording{MaxHeld: 1, Events: slices.Concat(work...)},
	}
}

// Sweep makes the results of v1 over N = 1 to 4.
func Sweep(scenario string, work func(n int) []tracer.Event) []scenarios.Result {
	var results []scenarios.Result
	for n := 1; n <= 4; n++ {
		results = append(results, Ran("v1", scenario, n, "200", work(n)))
	}
	return results
}

// Frame makes a frame of a made-up shop: "orders.(*Service).List", "orders/list.go".
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
