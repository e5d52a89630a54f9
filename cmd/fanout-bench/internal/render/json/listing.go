package json

import (
	"io"

	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
	"github.com/fanout-bench/fanout-bench/internal/workload"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// Listing writes what there is to measure in path as one JSON object.
func Listing(w io.Writer, path workload.Case) error {
	type scenario struct {
		Name     string `json:"name"`
		Unit     string `json:"unit,omitempty"`
		Counting string `json:"counting,omitempty"`
		Sweep    []int  `json:"sweep,omitempty"`
	}
	listing := struct {
		Path      string              `json:"path"`
		Reference string              `json:"reference"`
		Versions  []scenarios.Version `json:"versions"`
		Scenarios []scenario          `json:"scenarios"`
		Workloads []workload.Workload `json:"workloads,omitempty"`
	}{Path: path.Name, Reference: path.Reference, Versions: path.Versions, Workloads: path.Workloads}
	for _, s := range path.Scenarios {
		row := scenario{Name: s.Name, Unit: s.Unit, Counting: s.Counting}
		if s.Unit != "" {
			row.Sweep = s.Sweep
		}
		listing.Scenarios = append(listing.Scenarios, row)
	}
	return jsonfile.WriteIndented(w, listing)
}
