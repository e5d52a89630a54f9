package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Budget limits a metric of a scenario in place of what the baseline measured. At
// least one of Max and PerN is set.
type Budget struct {
	Scenario string        `json:"scenario"`
	Version  string        `json:"version,omitempty"` // empty: those without a budget of their own
	Metric   tracer.Metric `json:"metric"`            // one of [CostMetrics]
	// Max is the most that any cell may cost.
	Max *int `json:"max,omitempty"`
	// PerN is the most by which the cost may grow with each N. What ends in a [Plateau] does
	// not grow.
	PerN   *int   `json:"per_n,omitempty"`
	Reason string `json:"reason"`
}

// A budgetSubject is what there can be one Budget for.
type budgetSubject struct {
	scenario, version string
	metric            tracer.Metric
}

func (s budgetSubject) String() string {
	return "the budget of " + strings.TrimSpace(s.version+" "+s.scenario) + ", " + string(s.metric) + ","
}

func (b Budget) subject() budgetSubject { return budgetSubject{b.Scenario, b.Version, b.Metric} }

func compareBudgets(a, b Budget) int {
	return cmp.Or(cmp.Compare(a.Scenario, b.Scenario), cmp.Compare(a.Version, b.Version), cmp.Compare(a.Metric, b.Metric))
}

// Validate returns what is wrong with b, if anything is.
func (b Budget) Validate() error {
	limit := func(n *int) bool { return n == nil || *n >= 0 && *n <= jsonfile.MaxCount }
	switch {
	case b.Scenario == "":
		return fmt.Errorf("a budget names no scenario")
	case !slices.Contains(costs, b.Metric):
		return fmt.Errorf("a budget cannot limit %q; valid: %s", b.Metric, list(costs))
	case b.Max == nil && b.PerN == nil:
		return fmt.Errorf("%v has neither max nor per_n", b.subject())
	case !limit(b.Max), !limit(b.PerN):
		return fmt.Errorf("%v has a limit that is no count", b.subject())
	case strings.TrimSpace(b.Reason) == "":
		return fmt.Errorf("%v has no reason", b.subject())
	}
	return nil
}

// judge is the verdict on a count that was base and is head.
func (b Budget) judge(base, head int) Verdict {
	switch verdict := judge(head - base); {
	case b.Max == nil:
		return verdict
	case head > *b.Max:
		return Worse
	case verdict == Worse:
		return Same
	default:
		return verdict
	}
}

// judgeGrowth is the verdict on a count over N: worse if it grows faster than it
// may, or is higher than it may be at any N that both have.
func (b Budget) judgeGrowth(base, head Growth) Verdict {
	verdict := compareLaws(base, head)
	switch {
	case b.PerN == nil:
	case head.exceeds(*b.PerN):
		verdict = Worse
	case verdict == Worse:
		verdict = Same
	}
	before, after := GrowthDiff{Base: base, Head: head}.Common()
	for i := range before {
		verdict = worst(verdict, b.judge(before[i].Count, after[i].Count))
	}
	return verdict
}

// Exceeded reports whether head is beyond a limit of b itself, not only beyond the
// baseline where b sets no limit.
func (b Budget) Exceeded(head Growth) bool {
	return b.PerN != nil && head.exceeds(*b.PerN) ||
		b.Max != nil && slices.ContainsFunc(head.Points, func(p Point) bool { return p.Count > *b.Max })
}

func list[T ~string](words []T) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = string(w)
	}
	return strings.Join(texts, ", ")
}

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
