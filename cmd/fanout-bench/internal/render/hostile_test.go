package render_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/claims"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/ci"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/json"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/markdown"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/page"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/text"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/tree"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation"
	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/merge"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/internal/workload"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// hostileNames contains commands for logs, terminals and pages.
var hostileNames = []string{
	"::error::x", " \t::error::x", "a\n::error::x", "a\n \t::error file=x::x", "a\r::error::x", "a\r\n::stop-commands::x", "\v::error::x", "\f::error::x",
	"a\u0085::error::x", "a\u2028::error::x", "a\u2029::error::x", "\u00a0::error::x", "\u3000::error::x", "\ufeff::error::x", "\u200b::error::x", "\x00::error::x",
	"##[error]x", "a##[error]x", "###[error]x", "#\n#[error]x", "#\x00#[error]x", "#\u200b#[error]x", "##", "#", "##[", "[error]x", "#[x", "##\n[error]x",
	"##'[error]x", "'##[error]x", ":", "::", ":::", "%0A::error::x", "%0a", "%", "%25", "a,b=c:d", ",line=2::", "a::b", "\u202ex", "\u2066x", "\x1b[31mx", "\x1b]8;;http://x\a", "\u009b31m",
	"`", "```", "\n```\n", "````x", "~~~", "\n~~~\n", strings.Repeat("`", 50), "<!-- ", "</details>", "@all", "|", "\\",
	strings.Repeat("x", 10_000), strings.Repeat("表", 1000), strings.Repeat("\n::error::", 100), strings.Repeat("##[", 300), strings.Repeat("x", 59) + "##[", strings.Repeat("x", 31) + "::",
	"\xff\xfe", "a\xffb::", "\U000E0041", "é\u0301",
	strings.Repeat("x", 70) + "; ::error::x", "![x](http://x)", "[x](http://x)", "https://x.example", "<img src=x>", "\f+ 0", "- x", "12. x", "1) x", "---", "===", "]]>", "</script>", "a\" onload=\"x", "section_start:1:x\r\x1b[0K", "# EOF", "ns/op",
}

// FuzzHostileName uses any text for every name. No renderer may pass it on as a command.
func FuzzHostileName(f *testing.F) {
	for _, name := range hostileNames {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if strings.TrimSpace(name) != "" {
			checkHostile(t, name)
		}
	})
}

// FuzzReadClaims reads any text as a claims file. The output and the error must not contain commands.
func FuzzReadClaims(f *testing.F) {
	const table = "text\n\n| version | note | scenario | n | SQL | RBAC |\n|---|---|---|--:|--:|--:|\n| v1 | *new* | agents | 1 | 8 | 5 |\n"
	f.Add(table)
	for _, name := range hostileNames[:20] {
		f.Add(strings.ReplaceAll(table, "agents", name))
	}
	measured := reporttest.Rows(reporttest.Cell("v1", "agents", 1, "200", 8, 5))
	f.Fuzz(func(t *testing.T, file string) {
		list, err := claims.Read(strings.NewReader(file))
		if err != nil {
			checkLines(t, "the error", term.PrintableLines(err.Error())+"\n") // as commands print it
			return
		}
		b := text.Claims(list.Check(measured), term.Style{})
		checkLines(t, "claims", b)
	})
}

func checkHostile(t *testing.T, name string) {
	t.Helper()
	document := strangeDocument(name)
	document.Unmeasured = []findings.Unmeasured{{Version: name, Scenario: name, Reason: name}}
	document.ProofFailure = name
	j := document.Judgment
	var html, svg, object, junit bytes.Buffer
	a := merge.Accept(reporttest.Rows(reporttest.Cell(name, name, 1, name, 5, 1), reporttest.Cell("v1", name, 1, "200", 5, 1)),
		reporttest.Rows(reporttest.Cell(name, name, 1, name+"b", 5, 1), reporttest.Cell(name, name, 2, name, 5, 1), reporttest.Cell("v1", name, 1, "200", 6, 1)), nil, name)
	comment, bench, metrics := markdown.Comment(document), ci.Benchmarks(withUnmeasured(document.Measured, name)), ci.OpenMetrics(withUnmeasured(document.Measured, name))
	if err := errors.Join(json.Judgment(&object, j), ci.JUnit(&junit, j, view.Measured()), page.HTML(&html, document, nil), page.SVG(&svg, document)); err != nil {
		t.Fatal(err)
	}
	short := name[:min(len(name), 40)]
	lines := listings(document, name)
	lines["text"], lines["acceptance"] = findings.Text(j, view.Measured(), term.Style{}, true), text.Acceptance(a, term.Style{})
	lines["benchmarks"], lines["OpenMetrics"] = bench, metrics
	for what, out := range lines {
		checkLines(t, short+" in "+what, out)
	}
	annotated := slices.Collect(strings.Lines(ci.Annotations(j, view.Measured(), in(name))))
	for _, line := range annotated[:2] { // what could not be measured, and the proof
		checkAnnotation(t, short, line, "title")
	}
	for _, line := range annotated[2:] {
		checkAnnotation(t, short, line, "file line title")
	}
	if got := len(annotated); got != 2+len(j.Causes)+len(j.Unplaced()) {
		t.Errorf("%q: %d annotations, %d causes, %d findings", short, got, len(j.Causes), len(j.Findings))
	}
	// Without a verdict there are other parts.
	compared, _ := view.NewVersionsDocument(document.Measured, nil)
	shown := view.NewMeasuredDocument(document.Measured, nil)
	for _, d := range []view.Document{compared, shown} {
		var html bytes.Buffer
		if err := page.HTML(&html, d, nil); err != nil {
			t.Fatal(err)
		}
		checkMarkdown(t, short, markdown.Comment(d))
		checkPage(t, short, html.String())
	}
	checkMarkdown(t, short, comment)
	checkPage(t, short, html.String())
	checkPage(t, short, svg.String())
	checkBenchmarks(t, short, bench, len(document.Measured.Rows))
	checkOpenMetrics(t, short, metrics)
	checkJUnit(t, junit.Bytes())
	for _, out := range []string{object.String(), junit.String(), comment, html.String(), svg.String()} {
		for line := range strings.Lines(out) {
			if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") {
				t.Errorf("%q: a line that is a command: %.300q", short, line)
			}
		}
	}
}

