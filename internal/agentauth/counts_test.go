package agentauth

import (
	"testing"

	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

func TestCounts(t *testing.T) {
	matrix := measured(t)
	checked := map[scenarios.Cell]bool{}
	for _, block := range costs {
		sweep := sweeps[block.scenario]
		if sweep == nil {
			sweep = []int{0}
		}
		for _, c := range block.costs {
			for _, n := range sweep {
				if n < c.n.from || n > c.n.to {
					continue
				}
				cell := scenarios.Cell{Scenario: block.scenario, N: n, Version: c.version}
				if checked[cell] {
					t.Errorf("%s: expected twice", cell)
				}
				checked[cell] = true
				got, ok := matrix[cell]
				if !ok {
					t.Errorf("%s: not measured", cell)
					continue
				}
				if got.SQL != c.sql.at(n) || got.RBAC != c.rbac.at(n) {
					t.Errorf("%s (%s): got %d/%d, want %d/%d%s",
						cell, block.reads, got.SQL, got.RBAC, c.sql.at(n), c.rbac.at(n), differences(cell, got))
				}
			}
		}
	}
	for cell := range matrix {
		if !checked[cell] {
			t.Errorf("%s: measured, but not in costs", cell)
		}
	}
	if len(checked) != 456 {
		t.Errorf("checked %d cells, want 456", len(checked))
	}
}

func TestEveryStatementAndCheck(t *testing.T) {
	for cell, got := range measured(t) {
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

// In the scenario agents, the distinct statements are the list, N resources, and one job,
// build and workspace each, by each way in which the version reads them.
func TestUniqueReadsOfAgents(t *testing.T) {
	for _, test := range []struct {
		version   string
		sql, rbac line
	}{
		{"v2.33.0-rc.2", fixed(8), fixed(1)}, // one resource; the workspace also by agent
		{"v2.33.0-rc.3", line{6, 1}, fixed(2)},
		{"pr-24973", line{5, 1}, fixed(2)}, // no build by job
		{"pr-24973-text", line{5, 1}, fixed(2)},
		{"pr-24973-memo", line{5, 1}, fixed(2)},
		{"pr-25158", line{5, 1}, fixed(2)},
		{"pr-25031", fixed(3), fixed(2)},
		{"one-query", fixed(1), fixed(1)},
	} {
		for _, n := range sweeps["agents"] {
			cell := scenarios.Cell{Scenario: "agents", N: n, Version: test.version}
			got := measured(t)[cell]
			if got.SQLUnique != test.sql.at(n) || got.RBACUnique != test.rbac.at(n) {
				t.Errorf("%s: got %d/%d different ones, want %d/%d; statements %v, checks %v",
					cell, got.SQLUnique, got.RBACUnique, test.sql.at(n), test.rbac.at(n), got.Statements, got.Checks)
			}
		}
	}
}
