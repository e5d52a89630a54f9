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
	run := put(65)
	if got := run.HeldPerStatement(); got != 5 {
		t.Errorf("a statement takes %v, want 5ms", got)
	}
	if got := put(50).Capacity(); got != 200 {
		t.Errorf("capacity %v, want 200", got)
	}
	idle := put(0, func(r *saturation.Run) { r.SQL = 0 })
	if idle.Capacity() != 0 || idle.HeldPerStatement() != 0 {
		t.Errorf("without a connection: capacity %v, %v for a statement", idle.Capacity(), idle.HeldPerStatement())
	}
}
