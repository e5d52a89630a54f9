package load

import (
	"context"
	"time"
)

// forever is longer than any load, and half as much again of it is still a duration.
const forever = 1 << 62 / 2

// A pace has requests sent at a fixed rate, however many are unanswered.
type pace struct {
	ctx      context.Context
	interval time.Duration // between two requests
	end      time.Duration // of the attack, from its begin
}

func newPace(ctx context.Context, rate int, end time.Duration) pace {
	return pace{ctx: ctx, interval: time.Second / time.Duration(rate), end: end}
}

// Pace waits until the next request is due. What is late by then is still sent, as long
// as that takes no longer than half as much again.
func (p pace) Pace(elapsed time.Duration, sent uint64) (wait time.Duration, stop bool) {
	due := time.Duration(sent) * p.interval
	if due >= p.end || elapsed > p.end/2*3 {
		return 0, true
	}
	timer := time.NewTimer(due - elapsed)
	defer timer.Stop()
	select {
	case <-p.ctx.Done():
		return 0, true
	case <-timer.C:
		return 0, false
	}
}

// Rate is for plots; there is none.
func (p pace) Rate(time.Duration) float64 { return 0 }
