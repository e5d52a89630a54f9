package render_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	gmtext "github.com/yuin/goldmark/text"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/claims"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/golden"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/markdown"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// TestMarkdownTrees requires the call tree of a regression: as a difference where
// that of the baseline is known too, else with what grew.
func TestMarkdownTrees(t *testing.T) {
	for name, d := range map[string]view.Document{"baseline": documented(), "versions": versions(t), "first-runs": cached()} {
		t.Run(name, func(t *testing.T) {
			got := markdown.Comment(d)
			golden.Check(t, "document-"+name+".md", []byte(got))
			checkMarkdown(t, name, got)
		})
	}
}

// cached is of a version that costs what it should, but not in its first runs.
func cached() view.Document {
	measured := reporttest.Of(reporttest.Saved(), "v1")
	for _, row := range measured.Rows {
		measured.FirstRuns = append(measured.FirstRuns, report.FirstRun{Cell: row.Cell, SQL: row.SQL + row.N, RBAC: row.RBAC + 1})
	}
	return view.NewDocument(view.Measured(), "results/baseline.json", measured, measured, nil, report.CostMetrics())
}

// versions is the document about both versions of the incident.
func versions(t *testing.T) view.Document {
	t.Helper()
	claims := claims.List{{Version: "v1", Scenario: "agents", N: 1, SQL: 3, RBAC: 1}, {Version: "v2", Scenario: "agents", N: 2, SQL: 4, RBAC: 2}}
	d, ok := view.NewVersionsDocument(reporttest.Saved(), claims)
	if !ok {
		t.Fatal("there is nothing to compare")
	}
	return d
}

// documented is the document about the second version, judged by a file in which it
// costs what the first does.
func documented() view.Document {
	rows := reporttest.Saved()
	baseline := report.File{Subject: reporttest.IncidentSubject}
	for _, row := range reporttest.Of(rows, "v1").Rows {
		row.Version = "v2"
		baseline.Rows = append(baseline.Rows, row)
	}
	head := reporttest.Of(rows, "v2")
	head.Trees = rows.Trees
	return view.NewDocument(view.Measured(), "results/baseline.json", baseline, head, nil, report.CostMetrics())
}

func TestVersionsDocumentNeedsTwo(t *testing.T) {
	for _, rows := range []report.File{reporttest.Of(reporttest.Saved(), "v1"), reporttest.Of(reporttest.Saved(), "v2"), {Subject: reporttest.IncidentSubject}} {
		if _, ok := view.NewVersionsDocument(rows, nil); ok {
			t.Errorf("a document about %d rows of one version", len(rows.Rows))
		}
	}
}

// TestMarkdownIsCut requires that no report is longer than a comment may be, and
// each a whole one.
func TestMarkdownIsCut(t *testing.T) {
	many := func(cells, name int) view.Document {
		var base, head []scenarios.Result
		for i := range cells {
			scenario := fmt.Sprintf("s%04d%s", i, strings.Repeat("ä", name))
			for n := 1; n <= 3; n++ {
				base = append(base, reporttest.Ran("v1", scenario, n, "200", reporttest.Each(tracer.KindQuery, "Get", 1)))
				head = append(head, reporttest.Ran("v1", scenario, n, "200", reporttest.Each(tracer.KindQuery, "Get", i+n+1)))
			}
			base = append(base, reporttest.Ran("v1", "same"+scenario, 0, "200", reporttest.Each(tracer.KindQuery, "Get", 1)))
			head = append(head, reporttest.Ran("v1", "same"+scenario, 0, "200", reporttest.Each(tracer.KindQuery, "Get", 1)))
		}
		return view.Document{Judgment: reporttest.Judge(base, head), Against: "b.json", Advice: view.Measured()}
	}
	for _, test := range []struct {
		name          string
		cells, length int
		cut           string
	}{
		{"short", 2, 10, ""},
		{"many parts", 160, 3, "further parts"},
		{"many rows", 600, 30, "\nand [0-9]+ more\n"},
		{"long names", 300, 10_000, "\nand [0-9]+ more\n"},
		{"one long name", 1, 1_000_000, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := markdown.Comment(many(test.cells, test.length))
			checkMarkdown(t, test.name, got)
			if cut := regexp.MustCompile(`further parts|\nand [0-9]+ more\n`).MatchString(got); cut != (test.cut != "") {
				t.Errorf("cut %t", cut)
			}
			if !regexp.MustCompile(test.cut).MatchString(got) {
				t.Errorf("it is not cut so that it matches %q", test.cut)
			}
			if !regexp.MustCompile("\nfanout-bench accept .*\n```\n\n</details>\n$").MatchString(got) {
				t.Errorf("it does not end with how to accept: %q", got[max(len(got)-300, 0):])
			}
		})
	}
}

