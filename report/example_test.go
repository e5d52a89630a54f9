package report_test

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// orders is the subject of the examples.
var orders = report.Subject{
	Name: "orders", Reference: "v1", Versions: []string{"v1", "v2"},
	Scenarios: []report.Scenario{{Name: "list", Unit: "order"}},
}

// costing returns results of a version with sql(n) statements.
func costing(version string, sql func(n int) int) report.File {
	rows := report.File{Subject: orders}
	for _, n := range []int{1, 2, 4, 8} {
		counts := tracer.Counts{SQL: sql(n), SQLUnique: sql(n), Statements: map[string]int{"GetOrder": sql(n)}, Checks: map[string]int{}}
		rows.Rows = append(rows.Rows, report.Row{Cell: scenarios.Cell{Scenario: "list", N: n, Version: version}, Outcome: "ok", Counts: counts})
	}
	return rows
}

func ExampleSummarize() {
	rows := costing("v1", func(n int) int { return 2 + 3*n })
	for _, series := range report.Summarize(rows) {
		sql := series.Metrics[tracer.SQL]
		fmt.Println(series.Version, series.Scenario, sql.Law, sql.Law.Shape, "at N=100:", sql.Law.At(100))
	}
	// Output: v1 list 2 + 3·N linear at N=100: 302
}

// The gate judges a new measurement by the accepted baseline.
func ExampleJudge() {
	baseline := costing("v1", func(n int) int { return 2 + n })
	measured := costing("v1", func(n int) int { return 2 + 2*n })

	judgment := report.Judge(baseline, measured, report.CostMetrics())
	for _, finding := range judgment.Failing() {
		for _, metric := range finding.Worse {
			fmt.Println(finding.Scenario, finding.Verdict, metric, finding.Metrics[metric])
		}
	}
	// Output:
	// list worse sql 2 + N → 2 + 2·N
}

func ExampleCompareVersions() {
	rows := costing("v1", func(n int) int { return 2 + 3*n })
	rows.Rows = append(rows.Rows, costing("v2", func(int) int { return 4 }).Rows...)

	comparison := report.CompareVersions(rows, "v1", "v2")
	for _, series := range comparison.Series {
		sql := series.Metrics[tracer.SQL]
		fmt.Println(series.Scenario, series.Verdict, sql.Base, "→", sql.Head)
	}
	fmt.Println("regressed:", comparison.Regressed())
	// Output:
	// list better 2 + 3·N → 4
	// regressed: false
}

// Compare the files of two commits, cell by cell of the same version.
func ExampleCompare() {
	before := costing("v1", func(n int) int { return 2 + n })
	after := costing("v1", func(n int) int { return 2 + n + n/8 })

	for _, cell := range report.Compare("main", before, "branch", after).Cells {
		fmt.Println(cell.N, cell.Verdict, cell.Base.SQL, "→", cell.Head.SQL)
	}
	// Output:
	// 1 same 3 → 3
	// 2 same 4 → 4
	// 4 same 6 → 6
	// 8 worse 10 → 11
}

func ExampleFile_Write() {
	rows := costing("v1", func(n int) int { return n })
	rows.Rows = rows.Rows[:2]
	if err := rows.Write(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {"schema":1,"path":"orders","reference":"v1","rows":[
	// {"scenario":"list","n":1,"version":"v1","outcome":"ok","sql":1,"sql_unique":1,"rbac":0,"rbac_unique":0,"round_trips":0,"tx":0,"prepare":0,"acquires":0,"max_held":0,"statements":{"GetOrder":1},"checks":{}},
	// {"scenario":"list","n":2,"version":"v1","outcome":"ok","sql":2,"sql_unique":2,"rbac":0,"rbac_unique":0,"round_trips":0,"tx":0,"prepare":0,"acquires":0,"max_held":0,"statements":{"GetOrder":2},"checks":{}}
	// ],
	// "versions":[
	// "v1",
	// "v2"
	// ],
	// "scenarios":[
	// {"name":"list","unit":"order"}
	// ]}
}

// A file that cannot be used has another type of error than one that cannot be read.
func ExampleRead() {
	_, err := report.Read(strings.NewReader("{\"schema\":1,\n<<<<<<< ours\n"))
	var unusable *report.FileError
	if errors.As(err, &unusable) {
		fmt.Println("line", unusable.Line, "of the file:", unusable.Reason)
	}
	// Output:
	// line 2 of the file: unresolved merge conflict; take either side, then measure again
}
