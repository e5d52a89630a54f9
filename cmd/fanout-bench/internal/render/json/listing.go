package json

import (
	"io"

	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
	"github.com/fanout-bench/fanout-bench/internal/workload"
)

// Listing writes what there is to measure in path as one JSON object.
func Listing(w io.Writer, path workload.Case) error {
	type version struct {
		Name    string `json:"name"`
		Source  string `json:"source,omitempty"`
		Summary string `json:"summary"`
	}
	type scenario struct {
		Name     string `json:"name"`
		Unit     string `json:"unit,omitempty"`
		Counting string `json:"counting,omitempty"`
		Sweep    []int  `json:"sweep,omitempty"`
	}
	type workload struct {
		Name     string `json:"name"`
		Unit     string `json:"unit,omitempty"`
		Counting string `json:"counting,omitempty"`
		Least    int    `json:"least"`
	}
	listing := struct {
		Path      string     `json:"path"`
		Reference string     `json:"reference"`
		Versions  []version  `json:"versions"`
		Scenarios []scenario `json:"scenarios"`
		Workloads []workload `json:"workloads,omitempty"`
	}{Path: path.Name, Reference: path.Reference}
	for _, v := range path.Versions {
		listing.Versions = append(listing.Versions, version(v))
	}
	for _, s := range path.Scenarios {
		row := scenario{Name: s.Name, Unit: s.Unit, Counting: s.Counting}
		if s.Unit != "" {
			row.Sweep = s.Sweep
		}
		listing.Scenarios = append(listing.Scenarios, row)
	}
	for _, w := range path.Workloads {
		listing.Workloads = append(listing.Workloads, workload{Name: w.Name, Unit: w.Unit, Counting: w.Counting, Least: w.Least})
	}
	return jsonfile.WriteIndented(w, listing)
}
