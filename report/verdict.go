package report

import (
	"slices"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Verdict compares the head of a comparison with its base. The verdict of a whole [Judgment] is
// another type.
type Verdict string

const (
	Same   Verdict = "same"
	Better Verdict = "better"
	Worse  Verdict = "worse"
	// Added and Missing: only the head, or only the base, has it.
	Added   Verdict = "new"
	Missing Verdict = "missing"
	// NotCompared: the outcomes differ. A request that fails early is not cheaper.
	NotCompared Verdict = "not compared"
)

// costs are the metrics that are worse if they are higher. The others explain them.
var costs = []tracer.Metric{
	tracer.SQL, tracer.RBAC, tracer.RoundTrips, tracer.TxControl, tracer.Acquires, tracer.MaxHeld,
}

// CostMetrics lists the metrics that are worse if they are higher, the most telling first. Judge
// accepts any of them. Other metrics are only shown.
func CostMetrics() []tracer.Metric { return slices.Clone(costs) }

// judge returns the verdict on a cost that changed by difference.
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

// worst returns the worse of two verdicts: an improvement does not make up for a regression.
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
