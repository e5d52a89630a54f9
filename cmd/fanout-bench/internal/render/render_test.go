package render_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/claims"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/golden"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/json"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/text"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/merge"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/internal/workload"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

func fakeRows() report.File {
	list := reporttest.Rows()
	for _, n := range []int{1, 2, 3, 4} {
		list.Rows = append(list.Rows,
			reporttest.Cell("v1", "agents", n, "200 a", 13, 5), reporttest.Cell("v2", "agents", n, "200 a", 12+7*n, 5), reporttest.Cell(reporttest.Hostile, "agents", n, "200 a", n*n, 1),
			reporttest.Cell("v1", "unnamed", n, "200 a", 13, 5), reporttest.Cell("v2", "unnamed", n, "409", 1+n, 1), reporttest.Cell(reporttest.Hostile, "unnamed", n, "409", 1<<n, 1))
	}
	list.Rows = append(list.Rows, reporttest.Cell("v1", "login", 0, "200 a", 4, 1), reporttest.Cell("v2", "login", 0, "200 a", 3, 1))
	return list
}

func TestOverviewText(t *testing.T) {
	overview := view.NewOverview(fakeRows(), claims.List{
		{Version: "v1", Scenario: "agents", N: 1, SQL: 13, RBAC: 5},
		{Version: "v2", Scenario: "agents", N: 1, SQL: 13, RBAC: 5},
		{Version: "v2", Scenario: "agents", N: 2, SQL: 14, RBAC: 5},
		{Version: "v2", Scenario: "agents", N: 99, SQL: 14, RBAC: 5},
	})
	checkText(t, "overview", 120, styled(text.Overview, overview))
}

// TestOverviewKeepsOutcomesApart has a version that answers 200 at N = 1 and 409 from N = 2 on. The
// difference between a 409 and a 200 is not an improvement.
func TestOverviewKeepsOutcomesApart(t *testing.T) {
	list := reporttest.Rows(
		reporttest.Cell("v1", "unnamed", 1, "200 a", 13, 5), reporttest.Cell("v2", "unnamed", 1, "200 a", 19, 7),
		reporttest.Cell("v1", "unnamed", 2, "200 a", 13, 5), reporttest.Cell("v2", "unnamed", 2, "409", 8, 3),
		reporttest.Cell("v1", "unnamed", 3, "200 a", 13, 5), reporttest.Cell("v2", "unnamed", 3, "409", 9, 3),
	)
	checkText(t, "overview-outcomes", 120, styled(text.Overview, view.NewOverview(list, nil)))
}

// TestOverviewWithHoles lacks a measurement of the reference and one of another version.
func TestOverviewWithHoles(t *testing.T) {
	list := reporttest.Rows(
		reporttest.Cell("v2", "agents", 1, "200 a", 19, 7),
		reporttest.Cell("v1", "agents", 2, "200 a", 13, 5), reporttest.Cell("v2", "agents", 2, "200 a", 26, 9),
		reporttest.Cell("v1", "agents", 3, "200 a", 13, 5),
	)
	list.Rows = append(list.Rows, reporttest.Cell(reporttest.Hostile, "agents", 2, "200 a", 13, 6))
	checkText(t, "overview-holes", 120, styled(text.Overview, view.NewOverview(list, nil)))
}

// TestOverviewOfManyVersions has more versions than fit side by side.
func TestOverviewOfManyVersions(t *testing.T) {
	subject, list := report.Subject{Name: "test", Reference: "v2.33.0-rc.0", Scenarios: reporttest.Subject.Scenarios}, reporttest.Rows()
	for i := range 9 {
		name := fmt.Sprintf("v2.33.0-rc.%d", i)
		subject.Versions = append(subject.Versions, name)
		list.Rows = append(list.Rows, reporttest.Cell(name, "agents", 1, "200 a", 13+i, 5), reporttest.Cell(name, "unnamed", 1, "409", i, 1))
	}
	list.Subject = subject
	checkText(t, "overview-many", 120, styled(text.Overview, view.NewOverview(list, nil)))
}

