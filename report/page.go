package report

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

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
}).ParseFS(templates, "*.tmpl"))

// A page is a Document as the template lays it out. Its texts are printable, and
// escaped by the template.
type page struct {
	Title, Sentence string
	Verdict         string
	Against         string
	Path            string
	Unmeasured      []string
	Rows            []pageRow
	Lead            []chart // of the first scenario that grows
	Scenarios       []pageScenario
	Claims          []pageClaim
	Saturation      *pageSaturation

	Style             template.CSS
	Script            template.JS
	StyleID, RunnerID string // as the policy of the page names them
}

type pageRow struct {
	ID                string // of its call tree; empty if there is none
	Verdict, Class    string
	Remark            string
	Version, Scenario string
	N                 string
	SQL, RBAC         pageChange
	Avoidable         pageChange
	SQLLaw, RBACLaw   string
	Headline          string
}

// A pageChange is a count before and now.
type pageChange struct {
	Text  string
	Now   int
	Class string
}

type pageScenario struct {
	Name, Means string
	Versions    []string
	Statements  []pageStatement
	Charts      []chart
	Trees       []pageTree
}

type pageStatement struct {
	Kind, Name string
	Laws       []string // of each version
}

type pageTree struct {
	ID, Base, Head string // Base: what it is set against, if anything
	Outcome        string // with that of Base, if it is another
	Scenario       string
	Same           *pageTree // an earlier tree that shows the same
	Roots          []pageNode
}

type pageNode struct {
	Class, Sign, Label, Mark string
	BaseSQL, SQL             string
	BaseRBAC, RBAC           string
	Avoidable, Site          string
	Hint                     string // the counts at each N
	Open                     bool
	Children                 []pageNode
}

type pageClaim struct {
	Version, Cell              string
	Claimed, Measured, Outcome string
	Class                      string
}

type pageSaturation struct {
	Load string
	Runs []pageRun
}

type pageRun struct {
	Version                                 string
	Sent, OK, Failed                        int
	P50, P99, Predicted, Measured, Victim99 string
	SQL                                     int
	Verdict, Class                          string
	Chart                                   chart
}

// HTML writes the document as one page that needs nothing else: no network, no
// script but for comfort.
func (d Document) HTML(w io.Writer) error {
	p := page{
		Title: "fanout-bench: " + Printable(d.Path, nameWidth), Sentence: Printable(d.Sentence(), 0),
		Verdict: d.Verdict(), Against: Printable(d.Against, 0), Path: Printable(d.Path, 0),
		Style: template.CSS(chartStyle + pageStyle), Script: template.JS(pageScript), // #nosec G203 -- files of this package
		StyleID: policyHash(chartStyle + pageStyle), RunnerID: policyHash(pageScript),
	}
	for _, cell := range d.Unmeasured {
		p.Unmeasured = append(p.Unmeasured, Printable(cell.String(), 0))
	}
	trees := pageTrees{ids: map[treeKey]string{}, seen: map[string]pageTree{}}
	for _, growth := range d.Overview.Growth {
		s := d.pageScenario(growth, trees)
		if len(p.Lead) == 0 {
			p.Lead, s.Charts = s.Charts, nil
		}
		p.Scenarios = append(p.Scenarios, s)
	}
	changed, unchanged := d.ranked()
	for _, r := range slices.Concat(changed, unchanged) {
		p.Rows = append(p.Rows, r.page(trees.ids))
	}
	for _, check := range d.Overview.Claims {
		p.Claims = append(p.Claims, check.page())
	}
	if d.Saturation != nil {
		p.Saturation = d.Saturation.page()
	}
	return pages.ExecuteTemplate(w, "page.html.tmpl", p)
}

// SVG writes how SQL grows with N in the first scenario that has an N, as a drawing.
func (d Document) SVG(w io.Writer) error {
	for _, growth := range d.Overview.Growth {
		if charts := d.growthCharts(growth); len(charts) > 0 {
			return pages.ExecuteTemplate(w, "drawing", struct {
				Style template.CSS
				Chart chart
			}{template.CSS(chartStyle), charts[0]}) // #nosec G203 -- a file of this package
		}
	}
	return fmt.Errorf("there is no scenario with more than one N to draw")
}

// policyHash is how a Content-Security-Policy names the one text it allows.
func policyHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// pageTrees is what is known of the trees that the page has so far.
type pageTrees struct {
	ids  map[treeKey]string
	seen map[string]pageTree // by what they show
}

type treeKey struct{ scenario, version, outcome string }