// listings returns the other outputs of the command about these names, besides a judgment.
func listings(d view.Document, name string) map[string]string {
	base, head := calltree.New(strangeResult(name, 2, 5)), calltree.New(strangeResult(name, 2, 7))
	path := &scenarios.Path{
		Name: name, Versions: []scenarios.Version{{Name: name, Summary: name}},
		Scenarios: []scenarios.Scenario{{Name: name}, {Name: name, Unit: name, Counting: name, Sweep: []int{1}}},
	}
	run := put(name, 13, 60, offered)
	return map[string]string{
		"comparison of files":    text.Comparison(report.Compare(name, d.Baseline, name, d.Measured), term.Style{}),
		"comparison of versions": text.Comparison(report.CompareVersions(d.Measured, name, "v1"+name), term.Style{}),
		"overview":               text.Overview(d.Overview, term.Style{}),
		"claims":                 text.Claims(claims.List{{Version: name, Scenario: name, N: 1}, {Version: name, Scenario: name, N: 9}}.Check(d.Measured), term.Style{}),
		"tree":                   tree.Text(base, term.Style{}),
		"comparison of trees":    tree.DiffText(calltree.Compare(base, head), term.Style{}),
		"listing":                text.Listing(workload.Case{Path: path}, term.Style{}),
		"saturation":             text.Saturation(saturation.Results{Path: name, Workload: name, N: 1, Counting: name, Load: offered, Runs: []saturation.Run{run}}, term.Style{}),
		"service":                text.Endpoint(view.Endpoint{Path: name, Workload: name, Version: name, Method: name, URL: name, Body: name, Metrics: name}, term.Style{}),
	}
}

// checkLines requires that each line of out is one line without commands.
func checkLines(t *testing.T, what, out string) {
	t.Helper()
	for line := range strings.Lines(out) {
		if problem := commands(line); problem != "" && line != "\n" {
			t.Errorf("%q: it %s: %.300q", what, problem, line)
		}
	}
}

// commands returns what a terminal or a log could read as a command in line.
func commands(line string) string {
	line, ended := strings.CutSuffix(line, "\n")
	switch {
	case !ended:
		return "is not ended"
	case !utf8.ValidString(line):
		return "is no UTF-8"
	case strings.HasPrefix(strings.TrimFunc(line, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), "::"):
		return "begins with a command"
	case strings.Contains(line, "##["):
		return "holds a command"
	case strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }):
		return "holds what is not visible"
	}
	return ""
}

// checkAnnotation requires one command, parsed like GitHub's runner does.
func checkAnnotation(t *testing.T, name, line, want string) {
	t.Helper()
	rest, ok := strings.CutPrefix(line, "::error ")
	if !ok {
		t.Errorf("%q: not an annotation: %.300q", name, line)
		return
	}
	if problem := commands("| " + line); problem != "" {
		t.Errorf("%q: the annotation %s: %.300q", name, problem, line)
	}
	properties, message, ok := strings.Cut(rest, "::")
	keys := []string{}
	for property := range strings.SplitSeq(properties, ",") {
		key, _, _ := strings.Cut(property, "=")
		keys = append(keys, key)
	}
	if got := strings.Join(keys, " "); !ok || got != want || strings.Contains(properties, ":") {
		t.Errorf("%q: properties %q: %.300q", name, got, line)
	}
	if plain := strings.NewReplacer("%25", "", "%0A", "").Replace(message); strings.Contains(plain, "%") {
		t.Errorf("%q: a percent sign is not escaped: %.300q", name, line)
	}
	for part := range strings.SplitSeq(message, "%0A") {
		if strings.HasPrefix(strings.TrimSpace(part), "::") {
			t.Errorf("%q: a line of the message begins with a command: %.300q", name, part)
		}
	}
}