// TestOverviewOfLittle has no reference, no N or no scenario.
func TestOverviewOfLittle(t *testing.T) {
	checkText(t, "overview-login", 120, styled(text.Overview, view.NewOverview(reporttest.Rows(reporttest.Cell("v2", "login", 0, "200 a", 3, 1)), nil)))
	checkText(t, "overview-v2", 120, styled(text.Overview, view.NewOverview(reporttest.Rows(reporttest.Cell("v2", "agents", 7, "200 a", 3, 1)), nil)))
	checkText(t, "overview-nothing", 120, styled(text.Overview, view.NewOverview(reporttest.Rows(), nil)))
}

func TestComparison(t *testing.T) {
	const sentence = 130 // the last line is prose, which terminals wrap well
	checkText(t, "comparison", sentence, styled(text.Comparison, report.CompareVersions(fakeRows(), "v1", "v2")))
	checkText(t, "comparison-hostile", sentence, styled(text.Comparison, report.CompareVersions(fakeRows(), reporttest.Hostile, "v1")))
	checkJSON(t, "comparison", plain(json.Comparison, report.CompareVersions(fakeRows(), "v1", reporttest.Hostile)))
	checkText(t, "comparison-same", sentence, styled(text.Comparison, report.CompareVersions(fakeRows(), "v1", "v1")))
}

func TestClaimChecks(t *testing.T) {
	checks := claims.List{
		{Version: "v1", Scenario: "agents", N: 1, SQL: 13, RBAC: 5},
		{Version: "v2", Scenario: "agents", N: 1, SQL: 13, RBAC: 5},
		{Version: reporttest.Hostile, Scenario: "agents", N: 2, SQL: 9, RBAC: 1},
		{Version: "v9", Scenario: reporttest.Hostile, N: 1, SQL: 1, RBAC: 1},
	}.Check(fakeRows())
	const withLongestNames = 150
	checkText(t, "claims", withLongestNames, styled(text.Claims, checks))
	checkJSON(t, "claims", plain(json.Claims, checks))
	if got := checks.Reproduced(); got != 4 {
		t.Errorf("Reproduced() = %d, want 4", got)
	}
}

var listed = workload.Case{Path: &scenarios.Path{
	Name: "test", Reference: "v1",
	Versions: []scenarios.Version{
		{Name: "v1", Source: "https://example.com/v1", Summary: "the first"},
		{Name: "v2", Summary: "a second query for each agent"},
		{Name: reporttest.Hostile, Summary: "named by somebody else"},
	},
	Scenarios: []scenarios.Scenario{
		{Name: "agents", Unit: "agent", Sweep: []int{1, 2, 3, 4, 8, 16}},
		{Name: "unnamed", Unit: "agent", Sweep: []int{1, 2, 3, 4, 8, 16}},
		{Name: "login"},
		{Name: "never measured", Unit: "agent", Sweep: []int{1, 2, 3, 4, 8, 16}},
	},
},
	Workloads: []workload.Workload{
		{Name: "crowd", Unit: "agent", Counting: "agents of each machine", Least: 1},
		{Name: reporttest.Hostile, Unit: reporttest.Hostile},
	},
}

func TestListingText(t *testing.T) {
	checkText(t, "listing", 120, styled(text.Listing, listed))
}

