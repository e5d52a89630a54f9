package calltree_test

import (
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// TestTreeCost checks that the totals of the tree equal those of the result file.
func TestTreeCost(t *testing.T) {
	for _, recording := range []tracer.Recording{reporttest.RC2(1), reporttest.RC2(2), reporttest.RC3(1), reporttest.RC3(2), reporttest.RC3(5)} {
		counts := recording.Counts()
		want := calltree.Cost{
			SQL: counts.SQL, SQLRepeated: counts.SQL - counts.SQLUnique,
			RBAC: counts.RBAC, RBACRepeated: counts.RBAC - counts.RBACUnique,
		}
		if got := calltree.New(reporttest.Result("v", 1, recording)).Cost; got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}
