package saturation_test

import (
	"testing"
	"time"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation"
)

func TestQuantilesOf(t *testing.T) {
	// upTo returns 1 to n, in no order.
	upTo := func(n int) []time.Duration {
		values := make([]time.Duration, n)
		for i := range values {
			values[(i*7)%n] = time.Duration(i+1) * time.Millisecond // 7 has no divisor in common with any n below
		}
		return values
	}
	for _, test := range []struct {
		values []time.Duration
		want   saturation.Quantiles
	}{
		{nil, saturation.Quantiles{}},
		{upTo(1), saturation.Quantiles{P50: 1, P95: 1, P99: 1, Max: 1}},
		{upTo(2), saturation.Quantiles{P50: 1, P95: 2, P99: 2, Max: 2}},
		{upTo(20), saturation.Quantiles{P50: 10, P95: 19, P99: 20, Max: 20}},
		{upTo(100), saturation.Quantiles{P50: 50, P95: 95, P99: 99, Max: 100}},
		{upTo(101), saturation.Quantiles{P50: 51, P95: 96, P99: 100, Max: 101}},
	} {
		if got := saturation.QuantilesOf(test.values); got != test.want {
			t.Errorf("of %d values: got %v, want %v", len(test.values), got, test.want)
		}
	}
}

func TestCapacity(t *testing.T) {
	run := put(50)
	run.Measured = 180
	if run.Capacity() != 200 || run.Room() != 1.8 {
		t.Errorf("capacity %v, room %v; want 200 and 1.8", run.Capacity(), run.Room())
	}
	if got := put(50, heldBusy(62.5)).Capacity(); got != 160 {
		t.Errorf("capacity %v when all are in use, want 160", got)
	}
	if got := put(0).Capacity(); got != 0 {
		t.Errorf("capacity %v without a connection", got)
	}
}
