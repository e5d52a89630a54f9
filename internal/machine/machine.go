// Package machine tells whether a machine has so much else to do that times measured on it
// say nothing.
package machine

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// A Check is a look at the machine while nothing is measured on it.
type Check struct {
	// Others is the share of all CPU time that something else took. Negative: this system
	// does not tell.
	Others float64 `json:"others_cpu"`
	// Spread is by how much one in ten calibration queries was slower than the fastest, or
	// more, in milliseconds.
	Spread float64 `json:"query_spread_ms"`
}

const (
	window  = 300 * time.Millisecond // in which nothing is done
	queries = 30

	// MostOthers is the share of CPU that others may have.
	MostOthers = 0.25
	// MostLate is by how much 99 of 100 requests may be sent too late.
	MostLate = 10 * time.Millisecond
)

// Look takes about half a second. query is something short that the server does at once.
func Look(ctx context.Context, query func(context.Context) error) (Check, error) {
	c := Check{Others: -1}
	before := cpu()
	timer := time.NewTimer(window)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return c, context.Cause(ctx)
	case <-timer.C:
	}
	if after := cpu(); after.all > before.all {
		c.Others = float64(after.busy-before.busy) / float64(after.all-before.all)
	}
	took := make([]time.Duration, 0, queries)
	for range queries {
		begin := time.Now()
		if err := query(ctx); err != nil {
			return c, fmt.Errorf("calibrate with a query: %w", err)
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	c.Spread = float64((took[queries*9/10] - took[0]).Microseconds()) / 1000
	return c, nil
}

// Busy says in which way the machine is too busy for round trips of so long, and is empty if
// it is not known to be.
func (c Check) Busy(roundTrip time.Duration) string {
	switch {
	case c.Others > MostOthers:
		return fmt.Sprintf("others take %.0f %% of its CPUs", 100*c.Others)
	case c.Spread > float64(roundTrip)/float64(2*time.Millisecond):
		return fmt.Sprintf("one in ten queries takes %.1f ms more than the fastest, beside round trips of %v", c.Spread, roundTrip)
	}
	return ""
}

func (c Check) String() string {
	if c.Others < 0 {
		return "unknown"
	}
	return fmt.Sprintf("%.0f %% CPU", 100*c.Others)
}

// Late returns by how much 99 of 100 requests were sent too late at most. It sorts late.
func Late(late []time.Duration) time.Duration {
	if len(late) == 0 {
		return 0
	}
	slices.Sort(late)
	return late[(99*len(late)+99)/100-1]
}