func (r ranked) page(ids map[treeKey]string) pageRow {
	n := r.at()
	at := func(g GrowthDiff) pageChange {
		base, head, _ := g.counts(n)
		c := pageChange{Text: change(base, head), Now: head}
		if r.Verdict != NotCompared {
			c.Class = className(judge(head - base))
		}
		return c
	}
	row := pageRow{
		ID:      ids[treeKey{r.Scenario, r.Version, r.HeadOutcome}],
		Verdict: "same", Class: className(r.Verdict),
		Version: Printable(r.Version, 0), Scenario: Printable(r.Scenario, 0), N: r.n(),
		SQL: at(r.Metrics[tracer.SQL]), RBAC: at(r.Metrics[tracer.RBAC]), Avoidable: at(r.avoidable()),
		SQLLaw: law(r.Metrics[tracer.SQL]), RBACLaw: law(r.Metrics[tracer.RBAC]),
	}
	if r.finding != nil {
		row.Verdict = r.finding.mark(Style{})
		row.Headline = Printable(r.finding.Headline(), 0)
	}
	if r.Verdict == NotCompared {
		row.Remark = Printable(r.BaseOutcome+" → "+r.HeadOutcome, 2*nameWidth)
	}
	return row
}

func className(v Verdict) string {
	switch v {
	case Worse, NotCompared:
		return "worse"
	case Better:
		return "better"
	case New, Missing:
		return "outdated"
	default:
		return "same"
	}
}

func (d Document) pageScenario(growth ScenarioGrowth, trees pageTrees) pageScenario {
	s := pageScenario{Name: Printable(growth.Scenario, 0), Means: Printable(growth.Means, 0), Charts: d.growthCharts(growth)}
	var list []Series
	for _, series := range Summarize(d.Measured) {
		if series.Scenario == growth.Scenario {
			list = append(list, series)
		}
	}
	slices.SortStableFunc(list, func(a, b Series) int {
		return slices.Index(d.Overview.Versions, a.Version) - slices.Index(d.Overview.Versions, b.Version)
	})
	for _, series := range list {
		s.Versions = append(s.Versions, d.nameOf(series))
	}
	s.Statements = pageStatements(list)
	for _, series := range list {
		tree, ok := d.pageTree(series)
		if !ok {
			continue
		}
		tree.ID = fmt.Sprintf("tree-%d", len(trees.ids)+1)
		trees.ids[treeKey{series.Scenario, series.Version, series.Outcome}] = tree.ID
		// Scenarios that differ in their data only have the same trees.
		shows := fmt.Sprint(tree.Base != "", tree.Roots)
		if same, known := trees.seen[shows]; known {
			tree.Same, tree.Roots = &same, nil
		} else {
			trees.seen[shows] = tree
		}
		s.Trees = append(s.Trees, tree)
	}
	return s
}

// nameOf is the version, with how its requests end if that is not the usual.
func (d Document) nameOf(s Series) string {
	name := Printable(s.Version, nameWidth)
	if d.Overview.Usual != "" && firstWord(s.Outcome) != firstWord(d.Overview.Usual) {
		name += " (" + Printable(firstWord(s.Outcome), outcomeWidth) + ")"
	}
	return name
}

func pageStatements(list []Series) []pageStatement {
	var statements []pageStatement
	for _, kind := range []struct {
		name string
		of   func(Series) map[string]Growth
	}{
		{"statement", func(s Series) map[string]Growth { return s.Statements }},
		{"check", func(s Series) map[string]Growth { return s.Checks }},
	} {
		names := map[string]bool{}
		for _, series := range list {
			for name := range kind.of(series) {
				names[name] = true
			}
		}
		for _, name := range slices.Sorted(maps.Keys(names)) {
			row := pageStatement{Kind: kind.name, Name: Printable(name, codeWidth)}
			for _, series := range list {
				text := ""
				if g := kind.of(series)[name]; g.happens() {
					text = g.exact()
				}
				row.Laws = append(row.Laws, text)
			}
			statements = append(statements, row)
		}
	}
	return statements
}

// exact is the law, or where there is none the counts at each N.
func (g Growth) exact() string {
	if g.Law.Shape != Irregular {
		return g.String()
	}
	var counts []string
	for _, p := range g.Points {
		counts = append(counts, fmt.Sprint(p.Count))
	}
	return strings.Join(counts, ", ")
}

// exact is how the count grows, before and now, and nothing where it never happens.
func (g GrowthDiff) exact() string {
	base, head := g.Base.exact(), g.Head.exact()
	switch {
	case base == head || !g.Base.happens():
		return head
	case !g.Head.happens():
		return base
	default:
		return base + " → " + head
	}
}

// happens reports whether the count is ever more than zero.
func (g Growth) happens() bool {
	return slices.ContainsFunc(g.Points, func(p Point) bool { return p.Count > 0 })
}

// pageTree returns the call tree of a series: beside that of what it is set against,
// if there is such a tree at the same N.
func (d Document) pageTree(s Series) (pageTree, bool) {
	var ns []int
	for _, p := range s.Avoidable.Points {
		ns = append(ns, p.N)
	}
	head, ok := d.Measured.growTree(s.Scenario, s.Version, ns)
	if !ok || len(head.Roots) == 0 {
		return pageTree{}, false
	}
	tree := pageTree{Scenario: Printable(s.Scenario, 0), Head: d.nameOf(s), Outcome: Printable(s.Outcome, 2*nameWidth)}
	base, ok := d.Baseline.growTree(s.Scenario, s.Version, ns)
	if ok {
		tree.Base = "baseline"
		if !d.Accepted {
			tree.Base = Printable(d.Against, nameWidth)
		}
		if base.Outcome != head.Outcome {
			tree.Outcome = Printable(base.Outcome+" → "+head.Outcome, 2*nameWidth)
		}
	} else {
		base = head
	}
	for _, root := range diffGrown(base, head) {
		tree.Roots = append(tree.Roots, root.page(ok, ok && !d.Accepted))
	}
	return tree, true
}

