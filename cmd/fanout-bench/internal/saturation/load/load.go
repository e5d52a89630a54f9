// Package load puts the service of a path under load, with a slow network between its
// pool and the database, and measures what comes of it. It contacts loopback and the
// database server only.
package load

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"sync"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation"
	"github.com/fanout-bench/fanout-bench/internal/machine"
	"github.com/fanout-bench/fanout-bench/internal/underload"
	"github.com/fanout-bench/fanout-bench/internal/workload"
)

// Run makes the service of plan ready, and measures it at rest, at its limit and under
// the Load of the plan. What it returns is complete unless there is an error. If ctx
// ends, it returns what it has as Interrupted, and the cause.
func Run(ctx context.Context, plan Plan) (_ saturation.Run, err error) {
	m := &measurement{Plan: plan, run: saturation.Run{Version: plan.Version, Load: plan.Load}}
	if m.site, err = Open(ctx, plan); err != nil {
		return m.run, err
	}
	for _, phase := range []func(context.Context) error{m.warmUp, m.look, m.atRest, m.busy, m.atLimit, m.underLoad, m.look} {
		if err = phase(ctx); err != nil {
			break
		}
		if ctx.Err() != nil {
			m.run.Interrupted, err = true, context.Cause(ctx)
			break
		}
	}
	m.run.Judge()
	return m.run, errors.Join(err, m.site.Close())
}

// A measurement fills a Run, phase by phase.
type measurement struct {
	Plan
	site *Site
	run  saturation.Run
}

// attack sends requests of the site, with so many clients and at no pace.
func (m *measurement) attack(ctx context.Context, requests int, within time.Duration, clients int, answered func(workload.Request, *vegeta.Result)) ([]Served, error) {
	return attack(ctx, m.site.Service, patience, pace{ctx: ctx, requests: requests, within: within}, uint64(clients), answered)
}

// warmUp opens the connections and prepares the statements on each.
func (m *measurement) warmUp(ctx context.Context) error {
	_, err := m.attack(ctx, 2*m.Load.Pool, patience, m.Load.Pool, func(workload.Request, *vegeta.Result) {})
	return err
}

// look notes what else the machine has to do.
func (m *measurement) look(ctx context.Context) error {
	check, err := machine.Look(ctx, func(ctx context.Context) error {
		_, err := m.site.fixtures.Exec(ctx, "SELECT 1")
		return err
	})
	m.run.Machine = append(m.run.Machine, check)
	if ctx.Err() != nil {
		err = nil // Run tells of that
	}
	return err
}

// atRest measures what a request costs by sending a few, one after the other.
func (m *measurement) atRest(ctx context.Context) error {
	const count = 5
	var wrong error
	served, err := m.attack(ctx, count, patience, 1, func(request workload.Request, r *vegeta.Result) {
		wrong = errors.Join(wrong, checked(request, r, true))
	})
	if err = errors.Join(err, wrong); err != nil || ctx.Err() != nil {
		return err
	}
	if len(served) < count {
		return fmt.Errorf("a request takes so long that in %v only %d could be measured; lower the latency", patience, len(served))
	}
	var held []time.Duration
	for _, r := range served {
		if r.Cost != served[0].Cost {
			return fmt.Errorf("requests cost different things at rest: %+v and %+v", served[0].Cost, r.Cost)
		}
		m.run.Cost, m.run.Status = r.Cost, r.Status
		held = append(held, r.Held)
	}
	m.run.Held = saturation.QuantilesOf(held).P50
	return nil
}

// checked returns what is wrong with an answer, which may also have another status than
// the one that is expected, unless there is time enough for it.
func checked(request workload.Request, r *vegeta.Result, unhurried bool) error {
	switch {
	case int(r.Code) == request.Expect && request.Check != nil:
		return request.Check(r.Body)
	case int(r.Code) == request.Expect || !unhurried:
		return nil
	case r.Code == 0:
		return fmt.Errorf("a request at rest was not answered within %v", patience)
	default:
		return fmt.Errorf("a request at rest was answered %d, and not %d", r.Code, request.Expect)
	}
}

// busy measures for how long a request holds connections while all of them are in use, and
// none is waited for unless requests come together.
func (m *measurement) busy(ctx context.Context) error {
	served, err := m.saturated(ctx, m.Load.Pool, func(workload.Request, *vegeta.Result) {})
	m.run.HeldBusy = meanHeld(served)
	return err
}

// meanHeld returns for how long each of served held connections, on average.
func meanHeld(served []Served) saturation.Milliseconds {
	if len(served) == 0 {
		return 0
	}
	var held time.Duration
	for _, r := range served {
		held += r.Held
	}
	return saturation.InMilliseconds(held / time.Duration(len(served)))
}

