package json

import (
	"io"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
)

// Listing writes the listing as one JSON object.
func Listing(w io.Writer, l view.Listing) error {
	type version struct {
		Name    string `json:"name"`
		Source  string `json:"source,omitempty"`
		Summary string `json:"summary"`
	}
	type scenario struct {
		Name  string `json:"name"`
		Unit  string `json:"unit,omitempty"`
		Means string `json:"means,omitempty"`
		Sweep []int  `json:"sweep,omitempty"`
	}
	type workload struct {
		Name  string `json:"name"`
		Unit  string `json:"unit,omitempty"`
		Means string `json:"means,omitempty"`
		Least int    `json:"least"`
	}
	listing := struct {
		Path      string     `json:"path"`
		Reference string     `json:"reference"`
		Versions  []version  `json:"versions"`
		Scenarios []scenario `json:"scenarios"`
		Workloads []workload `json:"workloads,omitempty"`
	}{Path: l.Path.Name, Reference: l.Path.Reference}
	for _, v := range l.Path.Versions {
		listing.Versions = append(listing.Versions, version(v))
	}
	for _, s := range l.Path.Scenarios {
		row := scenario{Name: s.Name, Unit: s.Unit, Means: s.Means}
		if s.Unit != "" {
			row.Sweep = s.Sweep
		}
		listing.Scenarios = append(listing.Scenarios, row)
	}
	for _, w := range l.Path.Workloads {
		listing.Workloads = append(listing.Workloads, workload{Name: w.Name, Unit: w.Unit, Means: w.Means, Least: w.Least})
	}
	return jsonfile.WriteIndented(w, listing)
}
