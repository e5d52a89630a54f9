package findings

import (
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A rise is a place that requests more in one series.
type rise struct {
	at     tracer.Frame // the function, and the line of its request or call
	calls  string       // the full name of the called function; empty if At makes the request itself
	within tracer.Frame // where that function makes its request or call
	isNew  bool
	asks   []Ask
}

// An Ask is a statement or check that a place requests more often.
type Ask struct {
	report.GrowthDiff
	Kind tracer.Kind
	// Repeats is how many of the head's, at the largest N, repeat an earlier one.
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

// Rise returns the increase at the largest N.
func (a Ask) Rise() int { return Last(a.Head) - Last(a.Base) }
