package report

import "github.com/fanout-bench/fanout-bench/scenarios/saturation"

// A Saturation is what versions of a path did under the same load.
type Saturation struct {
	Path, Workload string
	N              int
	Means          string // what N counts
	Load           saturation.Load
	Runs           []saturation.Run
}
