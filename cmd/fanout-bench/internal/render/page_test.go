package render_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/perf/benchfmt"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/golden"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/ci"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/json"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/markdown"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/page"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// ownCode is what a page has of style, script and their hashes.
var ownCode = regexp.MustCompile(`(?s)<(style|script)>.*?</(style|script)>|sha256-[A-Za-z0-9+/=]+|sha256-[^'"]+`)

// asHTML is the page about d, which links nowhere and has no meaning but ours.
func asHTML(t *testing.T, name string, d view.Document) string {
	t.Helper()
	var b strings.Builder
	if err := page.HTML(&b, d, nil); err != nil {
		t.Fatal(err)
	}
	checkPage(t, name, b.String())
	return b.String()
}

// htmlOf is the page about v2 beside v1.
func htmlOf(t *testing.T, results ...scenarios.Result) string {
	t.Helper()
	list := report.NewFile(reporttest.IncidentSubject, results)
	list.Trees = calltree.Trees(results)
	d, _ := view.NewVersionsDocument(list, nil)
	return asHTML(t, t.Name(), d)
}

func TestHTML(t *testing.T) {
	for name, d := range map[string]view.Document{"versions": versions(t), "baseline": documented(), "first-runs": cached()} {
		t.Run(name, func(t *testing.T) {
			golden.Check(t, "page-"+name+".html", ownCode.ReplaceAll([]byte(asHTML(t, name, d)), nil))
		})
	}
	d := documented()
	d.Judgment = findings.Judge(d.Measured, d.Measured, report.CostMetrics())
	d.Unmeasured = []findings.Unmeasured{{Version: "v3", Scenario: "agents", Reason: "at N=2: disk full"}}
	got := asHTML(t, "unmeasured", d)
	for _, want := range []string{
		`<h1 class="unmeasured"><span>unmeasured</span> 1 scenario could not be measured.</h1>`,
		"nothing is known of:</p>\n<ul><li><code>v3 agents</code>: at N=2: disk full</li></ul>",
		`<details><summary>2 series as in results/baseline.json</summary>`,
		`<tr class="same"><td data-title="verdict"><span class="same">same</span></td><td data-title="scenario"><a href="#tree-1">agents</a></td>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
}

func TestHTMLWithoutTrees(t *testing.T) {
	rows := reporttest.Saved()
	rows.Trees = nil
	d, _ := view.NewVersionsDocument(rows, nil)
	if got := asHTML(t, "without trees", d); strings.Contains(got, "Call tree of") || !strings.Contains(got, "<svg") {
		t.Errorf("a tree, or no chart:\n%s", got)
	}
}

// TestHTMLPairsTheLikeliest has two statements of one name of which one is gone, and the
// other is on another line now: the one that is executed as often, or repeats as much.
// What else is on a line stays apart.
func TestHTMLPairsTheLikeliest(t *testing.T) {
	run := func(version string, n int, body func(o *reporttest.Operation)) scenarios.Result {
		return reporttest.Result(version, n, reporttest.Operate(func(o *reporttest.Operation) {
			o.Call(0, "users.List", "users/list.go", func() {
				body(o)
				o.Query(50, "Count", "")
				o.Query(50, "Total", "")
				o.Check(50, "Total", "1")
			})
		}))
	}
	get := func(o *reporttest.Operation, line, count, distinct int) { // with arguments of its own
		for i := range count {
			o.Query(line, "Get", fmt.Sprint(line, i%distinct))
		}
	}
	for _, test := range []struct {
		name       string
		base, head func(o *reporttest.Operation, n int)
		gone       string
	}{
		{"as often",
			func(o *reporttest.Operation, n int) { get(o, 10, n, 9); get(o, 20, 3*n, 9) },
			func(o *reporttest.Operation, n int) { get(o, 30, 3*n, 9) }, "users/list.go:10"},
		{"as often, the other way round",
			func(o *reporttest.Operation, n int) { get(o, 10, 3*n, 9); get(o, 20, n, 9) },
			func(o *reporttest.Operation, n int) { get(o, 30, 3*n, 9) }, "users/list.go:20"},
		{"repeating as much",
			func(o *reporttest.Operation, _ int) { get(o, 10, 4, 4); get(o, 20, 4, 2) },
			func(o *reporttest.Operation, _ int) { get(o, 30, 4, 2) }, "users/list.go:10"},
		{"repeating as much, the other way round",
			func(o *reporttest.Operation, _ int) { get(o, 10, 4, 2); get(o, 20, 4, 4) },
			func(o *reporttest.Operation, _ int) { get(o, 30, 4, 2) }, "users/list.go:20"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var results []scenarios.Result
			for n := 1; n <= 3; n++ {
				results = append(results, run("v1", n, func(o *reporttest.Operation) { test.base(o, n) }), run("v2", n, func(o *reporttest.Operation) { test.head(o, n) }))
			}
			var got []string
			for _, match := range regexp.MustCompile(`<li class="(\w+)">.*</b> (\w+ \w+) .*<span class="site">(.*)</span>`).FindAllStringSubmatch(htmlOf(t, results...), -1) {
				if match[1] != "changed" {
					got = append(got, strings.Join(match[1:], " "))
				}
			}
			slices.Sort(got)
			want := []string{"gone query Get " + test.gone, "same check Total users/list.go:50",
				"same query Count users/list.go:50", "same query Get users/list.go:30", "same query Total users/list.go:50"}
			if !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

// TestHTMLShowsCallsThatChange requires that a function is not called the same if only
// a call below it is new, gone or another.
func TestHTMLShowsCallsThatChange(t *testing.T) {
	events := func(o *reporttest.Operation) {
		o.Query(10, "Get", "1")
		o.Query(11, "List", "1")
	}
	in := func(function string) func(o *reporttest.Operation) {
		return func(o *reporttest.Operation) { o.Call(10, function, "users/expand.go", func() { events(o) }) }
	}
	for _, test := range []struct {
		name       string
		base, head func(o *reporttest.Operation)
		class      string
	}{
		{"same", in("users.expand"), in("users.expand"), "same"},
		{"new", events, in("users.expand"), "changed"},
		{"gone", in("users.expand"), events, "changed"},
		{"renamed", in("users.expand"), in("users.Expand"), "changed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			run := func(version string, body func(o *reporttest.Operation)) scenarios.Result {
				return reporttest.Result(version, 1, reporttest.Operate(func(o *reporttest.Operation) {
					o.Call(0, "users.List", "users/list.go", func() { body(o) })
				}))
			}
			got := htmlOf(t, run("v1", test.base), run("v2", test.head))
			match := regexp.MustCompile(`<li class="(\w+)">.*</b> List `).FindStringSubmatch(got)
			if match == nil || match[1] != test.class {
				t.Errorf("users.List is %q, want %s, in\n%s", match, test.class, ownCode.ReplaceAllString(got, ""))
			}
		})
	}
}

// TestHTMLWithoutALaw requires the counts themselves where no law tells them, which "is
// irregular" would say little of.
func TestHTMLWithoutALaw(t *testing.T) {
	list := report.File{Subject: reporttest.IncidentSubject}
	for n := 1; n <= 4; n++ {
		list.Rows = append(list.Rows, reporttest.Cell("v1", "agents", n, "200", 3+min(n, 2), 1), reporttest.Cell("v2", "agents", n, "200", 1<<n, 1))
	}
	d, _ := view.NewVersionsDocument(list, nil)
	got := asHTML(t, "without a law", d)
	if want := `<a href="#scenario-1">agents</a></td><td data-title="v1"><span>4, then 5 from N=2 on <small>RBAC 1</small></span></td><td data-title="v2"><span class="worse" title="SQL no longer fits a constant, linear or quadratic curve (baseline 5 from N=2 on)">2, 4, 8, 16 <small>RBAC 1</small> <b>WORSE</b></span></td>`; !strings.Contains(strings.Join(strings.Fields(got), " "), want) {
		t.Errorf("no %s in\n%s", want, got)
	}
}

func TestSVG(t *testing.T) {
	var b bytes.Buffer
	if err := page.SVG(&b, versions(t)); err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "chart.svg", b.Bytes())
	d, _ := view.NewVersionsDocument(report.File{Subject: reporttest.IncidentSubject, Rows: []report.Row{
		reporttest.Cell("v1", "unknown", 0, "404", 1, 0), reporttest.Cell("v2", "unknown", 0, "404", 1, 0),
	}}, nil)
	if err := page.SVG(io.Discard, d); err == nil || !strings.Contains(err.Error(), "no scenario with more than one N") {
		t.Errorf("without an N: %v", err)
	}
}

// TestChartLabels requires that no name is over another or outside of the drawing.
func TestChartLabels(t *testing.T) {
	subject := report.Subject{Name: "test", Reference: "v00", Scenarios: []report.Scenario{{Name: "agents", Unit: "agent"}}}
	var list []report.Row
	for i := range 40 { // of which two run alike
		version := fmt.Sprintf("v%02d", i)
		subject.Versions = append(subject.Versions, version)
		list = append(list, reporttest.Cell(version, "agents", 1, "200", 5, 1), reporttest.Cell(version, "agents", 1000, "200", 6+i/2, 1))
	}
	d, _ := view.NewVersionsDocument(report.File{Subject: subject, Rows: list}, nil)
	var b strings.Builder
	if err := page.SVG(&b, d); err != nil {
		t.Fatal(err)
	}
	var at []int
	for _, match := range regexp.MustCompile(`<text x="410" y="(-?[0-9]+)" dx="8" dy="4">v[0-9]{2}`).FindAllStringSubmatch(b.String(), -1) {
		y, err := strconv.Atoi(match[1])
		if err != nil {
			t.Fatal(err)
		}
		at = append(at, y)
	}
	slices.Sort(at)
	if len(at) != 16 || at[0] < 7 || at[len(at)-1] > 252 {
		t.Errorf("%d labels at %v", len(at), at)
	}
	for i := range at[1:] {
		if at[i+1]-at[i] < 15 {
			t.Errorf("labels at %v", at)
		}
	}
}

// TestSavedTrees requires that a report of saved results is the one that was measured.
func TestSavedTrees(t *testing.T) {
	render := func(rows report.File) string {
		d, ok := view.NewVersionsDocument(rows, nil)
		if !ok {
			t.Fatal("there is nothing to compare")
		}
		return asHTML(t, "saved", d) + markdown.Comment(d) + string(checkHarmless(t, plain(json.Judgment, d.Judgment)))
	}
	var file bytes.Buffer
	if err := reporttest.Saved().Write(&file); err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "saved.json", file.Bytes())
	read, err := report.Read(&file)
	if err != nil {
		t.Fatal(err)
	}
	if render(read) != render(reporttest.Saved()) {
		t.Error("what is read from the file is rendered in another way")
	}
}

// pageElements are all that a page is made of.
var pageElements = strings.Fields(`html head meta title style script body header main footer nav section article h1 h2 h3 p span b a ul li code small br
	div table thead tbody tr th td details summary figure figcaption svg line text polyline circle g`)

// checkPage requires that nothing in a page but what is ours has any meaning, and that
// it links nowhere.
func checkPage(t *testing.T, name, page string) {
	t.Helper()
	scripts := 0
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		kind := z.Next()
		token := z.Token()
		switch kind {
		case html.ErrorToken:
			if !errors.Is(z.Err(), io.EOF) || scripts > 1 {
				t.Errorf("%.40q: %d scripts: %v", name, scripts, z.Err())
			}
			return
		case html.CommentToken:
			t.Errorf("%.40q: a comment", name)
		case html.TextToken:
			if i := strings.IndexFunc(token.Data, func(r rune) bool { return r < ' ' && r != '\n' || r == '\u202e' }); i >= 0 {
				t.Errorf("%.40q: a control character: %.100q", name, token.Data[i:])
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			if !slices.Contains(pageElements, token.Data) {
				t.Errorf("%.40q: an element %q", name, token.Data)
			}
			if token.Data == "script" {
				scripts++
			}
			for _, a := range token.Attr {
				link := slices.Contains([]string{"href", "src", "action", "xlink:href", "data", "srcset"}, a.Key)
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" || link && !strings.HasPrefix(a.Val, "#") {
					t.Errorf("%.40q: %s has %s=%.100q", name, token.Data, a.Key, a.Val)
				}
			}
		}
	}
}

func withUnmeasured(f report.File, name string) report.File {
	f.Scenarios = append(slices.Clone(f.Scenarios), report.Scenario{Name: name, Version: name, Unmeasured: name})
	return f
}

func TestBenchmarks(t *testing.T) {
	b := ci.Benchmarks(withUnmeasured(reporttest.Saved(), "later"))
	golden.Check(t, "saved.bench.txt", []byte(b))
	checkBenchmarks(t, "saved", b, len(reporttest.Saved().Rows))
}

// checkBenchmarks parses text as benchstat does, and requires a result for each row.
func checkBenchmarks(t *testing.T, name, text string, rows int) {
	t.Helper()
	reader := benchfmt.NewReader(strings.NewReader(text), "test")
	results := 0
	for reader.Scan() {
		switch record := reader.Result().(type) {
		case *benchfmt.Result:
			results++
			if base, parts := record.Name.Parts(); string(base) != "Fanout" || len(parts) != 3 || len(record.Values) != 6 {
				t.Errorf("%.40q: a result named %q with %d values", name, record.Name, len(record.Values))
			}
		case *benchfmt.SyntaxError:
			t.Errorf("%.40q: %v", name, record)
		}
	}
	if err := reader.Err(); err != nil || results != rows {
		t.Errorf("%.40q: %d results of %d rows: %v", name, results, rows, err)
	}
	for key, unit := range reader.Units() {
		if key.Key == "assume" && unit.Value != "exact" || key.Key == "better" && unit.Value != "lower" {
			t.Errorf("%.40q: %v is %s", name, key, unit.Value)
		}
	}
	if got := len(reader.Units()); got != 12 {
		t.Errorf("%.40q: %d facts about units", name, got)
	}
}

func TestOpenMetrics(t *testing.T) {
	b := ci.OpenMetrics(withUnmeasured(reporttest.Saved(), "later"))
	golden.Check(t, "saved.metrics.txt", []byte(b))
	if got, want := checkOpenMetrics(t, "saved", b), 10*len(reporttest.Saved().Rows)+1; got != want {
		t.Errorf("%d values, want %d", got, want)
	}
}

// metric is a line of OpenMetrics: a gauge with its labels, in which quotes, backslashes
// and line ends are escaped, and a count.
var metric = regexp.MustCompile(`^(fanout_[a-z_]+\{([a-z]+="([^"\\\n]|\\["\\n])*",?)+\}) [0-9]+$`)

// checkOpenMetrics requires that each line is one of the format, with labels that differ,
// and returns how many values there are.
func checkOpenMetrics(t *testing.T, name, text string) int {
	t.Helper()
	text, whole := strings.CutSuffix(text, "# EOF\n")
	seen := map[string]bool{}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "# TYPE fanout_") || strings.HasPrefix(line, "# HELP fanout_") {
			continue
		}
		series := metric.FindStringSubmatch(line)
		if series == nil || seen[series[1]] {
			t.Errorf("%.40q: not a metric, or twice: %.300q", name, line)
			continue
		}
		seen[series[1]] = true
	}
	if !whole {
		t.Errorf("%.40q: it ends without a mark", name)
	}
	return len(seen)
}
