package load

import (
	"net/http"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation"
)

// A counter sums up in a run the answers that clients get.
type counter struct {
	run       *saturation.Run
	begin     time.Time
	interval  time.Duration // between two requests
	latencies []time.Duration
	late      []time.Duration
}

func newCounter(run *saturation.Run, interval time.Duration) *counter {
	run.Statuses, run.Timeline = map[int]int{}, saturation.NewTimeline()
	return &counter{run: run, begin: time.Now(), interval: interval}
}

func (c *counter) add(r *vegeta.Result) {
	sent, end := r.Timestamp.Sub(c.begin), r.End().Sub(c.begin)
	c.run.Sent++
	c.run.Statuses[int(r.Code)]++
	c.latencies = append(c.latencies, r.Latency)
	c.late = append(c.late, sent-time.Duration(r.Seq)*c.interval)
	c.at(sent).Sent++
	if r.Code == http.StatusOK {
		c.run.OK++
		c.at(end).OK++
	} else {
		c.run.Failed++
		c.at(end).Failed++
	}
}

func (c *counter) at(since time.Duration) *saturation.Interval {
	i := int(saturation.InMilliseconds(since) / c.run.Load.IntervalLength())
	return &c.run.Timeline[min(i, len(c.run.Timeline)-1)]
}
