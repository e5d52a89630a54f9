package fanouttest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/internal/capacity"
	"github.com/fanout-bench/fanout-bench/internal/machine"
	"github.com/fanout-bench/fanout-bench/internal/strays"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/internal/underload"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Saturate has run, which is one request, arrive as load says, and tells in the log of the
// test what came of it: how many were answered, why others failed, how long they took, what
// the pool went through, and how many requests a second it has room for by the counts, beside
// how many it carried. run passes ctx on to all of its work, and returns an error if the
// result is not what it should be. It is called some times before the load, one after the
// other.
//
// The test fails if the counts make it certain that load.Sustains cannot be kept up, or if a
// request fails with an error that no deadline explains. It never fails because a machine is
// slow: times are told and not judged, and where the machine cannot keep the pace or others
// use it, the test is skipped, with the reason.
func Saturate(t TB, load *Load, run func(ctx context.Context) error) {
	t.Helper()
	if err := load.check(); err != nil {
		t.Fatalf("fanouttest: %v", err)
	}
	t.Cleanup(load.down) // or the pool would wait for canceled statements
	before := beside.Strays(load.Recorder)
	s := saturation{Load: load, run: run, failures: map[underload.Cause]int{}}
	if err := s.measure(t.Context()); err != nil {
		t.Fatalf("fanouttest: %v", err)
	}
	if found := beside.StraysSince(load.Recorder, before, nil); len(found) > 0 {
		outside, late := strays.Texts(found)
		t.Fatalf("fanouttest: work outside of the context that the request gets, so that its counts say too little; pass ctx on, and wait for it: %s",
			term.Printable(strings.Join(append(outside, late...), "; "), 0))
	}
	t.Logf("%s", s.report())
	room := s.room()
	switch {
	case load.Sustains == 0:
	case s.least.unknown() != "":
		t.Fatalf("fanouttest: how long a request needs connections is not known: %s", s.least.unknown())
	case s.least.trips > 0 && room < float64(load.Sustains):
		t.Errorf("fanouttest: has to sustain %d requests/s and cannot: a request takes connections for %s, for which %v has room %s times a second",
			load.Sustains, term.Count(s.least.trips, "round trip", "round trips"), load.pool(), capacity.Rate(room))
		return
	}
	if s.failures[underload.OtherCause] > 0 {
		t.Errorf("fanouttest: %s failed with an error that no deadline explains: %s",
			term.Count(s.failures[underload.OtherCause], "request", "requests"), term.Printable(s.other.Error(), 0))
	} else if invalid := s.invalid(); invalid != "" {
		t.Skipf("fanouttest: invalid: %s", invalid)
	}
}

// restRuns are those at rest that count, after one to warm up.
const restRuns = 3

// cost is what a request takes from the pool.
type cost struct {
	counts tracer.Counts
	trips  int // for which it holds connections
	// elsewhere says that it also acquires connections from other pools, whose round trips are
	// among trips.
	elsewhere bool
}

func (c cost) unknown() string {
	if c.elsewhere {
		return "some connections come from another pool"
	}
	return capacity.Unknown(c.counts)
}

// A saturation is what came of a Load.
type saturation struct {
	*Load
	run func(ctx context.Context) error

	least    cost // of the requests that were answered
	checks   []machine.Check
	late     []time.Duration
	pool     underload.Pool
	took     time.Duration // from the first request to the last answer
	other    error         // the first that no deadline explains
	rest     time.Duration // for which a request held connections
	answered int
	held     time.Duration // of those answered, in total

	mu        sync.Mutex // guards what follows while requests are under way
	latencies []time.Duration
	failures  map[underload.Cause]int
}

func (s *saturation) measure(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, s.direct)
	if err != nil {
		return fmt.Errorf("connect beside the pool: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if err := s.atRest(ctx); err != nil {
		return err
	}
	look := func() error {
		check, err := machine.Look(ctx, func(ctx context.Context) error { return conn.Ping(ctx) })
		s.checks = append(s.checks, check)
		return err
	}
	if err := look(); err != nil {
		return err
	}
	s.meter.Begin()
	begin := time.Now()
	s.late = underload.Pace(ctx, time.Second/time.Duration(s.Rate), s.requests(), func() { s.request(ctx) })
	s.took = time.Since(begin)
	s.pool = s.meter.End()
	return look()
}

// atRest runs the request some times, one after the other.
func (s *saturation) atRest(ctx context.Context) error {
	for i := range 1 + restRuns {
		request, recording, err := s.once(ctx)
		if err != nil {
			return fmt.Errorf("a request alone fails: %w", err)
		}
		c := s.cost(request, recording)
		if i == 1 || i > 1 && c.trips < s.least.trips {
			s.least = c
		}
		if i == 1 || request.Held < s.rest {
			s.rest = request.Held
		}
	}
	return nil
}

