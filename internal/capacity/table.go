package capacity

import (
	"math"
	"slices"

	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Series is what there is room for of one version in one scenario.
type Series struct {
	Scenario string `json:"scenario"`
	Version  string `json:"version"`
	Outcome  string `json:"outcome"`
	Unit     string `json:"unit,omitempty"`
	Cells    []Cell `json:"cells"`
	// Trips is how conn_trips grow with N, and Grows what there is room for then. Empty:
	// there are too few N to tell, or no law.
	Trips string `json:"conn_trips,omitempty"`
	Grows string `json:"requests_per_second,omitempty"`
}

// A Cell is what there is room for at one N.
type Cell struct {
	N         int `json:"n"`
	ConnTrips int `json:"conn_trips"`
	MaxHeld   int `json:"max_held"`
	// Held is for how long a request holds connections, in milliseconds.
	Held float64 `json:"held_ms"`
	// PerSecond is 0 where Unknown says why there is no number, or where a request holds no
	// connection.
	PerSecond float64 `json:"requests_per_second,omitempty"`
	Unknown   string  `json:"unknown,omitempty"`
	// Deadlock is how many callers at once can block each other for ever, if any can.
	Deadlock int `json:"deadlock_callers,omitempty"`
}

// Of returns what p has room for of what is in f. Rows that came to no good end are left out.
func (p Pool) Of(f report.File) []Series {
	var list []Series
	type key struct{ scenario, version, outcome string }
	rows := map[key][]report.Row{}
	for _, row := range slices.SortedFunc(slices.Values(f.Rows), report.Row.Compare) {
		if k := (key{row.Scenario, row.Version, row.Outcome}); row.Failure == "" {
			rows[k] = append(rows[k], row)
		}
	}
	for _, s := range report.Summarize(f) {
		scenario := f.Scenario(s.Version, s.Scenario)
		series := Series{Scenario: s.Scenario, Version: s.Version, Outcome: s.Outcome, Unit: scenario.Unit}
		known := true
		for _, row := range rows[key{s.Scenario, s.Version, s.Outcome}] {
			cell := p.cell(row)
			known = known && cell.Unknown == "" && cell.ConnTrips > 0
			series.Cells = append(series.Cells, cell)
		}
		if len(series.Cells) == 0 {
			continue
		}
		if law := s.Metrics[tracer.ConnTrips].Law; known {
			if series.Grows = p.Grows(law); series.Grows != "" {
				series.Trips = law.String()
			}
		}
		list = append(list, series)
	}
	return list
}

func (p Pool) cell(row report.Row) Cell {
	c := Cell{N: row.N, ConnTrips: row.ConnTrips, MaxHeld: row.MaxHeld, Unknown: Unknown(row.Counts), Deadlock: p.Deadlock(row.MaxHeld)}
	if c.Unknown == "" && c.ConnTrips > 0 {
		c.Held = math.Trunc(float64(c.ConnTrips)*float64(p.RoundTrip+p.Statement)/1e3) / 1e3 // may be too much for a Duration
		c.PerSecond = p.PerSecond(c.ConnTrips)
		if c.PerSecond >= 0.1 {
			c.PerSecond = math.Trunc(c.PerSecond*10) / 10
		}
	}
	return c
}
