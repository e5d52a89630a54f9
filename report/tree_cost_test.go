package report_test

import (
	"testing"

	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// TestTreeCost: the totals of the tree are those of the result file.
func TestTreeCost(t *testing.T) {
	for _, recording := range []tracer.Recording{rc2(1), rc2(2), rc3(1), rc3(2), rc3(5)} {
		counts := recording.Counts()
		want := report.Cost{
			SQL: counts.SQL, SQLAvoidable: counts.SQL - counts.SQLUnique,
			RBAC: counts.RBAC, RBACAvoidable: counts.RBAC - counts.RBACUnique,
		}
		if got := report.NewTree(result("v", 1, recording)).Cost; got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}
