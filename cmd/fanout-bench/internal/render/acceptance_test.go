package render_test

import (
	"testing"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/json"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/text"
	"github.com/fanout-bench/fanout-bench/internal/merge"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

func TestAcceptanceText(t *testing.T) {
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

	strange := reporttest.Cell(reporttest.Hostile, reporttest.Hostile, 2, reporttest.Hostile, 5, 1)
	strange.Statements = map[string]int{reporttest.Hostile: 4, "Get": 1}
	const withLongestNames = 300
	checkText(t, "acceptance-hostile", withLongestNames, styled(text.Acceptance, merge.Accept(
		reporttest.Rows(reporttest.Cell(reporttest.Hostile, reporttest.Hostile, 1, "200", 5, 1), reporttest.Cell(reporttest.Hostile, reporttest.Hostile, 2, reporttest.Hostile, 5, 1)),
		reporttest.Rows(reporttest.Cell(reporttest.Hostile, reporttest.Hostile, 1, reporttest.Hostile, 5, 1), strange), nil, reporttest.Hostile)))
}

func TestAcceptanceJSON(t *testing.T) {
	a := merge.Accept(reporttest.Rows(reporttest.Login("v1", "200", 5, 1), reporttest.Login(reporttest.Hostile, "200", 5, 1)), reporttest.Rows(reporttest.Login("v1", "200", 6, 1), reporttest.Login(reporttest.Hostile, reporttest.Hostile, 5, 1)), nil, "")
	checkJSON(t, "acceptance-changes", plain(json.Acceptance, a))
}
