package page

import (
	"slices"
	"strconv"
	"strings"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
)

// A pageCause is a [findings.Cause] as a card.
type pageCause struct {
	findings.Cause
	Sentence, Place, Worst string
	Source                 string   // the address of the place, if that is known
	Series                 []string // all that costs more for it
	Chart                  *chart   // of the first of Asks
	Tree                   *pageTree
}

// cause returns the card of c. A whole one has a chart, and the call tree if no other card has.
func (x *contents) cause(c findings.Cause, whole bool) pageCause {
	f := c.Findings[0]
	out := pageCause{
		Cause: c, Sentence: term.Printable(c.Sentence(func(s string) string { return s }), 0), Place: term.Printable(c.Site()+" "+c.Way(), 0),
		Worst: term.Printable(f.Subject()+": "+strings.Join(f.Costs(), ", "), 0), Source: x.Link(c),
	}
	for _, f := range c.Findings {
		for _, scenario := range f.Scenarios() {
			out.Series = append(out.Series, term.Printable(strings.Join(x.Overview.Names(f.Version, scenario), " "), 0))
		}
	}
	if !whole {
		return out
	}
	ask := c.Asks[0]
	if len(ask.Head.Points) > 1 {
		name := term.Printable(ask.Name, term.NameWidth)
		counting := ""
		if i := slices.IndexFunc(x.Overview.Growth, func(g view.ScenarioGrowth) bool { return g.Scenario == f.Scenario }); i >= 0 {
			counting = x.Overview.Growth[i].Counting
		}
		drawn := chart{Title: name + " over N", X: axis(counting), Y: string(ask.Kind), Dashed: "baseline"}
		drawn.add(chartLine{Name: "baseline", Dashed: true, Values: ask.Base.Points}, chartLine{Name: "now", Color: 1, Values: ask.Head.Points})
		drawn.layOut(strconv.Itoa)
		out.Chart = &drawn
	}
	list := x.measured[f.Scenario]
	if i := slices.IndexFunc(list, func(s report.Series) bool { return s.Version == f.Version && s.Outcome == f.HeadOutcome }); i >= 0 {
		if tree, ok := x.tree(list[i]); ok && tree.Same == nil {
			out.Tree = &tree
		}
	}
	return out
}
