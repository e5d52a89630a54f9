// Package page renders a report as one HTML page, and its first chart as a drawing.
package page

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/claims"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation"
	"github.com/fanout-bench/fanout-bench/internal/capacity"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

//go:embed chart.svg.tmpl page.html.tmpl
var templates embed.FS

//go:embed chart.css
var chartStyle string

//go:embed page.css
var pageStyle string

//go:embed page.js
var pageScript string

var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"width":  func() int { return chartWidth },
	"height": func() int { return chartHeight },
	"whole":  func(text string) string { return term.Printable(text, 0) },
	"name":   func(text string) string { return term.Printable(text, term.NameWidth) },
	"cell":   func(text string) string { return term.Printable(text, 2*term.NameWidth) },
}).ParseFS(templates, "*.tmpl"))

// A page is a Document as the template lays it out. Its texts are printable, but for
// those that the template makes so, and escaped by the template.
type page struct {
	Title, Sentence string
	Verdict         string
	Against         string
	Pool            string // that requests a second are of
	Path            string
	Unmeasured      []findings.Unmeasured
	FirstRuns       []findings.FirstRunNote
	Causes          []pageCause
	Rows            []pageRow
	Lead            []chart // of the first scenario that grows
	Scenarios       []pageScenario
	Claims          claims.Checks
	Saturation      *pageSaturation

	Style             template.CSS
	Script            template.JS
	StyleID, RunnerID string // as the policy of the page names them
}

// A pageCause is a [findings.Cause] in a few lines.
type pageCause struct {
	Sentence, Place, Worst, Remedy string
	Source                         string   // the address of the place, if that is known
	Series                         []string // all that costs more for it
	ID                             string   // of the call tree of the worst
}

type pageRow struct {
	ID                string // of its call tree; empty if there is none
	Verdict, Class    string
	Remark            string
	Version, Scenario string
	N                 string
	SQL, RBAC         pageChange
	Avoidable         pageChange
	Capacity          pageChange // requests a second
	SQLLaw, RBACLaw   string
	Headline          string
}

// A pageChange is a count before and now.
type pageChange struct {
	Text  string
	Now   int
	Class string
}

// HTML writes the document as one page that needs nothing else: no network, no
// script but for comfort. load is what the versions did under load, if they were put
// under any.
func HTML(w io.Writer, d view.Document, load *saturation.Results) error {
	p := page{
		Title: "fanout-bench: " + term.Printable(d.Path, term.NameWidth), Sentence: term.Printable(d.Sentence(), 0),
		Verdict: d.Verdict(), Against: term.Printable(d.Against, 0), Path: term.Printable(d.Path, 0), Pool: capacity.Default().String(),
		Unmeasured: d.Unmeasured, Claims: d.Overview.Claims,
		Style: template.CSS(chartStyle + pageStyle), Script: template.JS(pageScript), // #nosec G203 -- files of this package
		StyleID: policyHash(chartStyle + pageStyle), RunnerID: policyHash(pageScript),
	}
	for _, note := range findings.FirstRunNotes(d.Measured) {
		note.Version, note.Scenario = term.Printable(note.Version, term.NameWidth), term.Printable(note.Scenario, term.NameWidth)
		p.FirstRuns = append(p.FirstRuns, note)
	}
	trees := pageTrees{ids: map[treeKey]string{}, seen: map[string]pageTree{}}
	for _, growth := range d.Overview.Growth {
		s := newScenario(d, growth, trees)
		if len(p.Lead) == 0 {
			p.Lead, s.Charts = s.Charts, nil
		}
		p.Scenarios = append(p.Scenarios, s)
	}
	for _, c := range d.Causes {
		p.Causes = append(p.Causes, newCause(d, c, trees.ids))
	}
	changed, unchanged := d.Ranked()
	for _, r := range slices.Concat(changed, unchanged) {
		p.Rows = append(p.Rows, newRow(r, trees.ids))
	}
	if load != nil {
		p.Saturation = newSaturation(*load)
	}
	return pages.ExecuteTemplate(w, "page.html.tmpl", p)
}

