package merge_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/merge"
	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/report"
)

// FuzzAccept accepts any results into any baseline. The file that it writes has each measured row,
// each other row of the old baseline, and the budgets.
func FuzzAccept(f *testing.F) {
	saved := reporttest.Saved()
	costlier := reporttest.Saved()
	for i := range costlier.Rows {
		costlier.Rows[i].RoundTrips++
	}
	baseline := saved
	baseline.Budgets = []report.Budget{reporttest.Budget("", 30, 1), reporttest.Budget("v1", 30, -1)}
	baseline = merge.Accept(baseline, saved, nil, "").Baseline
	baseline.Rows = append(baseline.Rows, old(reporttest.Login("v1", "200", 5, 1)))
	f.Add(text(f, baseline), text(f, saved))
	f.Add(text(f, baseline), text(f, costlier))
	f.Add(text(f, unlisted(reporttest.Login("v1", "200", 5, 1))), text(f, unlisted(reporttest.Login("v1", "200", 6, 1))))
	f.Fuzz(func(t *testing.T, before, measured string) {
		baseline, err := report.Read(strings.NewReader(before))
		if err != nil {
			return
		}
		results, err := report.Read(strings.NewReader(measured))
		if err != nil {
			return
		}
		a := merge.Accept(baseline, results, nil, "why")
		read, err := report.Read(strings.NewReader(text(t, a.Baseline)))
		must.Succeed(t, err)
		old, now := baseline.Cells(), results.Cells()
		rows := len(results.Rows)
		for _, row := range baseline.Rows {
			if _, again := now[row.Cell]; !again {
				rows++
			}
		}
		if len(read.Rows) != rows {
			t.Errorf("%d rows, want %d", len(read.Rows), rows)
		}
		for _, row := range read.Rows {
			from := results
			want, again := now[row.Cell]
			if again {
				want.Reason = row.Reason
			} else {
				from = baseline
				want = old[row.Cell]
			}
			wantTree, tree := calltree.Cells(from.Trees)[row.Cell], calltree.Cells(read.Trees)[row.Cell]
			tree.NoLines = true // also if there is none
			if diff := cmp.Diff(want, row) + cmp.Diff(wantTree.Bare(), tree, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%v (-want +got):\n%s", row.Cell, diff)
			}
		}
		if diff := cmp.Diff(baseline.Budgets, read.Budgets); diff != "" {
			t.Errorf("budgets (-want +got):\n%s", diff)
		}
		again := merge.Accept(read, results, nil, "why else")
		if got, want := text(t, again.Baseline), text(t, a.Baseline); got != want || len(again.Changed()) > 0 {
			t.Errorf("accepted again, %d changed:\n%s\n%s", len(again.Changed()), want, got)
		}
	})
}
