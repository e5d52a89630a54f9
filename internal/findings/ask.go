package findings

import (
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A rise is a place that asks for more in one series.
type rise struct {
	at     tracer.Frame // the function, and the line that asks or calls what asks
	calls  string       // the full name of the function called there; empty: it asks itself
	within tracer.Frame // where that function asks, or calls what asks
	isNew  bool
	asks   []Ask
}

// An Ask is a statement or check that a place asks for more often.
type Ask struct {
	report.GrowthDiff
	Kind tracer.Kind
	// Repeats is how many of the head's at the largest N did what the operation had done before.
	Repeats int
	// Alike is how many of them equal an earlier one that could not be spared, as they write,
	// or cannot be compared.
	Alike int
}

func (a Ask) plus(o Ask) Ask {
	a.Base, a.Head = Plus(a.Base, o.Base, 1), Plus(a.Head, o.Head, 1)
	a.Repeats, a.Alike = a.Repeats+o.Repeats, a.Alike+o.Alike
	return a
}

// Rise is by how much more it is at the largest N.
func (a Ask) Rise() int { return Last(a.Head) - Last(a.Base) }
