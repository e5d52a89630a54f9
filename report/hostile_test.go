package report_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// hostileNames are in every way that might command a log, a terminal or a page.
var hostileNames = []string{
	"::error::x", " \t::error::x", "a\n::error::x", "a\n \t::error file=x::x", "a\r::error::x", "a\r\n::stop-commands::x", "\v::error::x", "\f::error::x",
	"a\u0085::error::x", "a\u2028::error::x", "a\u2029::error::x", "\u00a0::error::x", "\u3000::error::x", "\ufeff::error::x", "\u200b::error::x", "\x00::error::x",
	"##[error]x", "a##[error]x", "###[error]x", "#\n#[error]x", "#\x00#[error]x", "#\u200b#[error]x", "##", "#", "##[", "[error]x", "#[x", "##\n[error]x",
	"##'[error]x", "'##[error]x", ":", "::", ":::", "%0A::error::x", "%0a", "%", "%25", "a,b=c:d", ",line=2::", "a::b", "\u202ex", "\u2066x", "\x1b[31mx", "\x1b]8;;http://x\a", "\u009b31m",
	"`", "```", "\n```\n", "````x", "~~~", "\n~~~\n", strings.Repeat("`", 50), "<!-- ", "</details>", "@all", "|", "\\",
	strings.Repeat("x", 10_000), strings.Repeat("表", 1000), strings.Repeat("\n::error::", 100), strings.Repeat("##[", 300), strings.Repeat("x", 59) + "##[", strings.Repeat("x", 31) + "::",
	"\xff\xfe", "a\xffb::", "\U000E0041", "é\u0301",
}

// TestHostileNames names all there is to name by each of them, and requires that none
// of the renderers lets it.
func TestHostileNames(t *testing.T) {
	for _, name := range hostileNames {
		checkHostile(t, name)
	}
}

// FuzzHostileName takes any text for a name.
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

func checkHostile(t *testing.T, name string) {
	t.Helper()
	document := strangeDocument(name)
	document.Unmeasured = []scenarios.Cell{{Version: name, Scenario: name, N: 1}}
	j := document.Judgment
	var text, annotations, markdown, html, svg, bench, metrics, json, junit, accepted bytes.Buffer
	a := report.Accept(rows(cell(name, name, 1, name, 5, 1), cell("v1", name, 1, "200", 5, 1)),
		rows(cell(name, name, 1, name+"b", 5, 1), cell(name, name, 2, name, 5, 1), cell("v1", name, 1, "200", 6, 1)), nil, name)
	err := errors.Join(j.Text(&text, report.Style{}), j.Annotations(&annotations, name), j.JSON(&json), j.JUnit(&junit),
		a.Text(&accepted, report.Style{}), document.Markdown(&markdown), document.HTML(&html), document.SVG(&svg),
		document.Measured.Benchmarks(&bench), document.Measured.OpenMetrics(&metrics))
	if err != nil {
		t.Fatal(err)
	}
	short := name[:min(len(name), 40)]
	for what, out := range map[string]string{"text": text.String(), "acceptance": accepted.String(), "benchmarks": bench.String(), "OpenMetrics": metrics.String()} {
		for line := range strings.Lines(out) {
			if problem := commands(line); problem != "" {
				t.Errorf("%q: %s %s: %.300q", short, what, problem, line)
			}
		}
	}
	lines := slices.Collect(strings.Lines(annotations.String()))
	checkAnnotation(t, short, lines[0], "title")
	for _, line := range lines[1:] {
		checkAnnotation(t, short, line, "file line title")
	}
	if got := len(lines); got != 1+len(j.Findings) {
		t.Errorf("%q: %d annotations, %d findings", short, got, len(j.Findings))
	}
	checkMarkdown(t, short, markdown.String())
	checkPage(t, short, html.String())
	checkPage(t, short, svg.String())
	checkBenchmarks(t, short, bench.String(), len(document.Measured.Rows))
	checkOpenMetrics(t, short, metrics.Bytes())
	checkJUnit(t, junit.Bytes())
	for _, out := range []string{json.String(), junit.String(), markdown.String(), html.String(), svg.String()} {
		for line := range strings.Lines(out) {
			if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") {
				t.Errorf("%q: a line that is a command: %.300q", short, line)
			}
		}
	}
}

// commands says what in line, which ends with its only line end, may be taken for a
// command.
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

// checkAnnotation requires one command, taken apart as the runner of GitHub does.
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
