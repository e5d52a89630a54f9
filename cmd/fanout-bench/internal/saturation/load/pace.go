package load

import (
	"context"
	"time"
)

// A pace has requests sent an interval after each other, however many are unanswered. One
// that is late is still sent, within the time there is for all.
type pace struct {
	ctx      context.Context // it ends with this
	interval time.Duration
	requests int
	within   time.Duration
}

// Pace waits until the next request is due.
func (p pace) Pace(elapsed time.Duration, sent uint64) (wait time.Duration, stop bool) {
	if sent >= uint64(p.requests) || elapsed > p.within {
		return 0, true
	}
	timer := time.NewTimer(time.Duration(sent)*p.interval - elapsed)
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
