package page

import (
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/report"
)

// contents is what the parts of a page are made of.
type contents struct {
	view.Document
	Packages         bool
	checks           bool
	measured, before map[string][]report.Series // of each scenario
	same             map[string]bool            // scenarios in which nothing differs from the baseline
	counting         map[string]string          // what N counts in each scenario
	anchors          map[string]string          // the parts of the page about scenarios
	ids              map[treeKey]string         // the trees that the page has so far
	seen             map[string]pageTree
}

func newContents(d view.Document) *contents {
	x := &contents{
		Document: d, Packages: d.Overview.Packages, checks: d.Checks(), measured: d.SeriesOf(d.Measured), before: d.SeriesOf(d.Baseline),
		counting: map[string]string{}, anchors: map[string]string{}, ids: map[treeKey]string{}, seen: map[string]pageTree{},
	}
	for _, growth := range d.Overview.Growth {
		x.counting[growth.Scenario] = growth.Counting
	}
	if d.Judges() {
		x.same = map[string]bool{}
		for scenario := range x.measured {
			x.same[scenario] = true
		}
		changed, _ := d.Ranked()
		for _, r := range changed {
			x.same[r.Scenario] = false
		}
	}
	return x
}

// named names a series by what tells it from others.
func (x *contents) named(version, scenario string) string {
	if len(x.Overview.Versions) == 1 {
		return scenario
	}
	return version + " " + scenario
}

type pageTree struct {
	ID, Base, Head string // Base: what it is set against, if anything
	Now            string // what the figures of Head are called
	Outcome        string // with that of Base, if it is another
	Scenario       string
	Checks         bool
	Same           *pageTree // an earlier tree that shows the same
	Roots          []pageNode
	Text           string // instead of Roots, if all is as in the baseline
}

type pageNode struct {
	Class, Sign, Label, Mark string
	BaseSQL, SQL             string
	BaseRBAC, RBAC           string
	Repeated, Site           string
	Hint                     string // the counts at each N
	Open                     bool
	Children                 []pageNode
}

type treeKey struct{ scenario, version, outcome string }
