package saturation

import (
	"fmt"
	"math"
)

// These keep a slip of the finger from taking a machine down, or hours.
const (
	maxPool     = 100
	maxRate     = 10_000
	minDuration = Milliseconds(1000)
	maxDuration = Milliseconds(10 * 60 * 1000)
	maxLatency  = Milliseconds(10 * 1000)
	maxClients  = 100_000
)

// A Load is what a service is put under. It has no defaults: all fields are
// required, see [Load.Validate].
type Load struct {
	// Pool is how many connections to the database there are.
	Pool int `json:"pool"`
	// Latency is how long the network takes for one round trip to the database, in
	// whole milliseconds.
	Latency Milliseconds `json:"latency_ms"`
	// Deadline is when the service gives a request up.
	Deadline Milliseconds `json:"deadline_ms"`
	// Rate is how many requests a second arrive, however many are unanswered.
	Rate int `json:"rate"`
	// Duration is for how long they arrive.
	Duration Milliseconds `json:"duration_ms"`
}

// Validate returns an error that says which field of l cannot be as it is, or nil. What is
// allowed: 1 to 100 connections, 1 to 10,000 requests a second and 100,000 in all, a
// duration of 1 second to 10 minutes, what [Load.ValidateService] allows, and a deadline within the
// duration.
func (l Load) Validate() error {
	if err := l.ValidateService(); err != nil {
		return err
	}
	switch {
	case l.Rate < 1 || l.Rate > maxRate:
		return fmt.Errorf("a rate of %d: from 1 to %d requests arrive in a second", l.Rate, maxRate)
	case l.Duration < minDuration || l.Duration > maxDuration:
		return fmt.Errorf("a duration of %v: it takes from %v to %v", l.Duration, minDuration, maxDuration)
	case l.clients() > maxClients:
		return fmt.Errorf("a rate of %d for %v: at most %d clients arrive", l.Rate, l.Duration, maxClients)
	case l.Deadline > l.Duration:
		return fmt.Errorf("a deadline of %v: requests arrive for %v only, so none could miss it", l.Deadline, l.Duration)
	}
	return nil
}

// ValidateService is [Load.Validate] for Pool, Latency and Deadline, which are all that
// matters to a service while nobody puts it under load. Latency takes whole milliseconds,
// from one to 10 seconds, and Deadline longer than that.
func (l Load) ValidateService() error {
	switch {
	case l.Pool < 1 || l.Pool > maxPool:
		return fmt.Errorf("a pool of %d: it has from 1 to %d connections", l.Pool, maxPool)
	case l.Latency < 1 || l.Latency > maxLatency || float64(l.Latency) != math.Trunc(float64(l.Latency)):
		return fmt.Errorf("a latency of %v: a round trip takes whole milliseconds, from 1ms to %v", l.Latency, maxLatency)
	case l.Deadline <= l.Latency:
		return fmt.Errorf("a deadline of %v: not one round trip of %v ends before it", l.Deadline, l.Latency)
	}
	return nil
}

// clients is how many arrive.
func (l Load) clients() int { return int(float64(l.Duration) / 1000 * float64(l.Rate)) }

// intervals is into how many a Timeline cuts the time in which clients arrive.
const intervals = 20

// VictimRate is how many requests of a victim are sent in a second: so few that they
// take about a hundredth of the pool.
func (l Load) VictimRate() int {
	return min(max(int(10*float64(l.Pool)/float64(l.Latency)), 1), 25)
}

// IntervalLength is for how long an [Interval] of the load takes.
func (l Load) IntervalLength() Milliseconds { return l.Duration / intervals }

// NewTimeline returns a [Run.Timeline] in which nothing has happened yet.
func NewTimeline() []Interval { return make([]Interval, intervals+1) }

// An Interval is a part of the time that the load took.
type Interval struct {
	Sent   int `json:"sent"`   // requests sent in it
	OK     int `json:"ok"`     // answered in it with 200
	Failed int `json:"failed"` // answered in it otherwise, or not at all
}
