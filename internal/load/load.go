// Package load puts the service of a path under load, with a slow network between its
// pool and the database, and measures what comes of it. It contacts loopback and the
// database server only.
package load

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/scenarios/saturation"
	"github.com/fanout-bench/fanout-bench/tracer"
)

const (
	copies   = 100              // of the workload's situation
	patience = 30 * time.Second // for what is not measured
	atRest   = 5                // requests, one after the other
)

// A Runner puts versions under load. Server has to be reached over TCP.
type Runner struct {
	Server scenarios.Server
	Load   saturation.Load
	N      int // of the workload
}

// Run puts one version of path under load. If ctx ends, it returns what it has as
// Interrupted, together with the error of ctx.
func (r *Runner) Run(ctx context.Context, path *scenarios.Path, workload scenarios.Workload, version string) (_ saturation.Run, err error) {
	config, err := r.Server.Create(ctx, path.Schema)
	if err != nil {
		return saturation.Run{}, err
	}
	defer func() {
		drop, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		err = errors.Join(err, r.Server.Drop(drop, config))
	}()
	fixtures, err := pgxpool.NewWithConfig(ctx, config.Copy())
	if err != nil {
		return saturation.Run{}, err
	}
	defer fixtures.Close()

	host := net.JoinHostPort(config.ConnConfig.Host, strconv.Itoa(int(config.ConnConfig.Port)))
	network, err := newNetwork(host, r.Load.Latency)
	if err != nil {
		return saturation.Run{}, err
	}
	defer network.close()

	recorder, meter := &tracer.Recorder{}, newMeter()
	slow := config.Copy()
	slow.MaxConns, slow.MinConns, slow.MinIdleConns = int32(r.Load.Pool), 0, 0
	slow.ConnConfig.DialFunc = network.dial
	slow.ConnConfig.Tracer = meter
	recorder.Attach(slow.ConnConfig)
	pool, err := pgxpool.NewWithConfig(ctx, slow)
	if err != nil {
		return saturation.Run{}, err
	}
	defer pool.Close()

	service, err := workload.Setup(ctx, scenarios.Env{Version: version, N: r.N, Pool: pool, Fixtures: fixtures, Recorder: recorder}, copies)
	if err != nil {
		return saturation.Run{}, fmt.Errorf("set up workload %s: %w", workload.Name, err)
	}
	s := &site{Runner: r, service: service, meter: meter, deadline: patience}
	url, stop, err := s.listen(ctx)
	if err != nil {
		return saturation.Run{}, err
	}
	defer stop()
	run, err := s.measure(ctx, url)
	run.Version, run.Load = version, r.Load
	if stray := recorder.Unattributed(); err == nil && len(stray) > 0 {
		err = fmt.Errorf("work belongs to no request, as %s: pass the context of the request on to all its work", stray[0].Name)
	}
	return run, err
}

// A site is the service while it is measured.
type site struct {
	*Runner
	service scenarios.Service
	meter   *meter

	mu       sync.Mutex
	deadline time.Duration
	served   []*request
}

// listen serves HTTP until stop is called; all requests end with ctx.
func (s *site) listen(ctx context.Context) (url string, stop func(), err error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("listen on loopback: %w", err)
	}
	server := &http.Server{
		Handler:           http.HandlerFunc(s.serveHTTP),
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: patience,
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // it ends with Close
	}()
	return "http://" + listener.Addr().String(), func() {
		_ = server.Close()
		<-done
	}, nil
}

func (s *site) serveHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	deadline := s.deadline
	s.mu.Unlock()
	served := serve(s.service.Handler, deadline, w, r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.served = append(s.served, served)
}

// phase begins a part of the measurement.
func (s *site) phase(deadline time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deadline, s.served = deadline, nil
	s.meter.reset()
}

func (s *site) measure(ctx context.Context, url string) (saturation.Run, error) {
	requests := s.service.Requests
	next := inTurn(len(requests))
	ignore := func(int, *vegeta.Result) {}

	// Opens the connections and prepares the statements on each.
	attack{pacer: times(4 * s.Load.Pool), next: next, workers: uint64(s.Load.Pool), timeout: patience}.run(ctx, url, requests, ignore)

	s.phase(s.Load.Deadline)
	attack{pacer: times(atRest), next: next, workers: 1, timeout: patience}.run(ctx, url, requests, ignore)
	var run saturation.Run
	for i, served := range s.served {
		if i > 0 && served.cost != s.served[0].cost {
			return run, fmt.Errorf("requests cost different things at rest: %+v and %+v", s.served[0].cost, served.cost)
		}
		run.Cost, run.Status = served.cost, served.status
		run.Held += served.held / atRest
	}
	if ctx.Err() != nil {
		return run, context.Cause(ctx)
	}
	return run, s.load(ctx, url, &run)
}

// load lets clients arrive at the rate of the Load.
func (s *site) load(ctx context.Context, url string, run *saturation.Run) error {
	requests := s.service.Requests
	s.phase(s.Load.Deadline)
	plan := newSchedule(ctx, s.Load.Rate, s.Load.Duration, len(requests))
	run.Statuses = map[int]int{}
	var latencies []time.Duration
	var wrong error
	attack{
		pacer:   plan,
		next:    func() int { return (<-plan.ready).request },
		workers: vegeta.DefaultMaxWorkers,
		timeout: patience,
	}.run(ctx, url, requests, func(i int, r *vegeta.Result) {
		run.Sent++
		run.Statuses[int(r.Code)]++
		latencies = append(latencies, r.Latency)
		if s.Load.Retry > 0 && (r.Code == http.StatusConflict || r.Code == http.StatusInternalServerError) {
			plan.repeat(i, r.End().Add(s.Load.Retry))
		}
		if check := requests[i].Check; check != nil && int(r.Code) == requests[i].Expect && wrong == nil {
			wrong = check(r.Body)
		}
	})
	run.Clients, run.Latency = plan.arrived, saturation.QuantilesOf(latencies)
	run.Interrupted = ctx.Err() != nil
	run.Failures = map[saturation.Cause]int{}
	for _, served := range s.served {
		if served.cause != "" {
			run.Failures[served.cause]++
		}
		if served.status == run.Status && served.cost != run.Cost && wrong == nil {
			wrong = fmt.Errorf("a request cost %+v under load, and %+v at rest", served.cost, run.Cost)
		}
	}
	run.Pool.Destroyed, run.Pool.Wait = s.meter.destroyed, saturation.QuantilesOf(s.meter.waits)
	return wrong
}
