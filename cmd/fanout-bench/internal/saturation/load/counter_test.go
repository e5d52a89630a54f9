package load

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation"
)

func TestCounter(t *testing.T) {
	const ms = time.Millisecond
	begin := time.Now()
	count := newCounter(saturation.Load{Rate: 1, Duration: 2 * time.Second}) // slices of 100 ms
	for _, answer := range []struct {
		due, sent, took time.Duration
		code            uint16
	}{
		{due: 0, sent: 1 * ms, took: 50 * ms, code: 200},
		{due: 90 * ms, sent: 99 * ms, took: 1 * ms, code: 500},              // sent in the first slice, answered in the second
		{due: 1990 * ms, sent: 1990 * ms, took: 5 * ms, code: 0},            // no answer, in the last
		{due: 1995 * ms, sent: 1996 * ms, took: 9 * time.Second, code: 200}, // long after
	} {
		count.add(begin, sending{due: answer.due}, &vegeta.Result{
			Code: answer.code, Timestamp: begin.Add(answer.sent), Latency: answer.took,
		})
	}
	var run saturation.Run
	count.into(&run)
	timeline := make([]saturation.Interval, 21)
	timeline[0] = saturation.Interval{Sent: 2, OK: 1}
	timeline[1] = saturation.Interval{Failed: 1}
	timeline[19] = saturation.Interval{Sent: 2, Failed: 1}
	timeline[20] = saturation.Interval{OK: 1}
	want := saturation.Run{
		Sent:     4,
		Statuses: map[int]int{200: 2, 500: 1, 0: 1},
		Latency:  saturation.Quantiles{P50: 5 * ms, P95: 9 * time.Second, P99: 9 * time.Second, Max: 9 * time.Second},
		Late:     9 * ms,
		Timeline: timeline,
	}
	if diff := cmp.Diff(want, run); diff != "" {
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
