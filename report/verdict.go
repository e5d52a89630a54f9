package report

import (
	"slices"

	"github.com/fanout-bench/fanout-bench/tracer"
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
	points := common(base, head)
	if len(points) < 2 {
		return Same
	}
	first, last := points[0], points[len(points)-1]
	return judge((last.head - first.head) - (last.base - first.base))
}

// compareGrowth is the verdict on a count over N: worse if it grows faster, or is
// higher at any N that both have.
func compareGrowth(base, head Growth) Verdict { return Budget{}.judgeGrowth(base, head) }

// A pair is one count at an N, before and after.
type pair struct{ n, base, head int }

// common returns the points that both have, by N.
func common(base, head Growth) []pair {
	var pairs []pair
	for _, b := range base.Points {
		i := slices.IndexFunc(head.Points, func(h Point) bool { return h.N == b.N })
		if i >= 0 {
			pairs = append(pairs, pair{b.N, b.Count, head.Points[i].Count})
		}
	}
	return pairs
}

// A Verdict is how the head of a comparison does against its base. That of all of a
// [Judgment] is another one.
type Verdict string
