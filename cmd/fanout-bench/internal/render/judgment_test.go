package render_test

import (
	"bytes"
	encoding "encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/claims"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/golden"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/ci"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/json"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/markdown"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// regression has one more statement and one more check for each agent, in two scenarios that share
// the code.
func regression() findings.Judgment {
	base := func(n int) []tracer.Event {
		return slices.Concat(reporttest.Each(tracer.KindQuery, "ListOrders", 1, reporttest.Serve, reporttest.List), reporttest.Each(tracer.KindQuery, "PriceOfOrder", n, reporttest.Serve, reporttest.List, reporttest.Price),
			reporttest.Each(tracer.KindCheck, "read order", 1, reporttest.Serve, reporttest.List), reporttest.Taken(1+n))
	}
	head := func(n int) []tracer.Event {
		return slices.Concat(base(n), reporttest.Again(tracer.KindQuery, "GetCustomer", n, reporttest.Serve, reporttest.List, reporttest.Price), reporttest.Each(tracer.KindQuery, "PriceOfOrder", n, reporttest.Serve, reporttest.List, reporttest.Audit),
			reporttest.Each(tracer.KindQuery, "PriceOfOrder", 1, reporttest.Serve), reporttest.Again(tracer.KindCheck, "read customer", n, reporttest.Serve, reporttest.List, reporttest.Price), reporttest.Taken(2*n+1))
	}
	return reporttest.Judge(slices.Concat(reporttest.Sweep("agents", base), reporttest.Sweep("unnamed", base)), slices.Concat(reporttest.Sweep("agents", head), reporttest.Sweep("unnamed", head)))
}

// strange is a judgment in which every name is name.
func strange(name string) findings.Judgment { return strangeDocument(name).Judgment }

func strangeDocument(name string) view.Document {
	work := func(count int) [][]tracer.Event { return strangeWork(name, count) }
	subject := report.Subject{Name: name, Reference: name, Versions: []string{name, "v1" + name}, Scenarios: []report.Scenario{{Name: name, Unit: name}, {Name: "a" + name}}, Whole: true}
	var base, head []scenarios.Result
	for n := 1; n <= 3; n++ {
		base = append(base, reporttest.Ran(name, name, n, name, work(5)...), reporttest.Ran("v1"+name, name, n, name, work(5)...))
		head = append(head, reporttest.Ran(name, name, n, name, work(5+n)...), reporttest.Ran("v1"+name, name, n, "b"+name, work(5)...))
	}
	baseline := report.NewFile(subject, append(base, reporttest.Ran(name, "gone "+name, 0, name, work(1)...), reporttest.Ran(name, "a"+name, 0, name, work(4)...)))
	for i := range baseline.Rows {
		baseline.Rows[i].Reason = name
	}
	zero := 0
	baseline.Budgets = []report.Budget{{Scenario: name, Metric: tracer.SQL, PerN: &zero, Reason: name}}
	head = append(head, reporttest.Ran(name, "new "+name, 0, name, work(1)...), reporttest.Ran(name, "a"+name, 0, name, work(5)...))
	measured := report.NewFile(subject, head)
	measured.Trees = calltree.Trees(head)
	measured.FirstRuns = []report.FirstRun{{Cell: scenarios.Cell{Scenario: name, N: 1, Version: name}, SQL: 99}}
	claims := claims.List{{Version: name, Scenario: name, N: 1, SQL: 5, RBAC: 1}}
	return view.NewDocument(view.Measured(), name, baseline, measured, claims, report.CostMetrics())
}

func strangeWork(name string, count int) [][]tracer.Event {
	stack := []tracer.Frame{{Function: name, File: name, Line: 1}, {Function: "a." + name, File: "a/" + name, Line: 2}}
	return [][]tracer.Event{reporttest.Each(tracer.KindQuery, name, count, stack...), reporttest.Again(tracer.KindCheck, name, count, stack...), reporttest.Each(tracer.KindQuery, "x "+name, 1, stack...)}
}

// strangeResult is one measurement of strange.
func strangeResult(name string, n, count int) scenarios.Result {
	return reporttest.Ran(name, name, n, name, strangeWork(name, count)...)
}

// in sets the baseline file of every finding.
func in(file string) func(findings.Finding) string {
	return func(findings.Finding) string { return file }
}

// without adds scenarios that could not be measured.
func without(j findings.Judgment, list ...findings.Unmeasured) findings.Judgment {
	j.Unmeasured = list
	return j
}

// blind adds a failed proof.
func blind(j findings.Judgment, why string) findings.Judgment {
	j.ProofFailure = term.Printable(why, 0)
	return j
}

// judgments are the inputs of each renderer.
func judgments() map[string]findings.Judgment {
	get := func(count int) []tracer.Event {
		return reporttest.Each(tracer.KindQuery, "GetOrder", count, reporttest.Serve, reporttest.List)
	}
	growing := func(sql func(n int) int) []scenarios.Result {
		return reporttest.Sweep("agents", func(n int) []tracer.Event { return get(sql(n)) })
	}
	constant := growing(func(int) int { return 20 })
	level := func(first, then int) func(n int) int {
		return func(n int) int {
			if n == 1 {
				return first
			}
			return then
		}
	}
	once := func(version, outcome string, work ...[]tracer.Event) scenarios.Result {
		return reporttest.Ran(version, "login", 0, outcome, work...)
	}
	return map[string]findings.Judgment{
		"regression": regression(),
		"law":        reporttest.Judge(growing(func(n int) int { return 9 + 3*n }), growing(func(n int) int { return 5 + 4*n })),
		"irregular":  reporttest.Judge(constant, growing(func(n int) int { return 10 + 1<<n })),
		"plateau":    reporttest.Judge(growing(level(20, 22)), growing(level(20, 24))),
		"from-level": reporttest.Judge(growing(level(20, 22)), growing(func(n int) int { return 19 + 2*n })),
		"level-late": reporttest.Judge(growing(level(20, 22)), growing(level(21, 22))),
		"two-points": reporttest.Judge(constant[:2], growing(func(n int) int { return 18 + 2*n })[:2]),
		"once":       reporttest.Judge([]scenarios.Result{once("v1", "200", get(4))}, []scenarios.Result{once("v1", "200", get(4), reporttest.Unknown(get(1)), reporttest.Writing(reporttest.Again(tracer.KindQuery, "SetCookie", 8)), get(2), reporttest.Locking(reporttest.Again(tracer.KindQuery, "LockCart", 2)))}),
		"outcome":    reporttest.Judge([]scenarios.Result{once("v1", "200", get(4))}, []scenarios.Result{once("v1", "409 conflict", get(1))}),
		"other-mix":  reporttest.Judge([]scenarios.Result{once("v1", "200", get(4))}, []scenarios.Result{once("v1", "200", get(3), reporttest.Each(tracer.KindQuery, "ListOrders", 1, reporttest.Serve))}),
		"allowed":    reporttest.Budgeted(24, 1),
		"budget":     reporttest.Budgeted(23, 0),
		"cells": reporttest.Judge([]scenarios.Result{once("v1", "200", get(4)), once("v2", "200", get(4)), constant[0], constant[1]},
			[]scenarios.Result{once("v1", "200", get(4)), once("v3", "200", get(7)), constant[0], constant[2], constant[3]}),
		"blind":    blind(reporttest.Judge(constant, constant), "this gate cannot see one more check in v1 "+reporttest.Hostile),
		"improved": reporttest.Judge(constant, growing(func(int) int { return 7 })),
		"same":     reporttest.Judge(constant, constant),
		"hostile":  strange(reporttest.Hostile),
		"not-judged": reporttest.Judge([]scenarios.Result{once("v1", "200", get(4))}, []scenarios.Result{once("v1", "200", get(4), reporttest.Each(tracer.KindCheck, "read order", 1, reporttest.Serve))},
			tracer.SQL, tracer.TxControl),
		"unmeasured": without(reporttest.Judge(constant, growing(func(int) int { return 21 })), findings.Unmeasured{Version: "v1", Scenario: "login", Reason: "at N=2: setup: disk full"}, findings.Unmeasured{Version: reporttest.Hostile, Scenario: "z", Reason: "\x1b[31mno\n::error::"}),
	}
}

// TestJudgments renders each judgment in all formats.
func TestJudgments(t *testing.T) {
	for name, j := range judgments() {
		t.Run(name, func(t *testing.T) {
			width := 100
			if name == "hostile" {
				width = 400
			}
			checkText(t, "judgment-"+name, width, func(style term.Style) string { return findings.Text(j, view.Measured(), style, false) })
			checkJSON(t, "judgment-"+name, plain(json.Judgment, j))

			var junit bytes.Buffer
			if err := ci.JUnit(&junit, j, view.Measured()); err != nil {
				t.Fatal(err)
			}
			golden.Check(t, "junit-"+name+".xml", junit.Bytes())
			checkJUnit(t, junit.Bytes())
			golden.Check(t, "annotations-"+name+".txt", []byte(ci.Annotations(j, view.Measured(), in("results/baseline.json"))))

			comment := markdown.Comment(view.Document{Judgment: j, Against: "results/baseline.json", Advice: view.Measured()})
			golden.Check(t, "markdown-"+name+".md", []byte(comment))
			checkMarkdown(t, name, comment)
		})
	}
}

// checkJSON requires harmless JSON that equals a golden file.
func checkJSON(t *testing.T, name string, render func(io.Writer) error) {
	t.Helper()
	golden.Check(t, name+".json", checkHarmless(t, render))
}

// checkHarmless requires JSON that is safe in a terminal, and returns it.
func checkHarmless(t *testing.T, render func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := render(&b); err != nil {
		t.Fatal(err)
	}
	if !encoding.Valid(b.Bytes()) {
		t.Errorf("no JSON: %s", &b)
	}
	if bytes.ContainsFunc(b.Bytes(), func(r rune) bool { return r < ' ' && r != '\n' || r == '\u202e' }) {
		t.Errorf("a control character: %q", b.String())
	}
	return b.Bytes()
}

// TestJUnitTellsVersionsApart has two versions that are worse in the same scenario.
func TestJUnitTellsVersionsApart(t *testing.T) {
	work := func(version string, count int) scenarios.Result {
		return reporttest.Ran(version, "login", 0, "200", reporttest.Each(tracer.KindQuery, "Get", count))
	}
	j := reporttest.Judge([]scenarios.Result{work("v1", 3), work("v2", 3)}, []scenarios.Result{work("v1", 4), work("v2", 6)})
	var b bytes.Buffer
	if err := ci.JUnit(&b, j, view.Measured()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"SQL rises by 1 (baseline 3)", "SQL rises by 3 (baseline 3)"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

// checkJUnit requires XML with correct totals.
func checkJUnit(t *testing.T, text []byte) {
	t.Helper()
	type problem struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	var suite struct {
		XMLName  xml.Name `xml:"testsuite"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Errors   int      `xml:"errors,attr"`
		Cases    []struct {
			Class   string   `xml:"classname,attr"`
			Name    string   `xml:"name,attr"`
			Failure *problem `xml:"failure"`
			Error   *problem `xml:"error"`
		} `xml:"testcase"`
	}
	if err := xml.Unmarshal(text, &suite); err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	failures, broken := 0, 0
	names := map[string]bool{}
	for _, c := range suite.Cases {
		if p := c.Failure; p != nil {
			failures++
			if p.Type == "" || p.Message == "" || strings.TrimSpace(p.Text) == "" {
				t.Errorf("%s %s says nothing: %+v", c.Class, c.Name, *p)
			}
		}
		if p := c.Error; p != nil {
			broken++
			if p.Type == "" || p.Message == "" {
				t.Errorf("%s %s says nothing: %+v", c.Class, c.Name, *p)
			}
		}
		names[c.Class+" "+c.Name] = true
	}
	if len(names) != len(suite.Cases) {
		t.Errorf("of %d test cases, %d have names of their own", len(suite.Cases), len(names))
	}
	if suite.Tests != len(suite.Cases) || suite.Failures != failures || suite.Errors != broken {
		t.Errorf("%d, %d, %d; counted %d, %d, %d", suite.Tests, suite.Failures, suite.Errors, len(suite.Cases), failures, broken)
	}
}

// TestJUnitSchema validates the golden files of TestJudgments.
func TestJUnitSchema(t *testing.T) {
	files, err := filepath.Glob("testdata/junit-*.xml")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files (%v)", len(files), err)
	}
	args := append([]string{"--noout", "--schema", "testdata/junit.xsd"}, files...)
	out, err := exec.CommandContext(t.Context(), tool(t, "xmllint"), args...).CombinedOutput()
	if err != nil {
		t.Errorf("xmllint: %v\n%s", err, out)
	}
}

// TestAnnotationsAreFew requires as many annotations as GitHub shows, and the number of the others.
func TestAnnotationsAreFew(t *testing.T) {
	for _, test := range []struct {
		findings, lines int
		last            string
	}{
		{0, 0, ""},
		{1, 1, "::error file=b.json,line=1,title=fanout-bench%3A v1 s00::"},
		{10, 10, "::error file=b.json,line=1,title=fanout-bench%3A v1 s09::"},
		{11, 10, "::error title=fanout-bench::and 2 more; see the log"},
		{40, 10, "::error title=fanout-bench::and 31 more; see the log"},
	} {
		var base, head []scenarios.Result
		for i := range test.findings {
			scenario := fmt.Sprintf("s%02d", i)
			base = append(base, reporttest.Ran("v1", scenario, 0, "200", reporttest.Each(tracer.KindQuery, "Get", i+1)))
			head = append(head, reporttest.Ran("v1", scenario, 0, "200", reporttest.Each(tracer.KindQuery, "Get", i+2)))
		}
		base = append(base, reporttest.Ran("v1", "z", 0, "200", reporttest.Each(tracer.KindQuery, "Get", 2)))
		head = append(head, reporttest.Ran("v1", "z", 0, "200", reporttest.Each(tracer.KindQuery, "Get", 1)))
		b := ci.Annotations(reporttest.Judge(base, head), view.Measured(), in("b.json"))
		lines := slices.Collect(strings.Lines(b))
		if len(lines) != test.lines || test.lines > 0 && !strings.HasPrefix(lines[len(lines)-1], test.last) {
			t.Errorf("%d findings: %d lines, want %d, the last %s:\n%s", test.findings, len(lines), test.lines, test.last, b)
		}
		failed := without(reporttest.Judge(base, head), findings.Unmeasured{Version: "v1", Scenario: "z", Reason: "disk full"}, findings.Unmeasured{Version: "v2", Scenario: "z"})
		b = ci.Annotations(failed, view.Measured(), in("b.json"))
		const unmeasured = "::error title=fanout-bench::not measured: v1 z: disk full; and 1 more, see the log\n"
		if got := strings.Count(b, "\n"); got != min(test.findings+1, 10) || !strings.HasPrefix(b, unmeasured) {
			t.Errorf("%d findings and what was not measured: %d lines:\n%s", test.findings, got, b)
		}
	}
}