// SVG writes how SQL grows with N in the first scenario that has an N, as a drawing.
func SVG(w io.Writer, d view.Document) error {
	for _, growth := range d.Overview.Growth {
		if charts := growthCharts(d, growth); len(charts) > 0 {
			return pages.ExecuteTemplate(w, "drawing", struct {
				Style template.CSS
				Chart chart
			}{template.CSS(chartStyle), charts[0]}) // #nosec G203 -- a file of this package
		}
	}
	return errors.New("there is no scenario with more than one N to draw")
}

// policyHash is how a Content-Security-Policy names the one text it allows.
func policyHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

func newCause(d view.Document, c findings.Cause, ids map[treeKey]string) pageCause {
	f := c.Findings[0]
	out := pageCause{
		Sentence: term.Printable(c.Sentence(func(s string) string { return s }), 0), Place: term.Printable(c.Site()+" "+c.Way(), 0),
		Worst: term.Printable(f.Subject()+": "+strings.Join(f.Costs(), ", "), 0), Remedy: c.Asks[0].Remedy(),
		Source: d.Link(c), ID: ids[treeKey{f.Scenario, f.Version, f.HeadOutcome}],
	}
	for _, f := range c.Findings {
		for _, scenario := range f.Scenarios() {
			out.Series = append(out.Series, term.Printable(f.Version+" "+scenario, 0))
		}
	}
	return out
}

func newRow(r view.Ranked, ids map[treeKey]string) pageRow {
	n := view.At(r.SeriesDiff)
	at := func(g report.GrowthDiff) pageChange {
		base, head, _ := view.Counts(g, n)
		c := pageChange{Text: term.Change(base, head), Now: head}
		switch {
		case r.Verdict == report.NotCompared:
		case head > base:
			c.Class = "worse"
		case head < base:
			c.Class = "better"
		default:
			c.Class = "same"
		}
		return c
	}
	row := pageRow{
		ID:      ids[treeKey{r.Scenario, r.Version, r.HeadOutcome}],
		Verdict: "same", Class: className(r.Verdict),
		Version: term.Printable(r.Version, 0), Scenario: term.Printable(r.Scenario, 0), N: r.AtN(),
		SQL: at(r.Metrics[tracer.SQL]), RBAC: at(r.Metrics[tracer.RBAC]), Avoidable: at(view.Avoidable(r.SeriesDiff)),
		SQLLaw: view.Law(r.Metrics[tracer.SQL]), RBACLaw: view.Law(r.Metrics[tracer.RBAC]),
	}
	row.Capacity = newCapacity(r, n)
	if r.Finding != nil {
		row.Verdict = findings.Mark(*r.Finding, term.Style{})
		row.Headline = term.Printable(r.Finding.Headline(), 0)
	}
	if r.Verdict == report.NotCompared {
		row.Remark = term.Printable(r.BaseOutcome+" → "+r.HeadOutcome, 2*term.NameWidth)
	}
	return row
}

// newCapacity is what there is room for in a second, before and now, where both are known.
func newCapacity(r view.Ranked, n int) pageChange {
	before, after := capacity.Default().RatesAt(r.Metrics, n)
	switch {
	case after == 0:
		return pageChange{}
	case before == 0 || before == after:
		return pageChange{Text: capacity.Rate(after), Now: int(after), Class: "same"}
	}
	c := pageChange{Text: capacity.Rate(before) + " → " + capacity.Rate(after), Now: int(after), Class: "better"}
	if after < before {
		c.Class = "worse"
	}
	return c
}

func className(v report.Verdict) string {
	switch v {
	case report.Worse, report.NotCompared:
		return "worse"
	case report.Better:
		return "better"
	case report.Added, report.Missing:
		return "outdated"
	default:
		return "same"
	}
}
