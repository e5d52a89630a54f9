package report_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

func TestSummarize(t *testing.T) {
	series := report.Summarize(reporttest.Rows(
		reporttest.Cell("v2", "agents", 1, "409", 9, 1),
		reporttest.Cell("v1", "agents", 4, "200", 13, 5), reporttest.Cell("v1", "agents", 1, "200", 4, 2), reporttest.Cell("v1", "agents", 2, "200", 7, 3),
		reporttest.Cell("v2", "agents", 2, "200", 5, 1), reporttest.Cell("v2", "agents", 4, "200", 5, 1), reporttest.Cell("v2", "agents", 8, "200", 5, 1),
		reporttest.Cell("v1", "login", 0, "200", 6, 1),
		reporttest.Cell("v2", "unnamed", 1, "200", 5, 1), reporttest.Cell("v1", "unnamed", 2, "200", 6, 1),
	))
	var got []string
	for _, s := range series {
		got = append(got, fmt.Sprintf("%s %s %s: sql %s, rbac %s, different %s, Get %s, read %s", s.Scenario, s.Version, s.Outcome,
			s.Metrics[tracer.SQL], s.Metrics[tracer.RBAC], s.Metrics[tracer.SQLUnique], s.Statements["Get"], s.Checks["read"]))
	}
	want := []string{
		"agents v1 200: sql 1 + 3·N, rbac 1 + N, different 2, Get 1 + 3·N, read 1 + N",
		"agents v2 409: sql 9, rbac 1, different 2, Get 9, read 1",
		"agents v2 200: sql 5, rbac 1, different 2, Get 5, read 1",
		"login v1 200: sql 6, rbac 1, different 2, Get 6, read 1",
		"unnamed v1 200: sql 6, rbac 1, different 2, Get 6, read 1",
		"unnamed v2 200: sql 5, rbac 1, different 2, Get 5, read 1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("series (-want +got):\n%s", diff)
	}
}

// TestSummarizeStatementMissingAtSmallN has a statement that is not in every cell.
func TestSummarizeStatementMissingAtSmallN(t *testing.T) {
	var list []report.Row
	for n := range 4 {
		row := reporttest.Cell("v1", "agents", n, "200", 1, 0)
		if n > 0 {
			row.Statements = map[string]int{"Get": 1, "Extra": n}
		}
		list = append(list, row)
	}
	if got := report.Summarize(reporttest.Rows(list...))[0].Statements["Extra"].String(); got != "N" {
		t.Errorf("law of Extra is %s, want N", got)
	}
}

func TestRate(t *testing.T) {
	for _, test := range []struct {
		points []report.Point
		perN   int
		ok     bool
	}{
		{nil, 0, false},
		{reporttest.Points(3, 7), 0, false},
		{reporttest.Points(1, 5, 2, 8), 3, true},
		{reporttest.Points(2, 5, 4, 11), 3, true},
		{reporttest.Points(2, 5, 4, 10), 0, false},
		{reporttest.Points(1, 8, 3, 4), -2, true},
		{reporttest.Points(1, 4, 2, 4, 3, 4), 0, true},
		{reporttest.Points(1, 4, 2, 6, 4, 10), 2, true},
		{reporttest.Points(1, 1, 2, 4, 3, 9, 4, 16), 0, false},
		{reporttest.Points(1, 2, 2, 4, 3, 8), 0, false},
	} {
		perN, ok := report.Growth{Points: test.points, Law: report.Fit(test.points)}.Rate()
		if ok != test.ok || ok && perN != test.perN {
			t.Errorf("Rate of %v = %d, %t; want %d, %t", test.points, perN, ok, test.perN, test.ok)
		}
	}
}