func (s *saturation) once(ctx context.Context) (underload.Request, tracer.Recording, error) {
	var request underload.Request
	ctx, scope := tracer.Start(request.Context(ctx), "request")
	err := s.run(ctx)
	return s.meter.Of(&request), scope.End(), err
}

// cost returns what a request took. One that lost its context, as behind tracer.Join, is not
// known to the meter, and is believed to use the pool. Round trips that were made at the same time,
// of which nobody knows how many connections they had, are taken for one after the other on one
// connection.
func (s *saturation) cost(r underload.Request, recording tracer.Recording) cost {
	counts := recording.Counts()
	c := cost{counts: counts, trips: counts.ConnTrips, elsewhere: r.Acquires > 0 && r.Acquires != counts.Acquires}
	if s.Concurrent {
		c.trips = min(c.trips, counts.RoundTrips)
	}
	return c
}

// request is one of the load.
func (s *saturation) request(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, s.Deadline)
	defer cancel()
	begin := time.Now()
	request, recording, err := s.once(ctx)
	took := time.Since(begin)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.latencies = append(s.latencies, took)
	if err != nil {
		late := ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) || pgconn.Timeout(err)
		cause := underload.CauseOf(recording, late)
		if late && cause == underload.OtherCause {
			cause = underload.QueryCanceled // between two statements
		}
		if s.failures[cause]++; cause == underload.OtherCause && s.other == nil {
			s.other = err
		}
		return
	}
	s.answered++
	s.held += request.Held
	if c := s.cost(request, recording); c.trips < s.least.trips {
		s.least = c
	}
}

// room is how many requests a second there is room for at most, by the counts.
func (s *saturation) room() float64 {
	if s.least.trips == 0 {
		return 0
	}
	return s.Load.pool().PerSecond(s.least.trips)
}

// invalid says why what happened says nothing about the service, if there is a reason.
func (s *saturation) invalid() string {
	if len(s.late) < s.requests() {
		return fmt.Sprintf("only %d of %d requests were sent", len(s.late), s.requests())
	}
	if late := machine.Late(s.late); late > machine.MostLate {
		return fmt.Sprintf("this machine cannot keep the pace: one in a hundred requests was sent %v late", late.Round(time.Millisecond))
	}
	for _, check := range s.checks {
		if busy := check.Busy(s.RoundTrip); busy != "" {
			return "this machine is too busy: " + busy
		}
	}
	return ""
}

func (s *saturation) report() string {
	failed := len(s.latencies) - s.answered
	var b strings.Builder
	fmt.Fprintf(&b, "fanouttest: %d requests/s for %v on %v, deadline %v\n", s.Rate, s.Duration, s.Load.pool(), s.Deadline)
	fmt.Fprintf(&b, "  answered    %d, failed %d: %d without a connection in time, %d with a statement canceled, %d otherwise\n",
		s.answered, failed, s.failures[underload.AcquireTimedOut], s.failures[underload.QueryCanceled], s.failures[underload.OtherCause])
	fmt.Fprintf(&b, "  latency     %s\n", quantiles(s.latencies))
	fmt.Fprintf(&b, "  pool        %d acquires, %d waited, %d gave up; wait %s; %s destroyed\n",
		s.pool.Acquires, s.pool.Empty, s.pool.Canceled, quantiles(s.pool.Waits), term.Count(s.pool.Destroyed, "connection", "connections"))
	predicted := "no limit: a request needs no connection"
	if unknown := s.least.unknown(); unknown != "" {
		predicted = "not known: " + unknown
	} else if s.least.trips > 0 {
		held := s.rest
		if s.answered > 0 {
			held = s.held / time.Duration(s.answered)
		}
		predicted = fmt.Sprintf("room for %s requests/s by the counts, connections for %s",
			capacity.Rate(s.room()), term.Count(s.least.trips, "round trip", "round trips"))
		if held > 0 {
			predicted += fmt.Sprintf("; %s as long as they were held, for %v",
				capacity.Rate(float64(s.Connections)/held.Seconds()), held.Round(100*time.Microsecond))
		}
	}
	fmt.Fprintf(&b, "  predicted   %s\n", predicted)
	fmt.Fprintf(&b, "  carried     %s requests/s of %d offered", capacity.Rate(float64(s.answered)/max(s.took, s.Duration).Seconds()), s.Rate)
	if deadlock := s.Load.pool().Deadlock(s.least.counts.MaxHeld); deadlock > 0 && !s.Concurrent {
		fmt.Fprintf(&b, "\n  deadlock    a request holds %d connections at once; %s at once can block each other for ever",
			s.least.counts.MaxHeld, term.Count(deadlock, "caller", "callers"))
	}
	return b.String()
}

// quantiles sorts values.
func quantiles(values []time.Duration) string {
	if len(values) == 0 {
		return "none"
	}
	slices.Sort(values)
	at := func(percent int) time.Duration {
		return values[(percent*len(values)+99)/100-1].Round(100 * time.Microsecond)
	}
	return fmt.Sprintf("p50 %v, p99 %v, most %v", at(50), at(99), at(100))
}
