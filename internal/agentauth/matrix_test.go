package agentauth

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/changes"
	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// differences lists the statements and checks of a measurement that differ from the
// cost model.
func differences(cell scenarios.Cell, got tracer.Counts) string {
	statements, checks, _ := changes.Between(owed(cell.Scenario, cell.N, cell.Version).counts(), got)
	var b strings.Builder
	for _, c := range append(statements, checks...) {
		fmt.Fprintf(&b, "\n\t%s: got %d, want %d", c.Name, c.To, c.From)
	}
	return b.String()
}

// measured returns the whole matrix, measured once for all tests.
func measured(t *testing.T) map[scenarios.Cell]tracer.Counts {
	t.Helper()
	matrix.start.Do(func() { matrix.cells, matrix.err = measure(t) })
	if matrix.err != nil {
		t.Fatal(matrix.err)
	}
	return matrix.cells
}

var matrix struct {
	start sync.Once
	cells map[scenarios.Cell]tracer.Counts
	err   error
}

func measure(t *testing.T) (map[scenarios.Cell]tracer.Counts, error) {
	path := Path()
	cells, err := path.Cells()
	if err != nil {
		return nil, err
	}
	runner := scenarios.Runner{Server: pgtest.Server(t), Parallel: 4}
	counts := map[scenarios.Cell]tracer.Counts{}
	for result, err := range runner.Run(t.Context(), path, cells) {
		if err != nil {
			return nil, err
		}
		counts[result.Cell] = result.Recording.Counts()
	}
	return counts, nil
}
