package load

import (
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation"
)

// A counter sums up answers as clients get them.
type counter struct {
	interval  time.Duration
	sent      int
	statuses  map[int]int
	latencies []time.Duration
	late      time.Duration
	timeline  []saturation.Interval
}

func newCounter(l saturation.Load) *counter {
	return &counter{interval: l.IntervalLength(), statuses: map[int]int{}, timeline: saturation.NewTimeline()}
}

// add adds the answer to s, of an attack that began at begin.
func (c *counter) add(begin time.Time, s sending, r *vegeta.Result) {
	c.sent++
	c.statuses[int(r.Code)]++
	c.latencies = append(c.latencies, r.Latency)
	sent, end := r.Timestamp.Sub(begin), r.End().Sub(begin)
	c.late = max(c.late, sent-s.due)
	c.at(sent).Sent++
	if r.Code == 200 {
		c.at(end).OK++
	} else {
		c.at(end).Failed++
	}
}

func (c *counter) at(since time.Duration) *saturation.Interval {
	return &c.timeline[min(int(since/c.interval), len(c.timeline)-1)]
}

// into stores what was counted.
func (c *counter) into(run *saturation.Run) {
	run.Sent, run.Statuses, run.Late, run.Timeline = c.sent, c.statuses, c.late, c.timeline
	run.Latency = saturation.QuantilesOf(c.latencies)
}