var (
	gfm      = goldmark.New(goldmark.WithExtensions(extension.GFM))
	ourHTML  = []string{"<code>", "</code>", "<details>", "</details>", "<summary>", "</summary>"}
	anyTag   = regexp.MustCompile(`<[^>]*>`)
	mention  = regexp.MustCompile("@[^\u200b]|@$")
	rowEdges = regexp.MustCompile(`\|`)
)

// checkMarkdown parses a report as GitHub does, and requires that all but code is
// ours: no links, images, mentions, headings or HTML of others.
func checkMarkdown(t *testing.T, name, markdown string) {
	t.Helper()
	fail := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%.40q: %s", name, fmt.Sprintf(format, args...))
	}
	if len(markdown) > 60_000 {
		fail("%d bytes", len(markdown))
	}
	if !strings.HasPrefix(markdown, "<!-- fanout-bench:comment v1 key=default -->\n### ") {
		fail("it begins with %.60q", markdown)
	}
	for line := range strings.Lines(markdown) {
		if problem := commands(strings.ReplaceAll(line, "\u200b", "")); problem != "" {
			fail("it %s: %.300q", problem, line)
		}
	}
	source := []byte(markdown)
	document := gfm.Parser().Parse(gmtext.NewReader(source))
	headings := 0
	err := ast.Walk(document, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := node.(type) {
		case *ast.Heading:
			headings++
		case *ast.HTMLBlock:
			block := string(n.Lines().Value(source))
			if n.HasClosure() {
				block += string(n.ClosureLine.Value(source))
			}
			if block = strings.TrimSpace(block); block != "<!-- fanout-bench:comment v1 key=default -->" {
				checkTags(t, name, block)
			}
		case *ast.RawHTML:
			checkTags(t, name, string(n.Segments.Value(source)))
		case *ast.Text:
			if value := string(n.Segment.Value(source)); mention.MatchString(value) {
				fail("a mention: %.300q", value)
			}
		case *ast.FencedCodeBlock:
			if language := string(n.Language(source)); !slices.Contains([]string{"diff", "mermaid", "sh", "text"}, language) {
				fail("a code block of language %q", language)
			}
		case *ast.Document, *ast.CodeSpan, *ast.Paragraph, *ast.TextBlock, *ast.String, *extast.Table, *extast.TableHeader, *extast.TableRow, *extast.TableCell:
		default:
			fail("a %s", node.Kind())
		}
		return ast.WalkContinue, nil
	})
	if err != nil || headings != 1 {
		fail("%d headings (%v)", headings, err)
	}
	// The parser makes up for cells that are missing, so that they are counted here.
	columns := 0
	inFence := ""
	for line := range strings.Lines(markdown) {
		line = strings.TrimSuffix(line, "\n")
		fence := line[:len(line)-len(strings.TrimLeft(line, "`"))]
		switch {
		case inFence == "" && len(fence) >= 3:
			inFence = fence
		case inFence != "" && line == inFence:
			inFence = ""
		case inFence != "":
		case !strings.HasPrefix(line, "|"):
			columns = 0
		case columns == 0:
			columns = len(rowEdges.FindAllString(line, -1))
		case len(rowEdges.FindAllString(line, -1)) != columns:
			fail("a row with other columns: %.300q", line)
		}
	}
	if inFence != "" {
		fail("a code block is not ended")
	}
	if opened, closed := strings.Count(markdown, "\n<details>\n"), strings.Count(markdown, "\n</details>\n"); opened != closed {
		fail("%d blocks begin, %d end", opened, closed)
	}
}

func checkTags(t *testing.T, name, html string) {
	t.Helper()
	for _, tag := range anyTag.FindAllString(html, -1) {
		if !slices.Contains(ourHTML, tag) {
			t.Errorf("%.40q: HTML that is not ours: %.300q", name, html)
		}
	}
}
