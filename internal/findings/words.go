package findings

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// More describes the increase: "one more query per agent".
func (a Ask) More(unit string) string {
	one, many := "query", "queries"
	switch a.Kind {
	case tracer.KindCheck:
		one, many = "check", "checks"
	case tracer.KindTx:
		one, many = "transaction statement", "transaction statements"
	}
	count := func(n int) string {
		if n == 1 {
			return "one more " + one
		}
		return fmt.Sprintf("%d more %s", n, many)
	}
	points := differences(a.GrowthDiff)
	g := report.Growth{Points: points, Law: report.Fit(points)}
	if rate, ok := g.Rate(); ok && g.Law.Shape != report.Plateau {
		switch first := points[0].Count - rate*points[0].N; {
		case rate == 0:
			return count(points[0].Count)
		case rate > 0 && first == 0:
			return count(rate) + " per " + unit
		case rate > 0 && first > 0:
			return fmt.Sprintf("%s per %s, and %d besides", count(rate), unit, first)
		case rate > 0 && first == -rate:
			return count(rate) + " per " + unit + " after the first"
		case rate > 0:
			return count(rate) + " per " + unit + ", starting lower"
		}
	}
	n, from, to, _ := largest(a.GrowthDiff)
	if len(points) == 1 && n == 0 {
		return count(to - from)
	}
	if to <= from {
		return many + " that grow faster with N, from a lower start"
	}
	return fmt.Sprintf("%s at N=%d", count(to-from), n)
}

// Remedy says what to do about repeated requests of a place. It is empty if that is unknown.
func (a Ask) Remedy() string {
	last := Last(a.Head)
	switch {
	case last < 2:
		return ""
	case a.Repeats == last:
		return fmt.Sprintf("all %d repeat an earlier one: keep its result", last)
	case a.Repeats > 0:
		return fmt.Sprintf("%d of %d repeat an earlier one: keep its result", a.Repeats, last)
	case a.Kind == tracer.KindQuery && risen(a.Head) > 0 && a.Alike == 0:
		return fmt.Sprintf("%d times with different arguments: one query for all would do", last)
	default:
		return ""
	}
}

// Cost describes the cost before and now: "SQL 5 + 3·N → 5 + 4·N (53 → 69 at N=16)".
func (f Finding) Cost(m tracer.Metric) string {
	g := f.Metrics[m]
	if b := f.Budgets[m]; b.Exceeded(g.Head) {
		last := g.Head.Points[len(g.Head.Points)-1]
		text := Title(m) + " " + Exact(g.Head)
		if text != fmt.Sprintf("%s %d", Title(m), last.Count) {
			text += fmt.Sprintf(" (%d at N=%d)", last.Count, last.N)
		}
		return text
	}
	text := Title(m) + " " + g.String()
	if g.Changed() && len(g.Base.Points) > 0 && len(g.Head.Points) > 0 && (g.Base.Law.Shape == report.Irregular || g.Head.Law.Shape == report.Irregular) {
		text = Title(m) + " " + Exact(g.Base) + " → " + Exact(g.Head)
	}
	if n, from, to, ok := largest(g); ok && n > 0 && len(g.Head.Points) > 1 && from != to && g.String() != term.Change(from, to) {
		text += fmt.Sprintf(" (%s at N=%d)", term.Change(from, to), n)
	}
	return text
}

// Overview describes the cost of SQL and, if there is any, RBAC.
func (f Finding) Overview() []string {
	var list []string
	for _, m := range []tracer.Metric{tracer.SQL, tracer.RBAC} {
		g := f.Metrics[m]
		if m == tracer.SQL || Happens(g.Base) || Happens(g.Head) {
			list = append(list, f.Cost(m))
		}
	}
	return list
}

// Costs describes what costs more.
func (f Finding) Costs() []string {
	var list []string
	for _, m := range f.Main() {
		list = append(list, f.Cost(m))
		if b := f.Budgets[m]; b.Exceeded(f.Metrics[m].Head) {
			list = append(list, fmt.Sprintf("over the budget of at most %s: %s", Limit(b, f.UnitOrN()), b.Reason))
		}
	}
	return list
}

// Way returns the functions at the place: "List → Store.Items".
func (c Cause) Way() string {
	if c.Calls == "" {
		return c.At.Name()
	}
	return c.At.Name() + " → " + tracer.Frame{Function: c.Calls}.Name()
}

// Site returns the position of the place: "orders/list.go:12".
func (c Cause) Site() string { return fmt.Sprintf("%s:%d", c.File(), c.At.Line) }

// Unit returns the name of one unit of N in the first finding.
func (c Cause) Unit() string { return c.Findings[0].UnitOrN() }

// Sentence says what happened: "List now runs one more query per order: ItemsOfOrder". name
// formats the names in it.
func (c Cause) Sentence(name func(string) string) string {
	a := c.Asks[0]
	verb := "runs"
	if a.Kind == tracer.KindCheck {
		verb = "makes"
	}
	text := fmt.Sprintf("%s now %s %s: %s", name(c.At.Name()), verb, a.More(term.Printable(c.Unit(), term.NameWidth)), name(a.Name))
	if more := len(c.Asks) - 1; more > 0 {
		text += fmt.Sprintf(" and %s", term.Count(more, "other", "others"))
	}
	return text
}

// Others names what else costs more because of c, besides its first finding: "pr-2, pr-3; 9
// scenarios". It is empty if there is nothing.
func (c Cause) Others() string {
	first := c.Findings[0]
	versions, scenarios := []string{}, map[string]bool{}
	for _, f := range c.Findings {
		if f.Version != first.Version && !slices.Contains(versions, f.Version) {
			versions = append(versions, f.Version)
		}
		for _, s := range f.Scenarios() {
			scenarios[s] = true
		}
	}
	delete(scenarios, first.Scenario)
	var parts []string
	const most = 3
	if len(versions) > most {
		versions = append(versions[:most-1], fmt.Sprintf("%d more", len(versions)-most+1))
	}
	if len(versions) > 0 {
		parts = append(parts, strings.Join(versions, ", "))
	}
	switch len(scenarios) {
	case 0:
	case 1:
		parts = slices.AppendSeq(parts, maps.Keys(scenarios))
	default:
		parts = append(parts, fmt.Sprintf("%d scenarios", len(scenarios)))
	}
	return strings.Join(parts, "; ")
}