// saturated has so many clients send, each as soon as it is answered.
func (m *measurement) saturated(ctx context.Context, clients int, answered func(workload.Request, *vegeta.Result)) ([]Served, error) {
	const long = time.Second
	capacity := m.run.Capacity()
	if capacity == 0 {
		return nil, nil
	}
	rounds := max(int(capacity*long.Seconds())/clients, 2) + 2
	return m.attack(ctx, rounds*clients, 3*long, clients, answered)
}

// atLimit measures how many requests a second are answered if there are more clients
// than connections, each of which sends as soon as it is answered.
func (m *measurement) atLimit(ctx context.Context) error {
	clients := (3*m.Load.Pool + 1) / 2
	var ends []time.Time
	_, err := m.saturated(ctx, clients, func(_ workload.Request, r *vegeta.Result) {
		if int(r.Code) == m.run.Status {
			ends = append(ends, r.End())
		}
	})
	m.run.Measured = perSecond(ends, clients)
	return err
}

// perSecond returns how many requests of so many clients ended in a second, between the
// first round and the last. Clients that start together may end together, so that only
// whole rounds can be compared; and in the last one, some have stopped sending. It
// returns 0 if there are too few.
func perSecond(ends []time.Time, clients int) float64 {
	slices.SortFunc(ends, time.Time.Compare)
	first, last := clients, len(ends)/clients*clients-clients
	if last <= first {
		return 0
	}
	rate := float64(last-first) / ends[last-1].Sub(ends[first-1]).Seconds()
	return math.Round(rate*1000) / 1000
}

// underLoad lets clients arrive at the rate of the Load, with the victim beside them.
func (m *measurement) underLoad(ctx context.Context) error {
	ofVictim, stop := context.WithCancel(ctx)
	defer stop()
	m.site.meter.Begin()
	var (
		beside sync.WaitGroup
		failed error
	)
	beside.Go(func() { failed = m.victim(ctx, ofVictim) })
	err := m.clients(ctx)
	stop()
	beside.Wait()
	pool := m.site.meter.End()
	m.run.Pool = saturation.PoolUse{
		Acquires: pool.Acquires, Empty: pool.Empty, Canceled: pool.Canceled,
		Wait: saturation.QuantilesOf(pool.Waits), Destroyed: pool.Destroyed, Opened: pool.Opened,
	}
	return errors.Join(err, failed)
}

func (m *measurement) clients(ctx context.Context) error {
	interval, duration := time.Second/time.Duration(m.Load.Rate), m.Load.Duration.Duration()
	steady := pace{
		ctx: ctx, interval: interval, within: duration / 2 * 3,
		requests: int((duration + interval - 1) / interval),
	}
	count := newCounter(&m.run, interval)
	var wrong error
	served, err := attack(ctx, m.site.Service, m.Load.Deadline.Duration(), steady, vegeta.DefaultMaxWorkers, func(request workload.Request, r *vegeta.Result) {
		count.add(r)
		if wrong == nil {
			wrong = checked(request, r, false)
		}
	})
	m.run.Latency = saturation.QuantilesOf(count.latencies)
	m.run.Late = saturation.InMilliseconds(machine.Late(count.late))
	return errors.Join(err, wrong, m.spent(served))
}

// spent takes what requests under load went through, of which those that are answered
// as at rest have to cost the same.
func (m *measurement) spent(served []Served) error {
	m.run.Failures = map[underload.Cause]int{}
	for _, cause := range underload.Causes() {
		m.run.Failures[cause] = 0 // which is shown too
	}
	var alike []Served
	for _, r := range served {
		if r.Cause != "" {
			m.run.Failures[r.Cause]++
		}
		if r.Status != m.run.Status {
			continue
		}
		if r.Cost != m.run.Cost {
			return fmt.Errorf("a request cost %+v under load, and %+v at rest", r.Cost, m.run.Cost)
		}
		alike = append(alike, r)
	}
	m.run.HeldUnderLoad = meanHeld(alike)
	m.run.Unseen = max(0, m.run.Sent-len(served))
	return nil
}

// victim sends the requests of a victim until beside ends, and lets those end then that
// are under way.
func (m *measurement) victim(ctx, beside context.Context) error {
	victim, latencies := &m.run.Victim, []time.Duration{}
	steady := pace{ctx: beside, interval: time.Second / time.Duration(m.Load.VictimRate()), requests: math.MaxInt, within: math.MaxInt64}
	_, err := attack(ctx, m.site.victim(), m.Load.Deadline.Duration(), steady, vegeta.DefaultMaxWorkers, func(_ workload.Request, r *vegeta.Result) {
		victim.Sent++
		if r.Code == http.StatusOK {
			victim.OK++
		}
		latencies = append(latencies, r.Latency)
	})
	victim.Latency = saturation.QuantilesOf(latencies)
	return err
}
