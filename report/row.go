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

// A Row is what one cell cost.
type Row struct {
	Scenario string `json:"scenario"`
	N        int    `json:"n"` // 0 for a scenario without N
	Version  string `json:"version"`
	Outcome  string `json:"outcome"`
	tracer.Counts
	// Ignored is how many statements and checks were left out on purpose. It is judged by
	// nothing.
	Ignored int `json:"ignored,omitempty"`
	// Races says that the counts vary by design: they are the largest of the runs, for limits in
	// the test only. They have no law, and are compared with those of no other run.
	Races bool `json:"races,omitempty"`
	// Reason says, in a baseline, why the row was accepted although it cost more
	// than before.
	Reason string `json:"reason,omitempty"`
	// Failure says why the outcome is not one that the code is to come to. Such a row is
	// compared with nothing, and has no place in a baseline.
	Failure string `json:"failure,omitempty"`
}

// MarshalJSON leaves out what is absent, so that nobody takes it for 0.
func (r Row) MarshalJSON() ([]byte, error) {
	type plain Row
	text, err := jsonfile.Marshal(plain(r))
	for _, m := range r.Absent {
		// No text in it has a quote that is not escaped.
		text = bytes.Replace(text, fmt.Appendf(nil, `"%s":0,`, m), nil, 1)
	}
	return text, err
}

// Cell returns the cell that the row is about.
func (r Row) Cell() scenarios.Cell {
	return scenarios.Cell{Scenario: r.Scenario, N: r.N, Version: r.Version}
}

// A FirstRun is what the run to warm up a cell cost.
type FirstRun struct {
	Scenario string `json:"scenario"`
	N        int    `json:"n"` // 0 for a scenario without N
	Version  string `json:"version"`
	SQL      int    `json:"sql"`
	RBAC     int    `json:"rbac"`
}

func (r FirstRun) cell() scenarios.Cell {
	return scenarios.Cell{Scenario: r.Scenario, N: r.N, Version: r.Version}
}

// check refuses counts that no run has.
func (r FirstRun) check() error {
	for _, n := range []int{r.SQL, r.RBAC} {
		if n < 0 || n > jsonfile.MaxCount {
			return fmt.Errorf("the first run of %v has counts that are none", strings.TrimSpace(r.cell().String()))
		}
	}
	return nil
}

// Compare is the order of result files.
func (r Row) Compare(o Row) int { return compareCells(r.Cell(), o.Cell()) }

func compareCells(a, b scenarios.Cell) int {
	return cmp.Or(cmp.Compare(a.Scenario, b.Scenario), cmp.Compare(a.N, b.N), cmp.Compare(a.Version, b.Version))
}
