package saturation

import (
	"fmt"
	"time"
)

// These keep a slip of the finger from taking a machine down, or hours.
const (
	maxPool     = 100
	maxRate     = 10_000
	maxDuration = 10 * time.Minute
	maxLatency  = 10 * time.Second
	maxClients  = 100_000
	minRetry    = 10 * time.Millisecond
)

// A Load is what a service is put under.
type Load struct {
	// Pool is how many connections to the database there are.
	Pool int
	// Latency is how long the network takes for one round trip to the database, in
	// whole milliseconds.
	Latency time.Duration
	// Deadline is when the service gives a request up.
	Deadline time.Duration
	// Rate is how many requests a second arrive, however many are unanswered.
	Rate int
	// Duration is for how long they arrive.
	Duration time.Duration
	// Retry is how long a client waits that was answered 409 or 500 before it asks
	// again. Zero: it gives up.
	Retry time.Duration
}

// Check says what about l cannot be.
func (l Load) Check() error {
	if err := l.CheckService(); err != nil {
		return err
	}
	switch {
	case l.Rate < 1 || l.Rate > maxRate:
		return fmt.Errorf("a rate of %d: from 1 to %d requests arrive in a second", l.Rate, maxRate)
	case l.Duration < time.Second || l.Duration > maxDuration:
		return fmt.Errorf("a duration of %v: it takes from %v to %v", l.Duration, time.Second, maxDuration)
	case l.Clients() > maxClients:
		return fmt.Errorf("a rate of %d for %v: at most %d clients arrive", l.Rate, l.Duration, maxClients)
	case l.Deadline > l.Duration:
		return fmt.Errorf("a deadline of %v: requests arrive for %v only, so none could miss it", l.Deadline, l.Duration)
	case l.Retry != 0 && l.Retry < minRetry:
		return fmt.Errorf("a retry after %v: it takes at least %v", l.Retry, minRetry)
	case l.Retry > l.Duration:
		return fmt.Errorf("a retry after %v: requests arrive for %v only, so none would be repeated", l.Retry, l.Duration)
	}
	return nil
}

// CheckService says what about Pool, Latency and Deadline cannot be, which are all that
// matters to a service while nobody puts it under load.
func (l Load) CheckService() error {
	switch {
	case l.Pool < 1 || l.Pool > maxPool:
		return fmt.Errorf("a pool of %d: it has from 1 to %d connections", l.Pool, maxPool)
	case l.Latency < time.Millisecond || l.Latency > maxLatency || l.Latency%time.Millisecond != 0:
		return fmt.Errorf("a latency of %v: a round trip takes whole milliseconds, from 1ms to %v", l.Latency, maxLatency)
	case l.Deadline <= l.Latency:
		return fmt.Errorf("a deadline of %v: not one round trip of %v ends before it", l.Deadline, l.Latency)
	}
	return nil
}

// Clients is how many clients arrive.
func (l Load) Clients() int { return int(l.Duration.Seconds() * float64(l.Rate)) }

// sliceCount is into how many slices a Timeline cuts the time in which clients arrive.
const sliceCount = 20

// VictimRate is how many requests of a victim are sent in a second: so few that they
// take about a hundredth of the pool.
func (l Load) VictimRate() int {
	return min(max(int(float64(l.Pool)/(100*l.Latency.Seconds())), 1), 25)
}

// Slice is the length of a [Slice].
func (l Load) Slice() time.Duration { return l.Duration / sliceCount }

// NewTimeline returns an empty [Run.Timeline].
func NewTimeline() []Slice { return make([]Slice, sliceCount+1) }
