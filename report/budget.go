package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Budget limits a metric of a scenario, instead of the baseline's measurement. At least one of
// Max and PerN is set.
type Budget struct {
	Scenario string        `json:"scenario"`
	Version  string        `json:"version,omitempty"` // empty: all versions without their own budget
	Metric   tracer.Metric `json:"metric"`            // one of [CostMetrics]
	// Max is the most that any cell may cost.
	Max *int `json:"max,omitempty"`
	// PerN is the most by which the cost may grow with each N. A [Plateau] does not grow.
	PerN   *int   `json:"per_n,omitempty"`
	Reason string `json:"reason"`
}

// A budgetSubject is the key of a Budget.
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

// Validate returns an error if b is invalid.
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
		return fmt.Errorf("%v has a limit that is not a count", b.subject())
	case strings.TrimSpace(b.Reason) == "":
		return fmt.Errorf("%v has no reason", b.subject())
	}
	return nil
}

// judge returns the verdict on a count that changed from base to head.
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

// judgeGrowth returns the verdict on a count over N: worse if it grows faster than allowed, or is
// higher than allowed at any common N.
func (b Budget) judgeGrowth(g GrowthDiff) Verdict {
	verdict := compareLaws(g.Base, g.Head)
	switch {
	case b.PerN == nil:
	case g.Head.exceeds(*b.PerN):
		verdict = Worse
	case verdict == Worse:
		verdict = Same
	}
	base, head := g.Common()
	for i := range base {
		verdict = worst(verdict, b.judge(base[i].Count, head[i].Count))
	}
	return verdict
}

// Verdict is Worse if the count grows faster, or is higher at any common N.
func (g GrowthDiff) Verdict() Verdict { return Budget{}.judgeGrowth(g) }

// Exceeded reports whether head exceeds a limit of b itself. The baseline does not matter.
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
	metrics []tracer.Metric // the judged ones; a subset of costs
	budgets map[budgetSubject]Budget
}

// byCost are the rules of a comparison without a baseline.
var byCost = rules{metrics: costs}

// budget returns the budget for a metric: of the version, or else of all versions, or else one
// without limits.
func (r rules) budget(scenario, version string, m tracer.Metric) Budget {
	if b, ok := r.budgets[budgetSubject{scenario, version, m}]; ok {
		return b
	}
	return r.budgets[budgetSubject{scenario, "", m}]
}
