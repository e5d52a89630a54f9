package agentauth

import (
	"testing"

	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// TestEveryStatementAndCheck compares the whole matrix with the cost model, by name.
func TestEveryStatementAndCheck(t *testing.T) {
	matrix := measured(t)
	if len(matrix) != 456 {
		t.Errorf("measured %d cells, want 456", len(matrix))
	}
	for cell, got := range matrix {
		if d := differences(cell, got); d != "" {
			t.Errorf("%s:%s", cell, d)
		}
	}
}

// Nothing is prepared after the warm-up, nothing runs in a transaction, and no
// read holds a connection while it waits for another one.
func TestEachStatementAcquiresAndReleasesAConnection(t *testing.T) {
	for cell, got := range measured(t) {
		want := tracer.Counts{RoundTrips: got.SQL, Acquires: got.SQL, MaxHeld: min(got.SQL, 1)}
		for _, m := range []tracer.Metric{tracer.RoundTrips, tracer.Acquires, tracer.MaxHeld, tracer.TxControl, tracer.Prepares} {
			if m.Of(got) != m.Of(want) {
				t.Errorf("%s: %s: got %d, want %d", cell, m, m.Of(got), m.Of(want))
			}
		}
	}
}

// A line is a count as a function of N: fixed + perN·N.
type line struct{ fixed, perN int }

func (l line) at(n int) int { return l.fixed + l.perN*n }

func fixed(n int) line { return line{fixed: n} }

// TestLawsOfAgents has the laws of the scenario agents, from the cost of each read:
//
//	resource and job of an agent   7/2 by the cascade; 3/0 by the fast path, 3/2 as described
//	build, and latest build        2/1 each
//	list of the agents             1/1; rc.2 reads one agent and its workspace, 2/1
//
// So rc.2 costs 2/1 + 7/2 + 4/2, rc.3 1/1 + 7/2·N + 7/2 + 4/2, and pr-24973 1/1 + 3/0·N + 4/2.
// The distinct statements are the list, N resources, and one job, build and workspace each, by
// each way in which the version reads them.
func TestLawsOfAgents(t *testing.T) {
	for _, test := range []struct {
		version                          string
		sql, rbac, sqlUnique, rbacUnique line
	}{
		{"v2.33.0-rc.2", fixed(13), fixed(5), fixed(8), fixed(1)}, // one resource; the workspace also by agent
		{"v2.33.0-rc.3", line{12, 7}, line{5, 2}, line{6, 1}, fixed(2)},
		{"pr-24973", line{5, 3}, fixed(3), line{5, 1}, fixed(2)}, // no build by job
		{"pr-24973-text", line{5, 3}, line{3, 2}, line{5, 1}, fixed(2)},
		{"pr-24973-memo", line{5, 1}, fixed(2), line{5, 1}, fixed(2)},
		{"pr-25158", line{3, 5}, line{2, 1}, line{5, 1}, fixed(2)},
		{"pr-25031", fixed(3), fixed(2), fixed(3), fixed(2)},
		{"one-query", fixed(1), fixed(1), fixed(1), fixed(1)},
	} {
		for _, n := range []int{1, 2, 3, 4, 8, 16} {
			cell := scenarios.Cell{Scenario: "agents", N: n, Version: test.version}
			got := measured(t)[cell]
			for what, c := range map[string]struct {
				got  int
				want line
			}{
				"statements": {got.SQL, test.sql}, "checks": {got.RBAC, test.rbac},
				"distinct statements": {got.SQLUnique, test.sqlUnique}, "distinct checks": {got.RBACUnique, test.rbacUnique},
			} {
				if c.got != c.want.at(n) {
					t.Errorf("%s: %d %s, want %d; statements %v, checks %v", cell, c.got, what, c.want.at(n), got.Statements, got.Checks)
				}
			}
		}
	}
}
