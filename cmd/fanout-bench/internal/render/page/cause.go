package page

import (
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
)

// A pageCause is a [findings.Cause] as a card.
type pageCause struct {
	Sentence, Place, Worst, Remedy string
	Capacity                       string
	Source                         string   // the address of the place, if that is known
	Asks                           []string // statements and checks, with how they grow
	From                           []string
	Series                         []string // all that costs more for it
	Chart                          *chart   // of the first of Asks
	Tree                           *pageTree
}

// cause returns the card of c. A whole one has a chart, and the call tree if no other card has.
func (x *contents) cause(c findings.Cause, whole bool) pageCause {
	f := c.Findings[0]
	out := pageCause{
		Sentence: term.Printable(c.Sentence(func(s string) string { return s }), 0), Place: term.Printable(c.Site()+" "+c.Way(), 0),
		Worst: term.Printable(f.Subject()+": "+strings.Join(f.Costs(), ", "), 0), Remedy: c.Asks[0].Remedy(), Capacity: term.Printable(f.Capacity(), 0), Source: x.Link(c),
	}
	for _, ask := range c.Asks {
		out.Asks = append(out.Asks, term.Printable(string(ask.Kind)+" "+ask.Name+": "+ask.String(), 2*term.NameWidth))
	}
	for _, frame := range c.From {
		out.From = append(out.From, term.Printable(frame.Name()+" "+frame.Site(), 0))
	}
	for _, f := range c.Findings {
		for _, scenario := range f.Scenarios() {
			out.Series = append(out.Series, term.Printable(x.named(f.Version, scenario), 0))
		}
	}
	if !whole {
		return out
	}
	ask := c.Asks[0]
	if len(ask.Head.Points) > 1 {
		name := term.Printable(ask.Name, term.NameWidth)
		drawn := chart{Title: name + " over N", X: x.axis(f.Scenario), Y: string(ask.Kind), Dashed: "baseline"}
		drawn.add(chartLine{Name: "baseline", Dashed: true, Values: ask.Base.Points}, chartLine{Name: "now", Color: 1, Values: ask.Head.Points})
		drawn.layOut(decimal)
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
