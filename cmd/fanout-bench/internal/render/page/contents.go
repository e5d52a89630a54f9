package page

import (
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/index"
	"github.com/fanout-bench/fanout-bench/report"
)

// contents is what the parts of a page are made of.
type contents struct {
	view.Document
	checks           bool
	measured, before map[string][]report.Series // of each scenario
	changed, equal   []view.Ranked              // the series, see [view.Document.Ranked]
	differs          map[string]bool            // the scenarios of changed
	anchors          map[string]string          // the parts of the page about scenarios
	ids              map[treeKey]string         // the trees that the page has so far
	seen             map[string]pageTree
}

func newContents(d view.Document) *contents {
	x := &contents{
		Document: d, checks: d.Checks(), measured: d.SeriesOf(d.Measured), before: d.SeriesOf(d.Baseline),
		anchors: map[string]string{}, ids: map[treeKey]string{}, seen: map[string]pageTree{},
	}
	x.changed, x.equal = d.Ranked()
	x.differs = index.Keys(x.changed, func(r view.Ranked) string { return r.Scenario })
	return x
}

// same reports whether nothing in a scenario differs from the baseline.
func (x *contents) same(scenario string) bool { return x.Judges() && !x.differs[scenario] }

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
	Beside                   bool   // with Class, Sign and the costs of the base
	Open                     bool
	Children                 []pageNode
}

type treeKey struct{ scenario, version, outcome string }
