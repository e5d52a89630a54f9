package saturation_test

import (
	"testing"
	"time"

	"github.com/fanout-bench/fanout-bench/scenarios/saturation"
)

func TestQuantilesOf(t *testing.T) {
	// upTo returns 1 to n, in no order.
	upTo := func(n int) []time.Duration {
		values := make([]time.Duration, n)
		for i := range values {
			values[(i*7)%n] = time.Duration(i + 1) // 7 has no divisor in common with any n below
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

func TestRunSums(t *testing.T) {
	run := put(65*ms, func(r *saturation.Run) { r.Statuses = map[int]int{200: 300, 409: 100, 500: 90, 0: 10} })
	if run.OK() != 300 || run.Failed() != 200 {
		t.Errorf("%d ok and %d failed, want 300 and 200", run.OK(), run.Failed())
	}
	if got := run.HeldPerStatement(); got != 5*ms {
		t.Errorf("a statement takes %v, want 5ms", got)
	}
	if got := put(50 * ms).Capacity(); got != 200 {
		t.Errorf("capacity %v, want 200", got)
	}
	idle := put(0, func(r *saturation.Run) { r.Cost.SQL = 0 })
	if idle.Capacity() != 0 || idle.HeldPerStatement() != 0 {
		t.Errorf("without a connection: capacity %v, %v for a statement", idle.Capacity(), idle.HeldPerStatement())
	}
	if got := (saturation.Victim{Sent: 5, OK: 3}).Failed(); got != 2 {
		t.Errorf("%d victims failed, want 2", got)
	}
}

func TestRates(t *testing.T) {
	for _, test := range []struct {
		name        string
		sent        func(slice int) int // slices of 250 ms
		first, last float64
		growing     bool
	}{
		{"steady", func(int) int { return 25 }, 100, 100, false},
		{"growing", func(i int) int { return 25 + 25*(i/4) }, 100, 500, true},
		{"just growing", func(i int) int { return 20 + 10*(i/16) }, 80, 120, true},
		{"just not", func(i int) int { return 20 + 9*(i/16) }, 80, 116, false},
		{"a bump in the middle", func(i int) int { return 25 + 100*(i/8%2) }, 100, 100, false},
	} {
		run := put(60*ms, func(r *saturation.Run) {
			r.Timeline = saturation.NewTimeline()
			for i := range r.Timeline {
				r.Timeline[i].Sent = test.sent(i)
			}
			r.Timeline[len(r.Timeline)-1].Sent = 1000 // what comes after the load does not count
		})
		if first, last := run.Rates(); first != test.first || last != test.last || run.Growing() != test.growing {
			t.Errorf("%s: %v/s at first, %v/s at the end, growing: %t", test.name, first, last, run.Growing())
		}
	}
	var none saturation.Run
	none.Load = offered
	if first, last := none.Rates(); first != 0 || last != 0 || none.Growing() {
		t.Errorf("without a timeline: %v, %v, growing: %t", first, last, none.Growing())
	}
}