// page is the node for the page. beside says whether it is set against another, and
// brief whether what is the same in that may be left out: the page has it already.
func (g grownDiff) page(beside, brief bool) pageNode {
	n := pageNode{Label: g.label(), Site: shortSite(g.node().Site), Sign: " ", Class: "same", Open: !beside || !g.same()}
	if g.node().Kind != Call {
		n.Label = g.node().title()
		if count := g.count.exact(); count != "1" {
			n.Mark = "× " + count
		}
	}
	switch {
	case g.New():
		n.Sign, n.Class = "+", "new"
	case g.Gone():
		n.Sign, n.Class = "−", "gone"
	case !g.same():
		n.Class = "changed"
	}
	text := func(g Growth) string {
		if !g.happens() {
			return ""
		}
		return g.exact()
	}
	if !g.Gone() {
		n.SQL, n.RBAC, n.Avoidable = text(g.sql.Head), text(g.rbac.Head), text(g.avoidable.Head)
		if g.New() || !g.same() {
			n.Hint = hint(g.sql.Head, g.rbac.Head)
		}
	}
	if beside {
		n.BaseSQL, n.BaseRBAC = text(g.sql.Base), text(g.rbac.Base)
	}
	if brief && len(g.children) > 0 && g.same() {
		n.Mark = "(same)"
		return n
	}
	for _, child := range g.children {
		n.Children = append(n.Children, child.page(beside, brief))
	}
	return n
}

// hint tells the counts at each N, for who points at a law.
func hint(sql, rbac Growth) string {
	if sql.Law.Shape == Constant && rbac.Law.Shape == Constant || len(sql.Points) < 2 {
		return ""
	}
	var parts []string
	for i, p := range sql.Points {
		parts = append(parts, fmt.Sprintf("N=%d: %d+%d", p.N, p.Count, rbac.Points[i].Count))
	}
	return strings.Join(parts, ", ") + " (SQL+RBAC)"
}

func (c ClaimCheck) page() pageClaim {
	claim := pageClaim{
		Version: Printable(c.Version, nameWidth), Cell: Printable(fmt.Sprintf("%s/%d", c.Scenario, c.N), 2*nameWidth),
		Claimed:  fmt.Sprintf("%d SQL, %d RBAC", c.SQL, c.RBAC),
		Measured: fmt.Sprintf("%d SQL, %d RBAC", c.Measured.SQL, c.Measured.RBAC),
		Outcome:  "reproduced", Class: "better",
	}
	if !c.Reproduced {
		claim.Outcome, claim.Class = "NOT REPRODUCED", "worse"
		if c.Explanation != "" {
			claim.Outcome += ": " + Printable(c.Explanation, 0)
		}
	}
	return claim
}

func (s SavedSaturation) page() *pageSaturation {
	load := s.file.Load
	p := &pageSaturation{Load: fmt.Sprintf("%d requests/s for %.0f s, workload %s, N=%d; %d connections, %.0f ms for a round trip, deadline %.0f ms.",
		load.Rate, load.Duration/1000, Printable(s.file.Workload, nameWidth), s.file.N, load.Pool, load.Latency, load.Deadline)}
	for _, row := range s.file.Rows {
		run := pageRun{
			Version: Printable(row.Version, nameWidth), Sent: row.Sent, OK: row.OK, Failed: row.Failed, SQL: row.SQL,
			P50: fmt.Sprintf("%.1f", row.Latency.P50), P99: fmt.Sprintf("%.1f", row.Latency.P99), Victim99: fmt.Sprintf("%.1f", row.Victim.Latency.P99),
			Predicted: fmt.Sprintf("%.0f", row.Predicted), Measured: fmt.Sprintf("%.0f", row.Measured),
			Verdict: Printable(string(row.Verdict), nameWidth), Class: "same",
		}
		if row.Failed > 0 {
			run.Class = "worse"
		}
		answered := chartLine{Name: "answered", Color: 3}
		failed := chartLine{Name: "failed", Color: 1}
		// The last slice is what came after the load, which took another time.
		for i, slice := range row.Timeline[:max(len(row.Timeline)-1, 0)] {
			answered.Values = append(answered.Values, Point{i, slice.OK})
			failed.Values = append(failed.Values, Point{i, slice.Failed})
		}
		if len(answered.Values) > 0 {
			step := time.Duration(load.Duration * float64(time.Millisecond) / float64(len(answered.Values)))
			run.Chart = chart{Title: run.Version + ": requests answered and failed over time", X: "time", Lines: []chartLine{answered, failed}}
			run.Chart.layOut(func(i int) string { return (time.Duration(i) * step).Round(10 * time.Millisecond).String() })
		}
		p.Runs = append(p.Runs, run)
	}
	return p
}
