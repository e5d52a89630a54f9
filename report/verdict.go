package report

import (
	"slices"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Verdict is how the head of a comparison does against its base. That of all of a
// [Judgment] is another one.
type Verdict string

const (
	Same   Verdict = "same"
	Better Verdict = "better"
	Worse  Verdict = "worse"
	// Added and Missing: only the head, only the base, has it.
	Added   Verdict = "new"
	Missing Verdict = "missing"
	// NotCompared: the outcomes differ. A request that fails early is no cheaper
	// way of serving it.
	NotCompared Verdict = "not compared"
)

// costs are the metrics of which more is worse. The others explain them.
var costs = []tracer.Metric{
	tracer.SQL, tracer.RBAC, tracer.RoundTrips, tracer.TxControl, tracer.Acquires, tracer.MaxHeld,
}

// CostMetrics lists the metrics of which more is worse, the most telling first. A Judgment
// takes any of them; the other metrics explain these, and are shown only.
func CostMetrics() []tracer.Metric { return slices.Clone(costs) }

// judge is the verdict on a cost that changed by difference.
func judge(difference int) Verdict {
	switch {
	case difference > 0:
		return Worse
	case difference < 0:
		return Better
	default:
		return Same
	}
}

// worst is the verdict on two things together: one that got worse is not made
// good by another that got better.
func worst(a, b Verdict) Verdict {
	switch {
	case a == Worse || b == Worse:
		return Worse
	case a == Same:
		return b
	default:
		return a
	}
}
