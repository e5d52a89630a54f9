package scenarios

import (
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// without returns r without the statements and checks in the list, and their number. It also
// removes what such a statement prepared, and the connection that it acquired from a pool on
// the same line.
func without(r tracer.Recording, list []string) (tracer.Recording, int) {
	if len(list) == 0 {
		return r, 0
	}
	drop := make([]bool, len(r.Events))
	ignored, keeps := 0, make(map[int]bool) // batches with remaining items
	for i, e := range r.Events {
		var functions []string
		for _, f := range e.Stack {
			functions = append(functions, f.Function)
		}
		drop[i] = beside.Ignored(list, e.Name, functions...)
		statement := e.Kind == tracer.KindQuery || e.Kind == tracer.KindCopy || e.Kind == tracer.KindCheck
		item := e.Parent >= 0 && r.Events[e.Parent].Kind == tracer.KindBatch && e.Kind != tracer.KindPrepare
		if item {
			keeps[e.Parent] = keeps[e.Parent] || !drop[i]
		}
		switch {
		case !drop[i]:
			drop[i] = e.Kind == tracer.KindPrepare && e.Parent >= 0 && drop[e.Parent]
		case statement:
			if e.Outcome != tracer.OutcomeSkipped && e.Outcome != tracer.OutcomeNotSent {
				ignored++
			}
			if !item {
				dropAcquire(r.Events, i, drop)
			}
		}
	}
	for batch, keep := range keeps {
		if !keep && !drop[batch] {
			drop[batch] = true
			dropAcquire(r.Events, batch, drop)
		}
	}
	moved := make([]int, len(r.Events)) // the new index of an event, or of its parent
	var events []tracer.Event
	for i, e := range r.Events {
		if e.Parent >= 0 {
			e.Parent = moved[e.Parent]
		}
		moved[i] = e.Parent
		if !drop[i] {
			moved[i] = len(events)
			events = append(events, e)
		}
	}
	r.Events = events
	return r, ignored
}

// dropAcquire drops the acquire on the line of the event at i, which belongs to the same pool
// call.
func dropAcquire(events []tracer.Event, i int, drop []bool) {
	if events[i].Kind == tracer.KindCheck {
		return
	}
	for at := i - 1; at >= 0; at-- {
		if e := events[at]; e.Kind == tracer.KindAcquire && !drop[at] && slices.Equal(e.Stack, events[i].Stack) {
			drop[at] = true
			return
		} else if len(e.Stack) == 0 && (e.Kind == tracer.KindQuery || e.Kind == tracer.KindTx || e.Kind == tracer.KindBatch) {
			return // without lines only adjacent events are related
		}
	}
}
