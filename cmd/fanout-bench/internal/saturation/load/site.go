package load

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation"
	"github.com/fanout-bench/fanout-bench/internal/pgpool"
	"github.com/fanout-bench/fanout-bench/internal/underload"
	"github.com/fanout-bench/fanout-bench/internal/workload"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

const (
	copies       = 100 // of a workload's situation
	fixtureConns = 4
)

// A Plan says which service to make ready, and in what surroundings.
type Plan struct {
	Server   scenarios.Server
	Path     *scenarios.Path
	Workload workload.Workload
	Version  string
	N        int             // of the workload
	Load     saturation.Load // of it, Pool, Latency and Deadline
}

// A Site is a service that is ready for requests: with a database of its own, and a slow
// network between that and its pool.
type Site struct {
	Service workload.Service
	// Pool is what the service works with. It is traced.
	Pool *pgxpool.Pool

	meter    *underload.Meter
	fixtures *pgxpool.Pool // which no network slows
	recorder *tracer.Recorder
	cleanup  []func() error
}

// Open makes the service of plan ready. It is to be closed even after ctx has ended.
func Open(ctx context.Context, plan Plan) (_ *Site, err error) {
	s := &Site{meter: &underload.Meter{}, recorder: &tracer.Recorder{SkipFrames: plan.Path.SkipFrames}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.release())
		}
	}()
	config, err := plan.Server.Create(ctx, plan.Path.Schema)
	if err != nil {
		return nil, err
	}
	s.cleanup = append(s.cleanup, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		return plan.Server.Drop(ctx, config)
	})
	if s.fixtures, err = pgxpool.NewWithConfig(ctx, pgpool.Pinned(config, fixtureConns)); err != nil {
		return nil, err
	}
	s.cleanup = append(s.cleanup, func() error { return pgpool.Close(s.fixtures) })

	slow := pgpool.Pinned(config, int32(plan.Load.Pool))
	up, down := context.WithCancel(context.Background())
	slow.ConnConfig.DialFunc = underload.Slowed(up, plan.Load.Latency.Duration(), slow.ConnConfig.DialFunc)
	slow.ConnConfig.Tracer = s.meter
	s.recorder.Attach(slow.ConnConfig)
	if s.Pool, err = pgxpool.NewWithConfig(ctx, slow); err != nil {
		down()
		return nil, err
	}
	// Without a network the pool does not wait for the server to confirm that a
	// statement was canceled, which the driver does for up to 15 seconds.
	s.cleanup = append(s.cleanup, func() error {
		down()
		return pgpool.Close(s.Pool)
	})

	env := scenarios.Env{Version: plan.Version, N: plan.N, Pool: s.Pool, Fixtures: s.fixtures, Recorder: s.recorder}
	if s.Service, err = plan.Workload.Setup(ctx, env, copies); err != nil {
		return nil, fmt.Errorf("set up workload %s: %w", plan.Workload.Name, err)
	}
	if len(s.Service.Requests) == 0 {
		return nil, fmt.Errorf("workload %s has no request", plan.Workload.Name)
	}
	return s, nil
}

// Handler answers each request of the service within deadline, and tells observe what it
// took, which is called by many goroutines.
func (s *Site) Handler(deadline time.Duration, observe func(Served)) http.Handler {
	return recorded(s.Service.Handler, deadline, observe)
}

var errStray = errors.New("work outside the measured context; pass the context on to it")

// Close removes the database. No request may be running. It is an error if the service
// did work that belongs to no request, or kept a connection.
func (s *Site) Close() error {
	errs := []error{s.release()}
	for _, stray := range s.recorder.Unattributed() {
		errs = append(errs, fmt.Errorf("%w: %s", errStray, stray))
	}
	return errors.Join(errs...)
}

func (s *Site) release() error {
	var errs []error
	for _, clean := range slices.Backward(s.cleanup) {
		errs = append(errs, clean())
	}
	return errors.Join(errs...)
}

// victim is an unrelated cheap request: one statement on the pool of the service.
func (s *Site) victim() workload.Service {
	return workload.Service{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, err := s.Pool.Exec(r.Context(), "SELECT 1"); err != nil {
				http.Error(w, "internal error", http.StatusInternalServerError)
			}
		}),
		Requests: []workload.Request{{Method: http.MethodGet, Path: "/", Expect: http.StatusOK}},
	}
}
