package findings

import (
	"slices"

	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A rise is a place that requests more in one series.
type rise struct {
	// At is the function that makes the request or calls the requesting function, with the line.
	At tracer.Frame
	// Calls is the full name of the function called there. Empty: At makes the request itself.
	Calls  string
	within tracer.Frame // where that function makes its request or call
	New    bool         // otherwise it requests more often
	Asks   []Ask
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

// plus returns list with a, which it adds to the Ask for the same if there is one.
func plus(list []Ask, a Ask) []Ask {
	i := slices.IndexFunc(list, func(o Ask) bool { return o.Kind == a.Kind && o.Name == a.Name })
	if i < 0 {
		return append(list, a)
	}
	o := &list[i]
	o.Base, o.Head = Plus(o.Base, a.Base, 1), Plus(o.Head, a.Head, 1)
	o.Repeats, o.Alike = o.Repeats+a.Repeats, o.Alike+a.Alike
	return list
}

// Rise returns the increase at the largest N.
func (a Ask) Rise() int { return Last(a.Head) - Last(a.Base) }
