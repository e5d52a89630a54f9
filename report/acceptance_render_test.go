package report_test

import (
	"testing"

	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

func TestAcceptanceText(t *testing.T) {
	otherMix := cell("v1", "agents", 4, "200", 5, 1)
	otherMix.Statements = map[string]int{"Get": 4, "List": 1}
	const withEveryCost = 120
	checkText(t, "acceptance-changes", withEveryCost, report.Accept(rows(
		cell("v1", "agents", 1, "200", 13, 5), cell("v1", "agents", 2, "200", 13, 5), cell("v1", "agents", 3, "200", 13, 5),
		cell("v1", "agents", 4, "200", 5, 1), login("v1", "200", 13, 5), login("v2", "200", 13, 5), login("v3", "200", 13, 5),
	), rows(
		cell("v1", "agents", 1, "200", 13, 5), cell("v1", "agents", 2, "200", 14, 6), cell("v1", "agents", 3, "200", 12, 5),
		otherMix, login("v1", "409 conflict", 2, 1), login("v4", "200", 13, 5),
	), []scenarios.Cell{{Version: "v3", Scenario: "login"}}, "why").Text)
	checkText(t, "acceptance-first", 100, report.Accept(report.Rows{}, rows(login("v1", "200", 5, 1)), nil, "").Text)
	checkText(t, "acceptance-nothing", 100, report.Accept(rows(login("v1", "200", 5, 1)), rows(login("v1", "200", 5, 1)), nil, "").Text)

	strange := cell(hostile, hostile, 2, hostile, 5, 1)
	strange.Statements = map[string]int{hostile: 4, "Get": 1}
	const withLongestNames = 300
	checkText(t, "acceptance-hostile", withLongestNames, report.Accept(
		rows(cell(hostile, hostile, 1, "200", 5, 1), cell(hostile, hostile, 2, hostile, 5, 1)),
		rows(cell(hostile, hostile, 1, hostile, 5, 1), strange), nil, hostile).Text)
}

func TestAcceptanceJSON(t *testing.T) {
	a := report.Accept(rows(login("v1", "200", 5, 1), login(hostile, "200", 5, 1)), rows(login("v1", "200", 6, 1), login(hostile, hostile, 5, 1)), nil, "")
	checkStableJSON(t, "acceptance-changes.json", a.JSON)
}
