package report

import "slices"

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

// compareLaws tells which of two laws grows faster. A law that is not known
// decides nothing: the cells do. Irregular growth is worse than a law, for nobody
// can say where it ends.
func compareLaws(base, head Law) Verdict {
	switch {
	case base.Shape == Unknown || head.Shape == Unknown:
		return Same
	case head.Shape == Irregular && base.Shape != Irregular:
		return Worse
	case base.Shape == Irregular && head.Shape != Irregular:
		return Better
	case head.Pairs != base.Pairs:
		return judge(head.Pairs - base.Pairs)
	default:
		return judge(head.PerN - base.PerN)
	}
}

// compareGrowth is the verdict on a count over N: worse if it grows faster, or is
// higher at any N that both have.
func compareGrowth(base, head Growth) Verdict {
	verdict := compareLaws(base.Law, head.Law)
	for _, b := range base.Points {
		i := slices.IndexFunc(head.Points, func(h Point) bool { return h.N == b.N })
		if i >= 0 {
			verdict = worst(verdict, judge(head.Points[i].Count-b.Count))
		}
	}
	return verdict
}
