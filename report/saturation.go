package report

import (
	"slices"

	"github.com/fanout-bench/fanout-bench/scenarios/saturation"
)

// A Saturation is what versions of a path did under the same load.
type Saturation struct {
	Path, Workload string
	N              int
	Means          string // what N counts
	Load           saturation.Load
	Runs           []saturation.Run
}

// busiest is the most requests that any version answered, or failed, in one interval of the
// load. What came after it is longer than that.
func (s Saturation) busiest() int {
	most := 0
	for _, run := range s.Runs {
		for _, interval := range run.Timeline[:max(len(run.Timeline)-1, 0)] {
			most = max(most, interval.OK, interval.Failed)
		}
	}
	return most
}

// otherStatuses are those of run for which the table has no column, in order.
func otherStatuses(run saturation.Run) []int {
	var list []int
	for status := range run.Statuses {
		if status != 200 && status != 500 {
			list = append(list, status)
		}
	}
	slices.Sort(list)
	return list
}
