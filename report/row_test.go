package report_test

import (
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// cell makes a row of sql statements named "Get" and rbac checks named "read".
func cell(version, scenario string, n int, outcome string, sql, rbac int) report.Row {
	return report.Row{
		Version: version, Scenario: scenario, N: n, Outcome: outcome,
		Counts: tracer.Counts{
			SQL: sql, SQLUnique: min(sql, 2), RBAC: rbac, RBACUnique: min(rbac, 1),
			RoundTrips: sql, Acquires: sql, MaxHeld: min(sql, 1),
			Statements: map[string]int{"Get": sql}, Checks: map[string]int{"read": rbac},
		},
	}
}

func rows(list ...report.Row) report.Rows { return report.Rows{Path: "test", Rows: list} }

// login makes the cell of login of a version.
func login(version, outcome string, sql, rbac int) report.Row {
	return cell(version, "login", 0, outcome, sql, rbac)
}

// points makes points of N and count pairs.
func points(pairs ...int) []report.Point {
	var list []report.Point
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, report.Point{N: pairs[i], Count: pairs[i+1]})
	}
	return list
}
