package findings

import (
	"github.com/fanout-bench/fanout-bench/internal/capacity"
	"github.com/fanout-bench/fanout-bench/report"
)

// Capacity describes the effect of f in requests per second, on the pool that reports assume: "at 8
// orders: 620 → 140 requests/s on a pool of 10, 2 ms round trips". It is empty if that is unknown,
// or does not get worse.
func (f Finding) Capacity() string {
	if _, before, after := capacity.Default().Rates(f.Metrics); f.Verdict != report.Worse || after >= before {
		return ""
	}
	return capacity.Default().Change(f.Metrics, f.Unit)
}
