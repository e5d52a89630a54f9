// Package reporttest makes rows, recordings and judgments of an invented shop for tests of
// reports.
package reporttest

import (
	"slices"

	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Cell returns a row with sql statements named "Get" and rbac checks named "read".
func Cell(version, scenario string, n int, outcome string, sql, rbac int) report.Row {
	return report.Row{
		Cell: scenarios.Cell{Version: version, Scenario: scenario, N: n}, Outcome: outcome,
		Counts: tracer.Counts{
			SQL: sql, SQLUnique: min(sql, 2), RBAC: rbac, RBACUnique: min(rbac, 1),
			RoundTrips: sql, Acquires: sql, MaxHeld: min(sql, 1), ConnTrips: sql,
			Statements: map[string]int{"Get": sql}, Checks: map[string]int{"read": rbac},
		},
	}
}

// Rows returns a file of Subject with rows.
func Rows(list ...report.Row) report.File { return report.File{Subject: Subject, Rows: list} }

// Login returns the row of scenario login of a version.
func Login(version, outcome string, sql, rbac int) report.Row {
	return Cell(version, "login", 0, outcome, sql, rbac)
}

// Points returns points from pairs of N and count.
func Points(pairs ...int) []report.Point {
	var list []report.Point
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, report.Point{N: pairs[i], Count: pairs[i+1]})
	}
	return list
}

// Of returns the rows of one version.
func Of(f report.File, version string) report.File {
	f.Versions, f.Trees = []string{version}, nil
	f.Rows = slices.DeleteFunc(slices.Clone(f.Rows), func(row report.Row) bool { return row.Version != version })
	return f
}