func TestAcceptance(t *testing.T) {
	otherMix := reporttest.Cell("v1", "agents", 4, "200", 5, 1)
	otherMix.Statements = map[string]int{"Get": 4, "List": 1}
	const withEveryCost = 120
	checkText(t, "acceptance-changes", withEveryCost, styled(text.Acceptance, merge.Accept(reporttest.Rows(
		reporttest.Cell("v1", "agents", 1, "200", 13, 5), reporttest.Cell("v1", "agents", 2, "200", 13, 5), reporttest.Cell("v1", "agents", 3, "200", 13, 5),
		reporttest.Cell("v1", "agents", 4, "200", 5, 1), reporttest.Login("v1", "200", 13, 5), reporttest.Login("v2", "200", 13, 5), reporttest.Login("v3", "200", 13, 5),
	), reporttest.Rows(
		reporttest.Cell("v1", "agents", 1, "200", 13, 5), reporttest.Cell("v1", "agents", 2, "200", 14, 6), reporttest.Cell("v1", "agents", 3, "200", 12, 5),
		otherMix, reporttest.Login("v1", "409 conflict", 2, 1), reporttest.Login("v4", "200", 13, 5),
	), []scenarios.Cell{{Version: "v3", Scenario: "login"}}, "why")))
	checkText(t, "acceptance-first", 100, styled(text.Acceptance, merge.Accept(report.File{}, reporttest.Rows(reporttest.Login("v1", "200", 5, 1)), nil, "")))
	checkText(t, "acceptance-nothing", 100, styled(text.Acceptance, merge.Accept(reporttest.Rows(reporttest.Login("v1", "200", 5, 1)), reporttest.Rows(reporttest.Login("v1", "200", 5, 1)), nil, "")))

	repeating := reporttest.Login("v1", "200", 5, 3)
	repeating.SQLUnique, repeating.RBACUnique = 1, 3
	checkText(t, "acceptance-unjudged", 100, styled(text.Acceptance, merge.Accept(reporttest.Rows(reporttest.Login("v1", "200", 5, 3)), reporttest.Rows(repeating), nil, "")))

	strange := reporttest.Cell(reporttest.Hostile, reporttest.Hostile, 2, reporttest.Hostile, 5, 1)
	strange.Statements = map[string]int{reporttest.Hostile: 4, "Get": 1}
	const withLongestNames = 300
	checkText(t, "acceptance-hostile", withLongestNames, styled(text.Acceptance, merge.Accept(
		reporttest.Rows(reporttest.Cell(reporttest.Hostile, reporttest.Hostile, 1, "200", 5, 1), reporttest.Cell(reporttest.Hostile, reporttest.Hostile, 2, reporttest.Hostile, 5, 1)),
		reporttest.Rows(reporttest.Cell(reporttest.Hostile, reporttest.Hostile, 1, reporttest.Hostile, 5, 1), strange), nil, reporttest.Hostile)))

	a := merge.Accept(reporttest.Rows(reporttest.Login("v1", "200", 5, 1), reporttest.Login(reporttest.Hostile, "200", 5, 1)), reporttest.Rows(reporttest.Login("v1", "200", 6, 1), reporttest.Login(reporttest.Hostile, reporttest.Hostile, 5, 1)), nil, "")
	checkJSON(t, "acceptance-changes", plain(json.Comparison, a.Changes))
}

// checkText compares the plain text with a golden file, and requires that it fits width columns, has
// no control characters, and is the same in color.
func checkText(t *testing.T, name string, width int, render func(term.Style) string) {
	t.Helper()
	plain := render(term.Style{})
	golden.Check(t, name+".txt", []byte(plain))
	for line := range strings.Lines(plain) {
		line = strings.TrimSuffix(line, "\n")
		if got := term.Width(line); got > width {
			t.Errorf("%s: %d columns, at most %d: %s", name, got, width, line)
		}
		if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == '\u202e' }) {
			t.Errorf("%s: a control character: %q", name, line)
		}
	}
	if got := stripColor.Replace(render(term.Style{Color: true})); got != plain {
		t.Errorf("%s: without its colors the colored text is\n%s", name, got)
	}
}

var stripColor = strings.NewReplacer("\x1b[0m", "", "\x1b[1m", "", "\x1b[2m", "", "\x1b[31m", "", "\x1b[32m", "")
