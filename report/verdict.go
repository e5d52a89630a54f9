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

// rules decide what is worse.
type rules struct {
	metrics []tracer.Metric // those that are judged; a part of costs
	budgets []Budget
}

// byCost is the rules of a comparison without a baseline.
var byCost = rules{metrics: costs}

// budget returns the budget for a metric: that of the version, else that of all
// versions, else one without limits.
func (r rules) budget(scenario, version string, m tracer.Metric) Budget {
	var found Budget
	for _, b := range r.budgets {
		if b.Scenario == scenario && b.Metric == m && (b.Version == version || b.Version == "" && found.Version == "") {
			found = b
		}
	}
	return found
}

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

// compareLaws tells which of two counts grows faster. Irregular growth is worse
// than a law, for nobody can say where it ends.
func compareLaws(base, head Growth) Verdict {
	b, h := base.Law, head.Law
	switch {
	case b.Shape == Unknown || h.Shape == Unknown:
		return compareRises(base, head)
	case h.Shape == Irregular && b.Shape != Irregular:
		return Worse
	case b.Shape == Irregular && h.Shape != Irregular:
		return Better
	case h.Pairs != b.Pairs:
		return judge(h.Pairs - b.Pairs)
	default:
		return judge(h.PerN - b.PerN)
	}
}

// compareRises is for counts with too few points for a law. Two points that both
// have tell at least which of them rises more.
func compareRises(base, head Growth) Verdict {
	points := GrowthDiff{Base: base, Head: head}.Pairs()
	if len(points) < 2 {
		return Same
	}
	first, last := points[0], points[len(points)-1]
	return judge((last.Head - first.Head) - (last.Base - first.Base))
}
