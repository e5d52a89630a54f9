package load

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation"
)

func TestCounter(t *testing.T) {
	const ms = time.Millisecond
	got := saturation.Run{Load: saturation.Load{Duration: 2000}} // slices of 100 ms
	count := newCounter(&got, 663*ms)                            // 0, 663, 1326 and 1989 ms
	for _, answer := range []vegeta.Result{
		{Timestamp: count.begin.Add(99 * ms), Latency: 1 * ms, Code: 500},              // sent in the first slice, answered in the second
		{Timestamp: count.begin.Add(663 * ms), Latency: 30 * ms, Code: 200, Seq: 1},    // on time
		{Timestamp: count.begin.Add(1990 * ms), Latency: 5 * ms, Code: 0, Seq: 3},      // no answer, in the last
		{Timestamp: count.begin.Add(1996 * ms), Latency: 9000 * ms, Code: 200, Seq: 2}, // long after
	} {
		count.add(&answer)
	}
	if late := slices.Max(count.late); late != 670*ms {
		t.Errorf("up to %v late, want 670ms", late)
	}
	timeline := make([]saturation.Interval, 21)
	timeline[0] = saturation.Interval{Sent: 1}
	timeline[1] = saturation.Interval{Failed: 1}
	timeline[6] = saturation.Interval{Sent: 1, OK: 1}
	timeline[19] = saturation.Interval{Sent: 2, Failed: 1}
	timeline[20] = saturation.Interval{OK: 1}
	want := saturation.Run{
		Load: got.Load, Sent: 4, OK: 2, Failed: 2, Statuses: map[int]int{200: 2, 500: 1, 0: 1},
		Timeline: timeline,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestPerSecond(t *testing.T) {
	at := func(ms ...int) []time.Time {
		var ends []time.Time
		for _, m := range ms {
			ends = append(ends, time.Unix(0, 0).Add(time.Duration(m)*time.Millisecond))
		}
		return ends
	}
	for _, test := range []struct {
		name    string
		ends    []time.Time
		clients int
		want    float64
	}{
		{"nothing", nil, 2, 0},
		{"too few rounds", at(100, 100, 200, 200), 2, 0},
		{"in step", at(100, 100, 200, 200, 300, 300), 2, 20},
		{"in turn", at(100, 150, 200, 250, 300, 350), 2, 20},
		{"in no order", at(350, 250, 100, 300, 150, 200), 2, 20},
		{"the last round is slow", at(100, 100, 200, 200, 300, 900), 2, 20},
		{"a round is incomplete", at(100, 100, 200, 200, 300, 300, 400), 2, 20},
	} {
		if got := perSecond(test.ends, test.clients); got != test.want {
			t.Errorf("%s: %v requests a second, want %v", test.name, got, test.want)
		}
	}
}
