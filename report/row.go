package report

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Row is the cost of one cell.
type Row struct {
	scenarios.Cell
	Outcome string `json:"outcome"`
	tracer.Counts
	// Ignored is the number of statements and checks that Ignore left out. It is not judged.
	Ignored int `json:"ignored,omitempty"`
	// Races says that the counts vary by design. They are the largest of the runs, only for
	// limits in the test. They have no law and are not compared.
	Races bool `json:"races,omitempty"`
	// Reason, in a baseline, says why the row was accepted although it cost more.
	Reason string `json:"reason,omitempty"`
	// Failure says why the outcome is not a declared one. Such a row is not compared, and not
	// allowed in a baseline. If all its counts are absent, only the failure is known.
	Failure string `json:"failure,omitempty"`
}

// MarshalJSON omits absent counts, which are not 0 but unknown.
func (r Row) MarshalJSON() ([]byte, error) {
	type plain Row
	text, err := jsonfile.Marshal(plain(r))
	for _, m := range r.Absent {
		// Quotes in its texts are escaped, so this matches only the field.
		text = bytes.Replace(text, fmt.Appendf(nil, `"%s":0,`, m), nil, 1)
	}
	return text, err
}

// A FirstRun is the cost of the warm-up run of a cell.
type FirstRun struct {
	scenarios.Cell
	SQL  int `json:"sql"`
	RBAC int `json:"rbac"`
}

// check refuses invalid counts.
func (r FirstRun) check() error {
	for _, n := range []int{r.SQL, r.RBAC} {
		if n < 0 || n > jsonfile.MaxCount {
			return fmt.Errorf("the first run of %v has invalid counts", strings.TrimSpace(r.String()))
		}
	}
	return nil
}

// Compare is the order of result files.
func (r Row) Compare(o Row) int { return compareCells(r.Cell, o.Cell) }

func compareCells(a, b scenarios.Cell) int {
	return cmp.Or(cmp.Compare(a.Scenario, b.Scenario), cmp.Compare(a.N, b.N), cmp.Compare(a.Version, b.Version))
}
