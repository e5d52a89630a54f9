package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation/load"
	"github.com/fanout-bench/fanout-bench/internal/postgres/scratch"
	"github.com/fanout-bench/fanout-bench/internal/workload"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// serviceFlags select a service, its pool and network, and the server.
type serviceFlags struct {
	name     string
	workload workload.Workload // of that name
	n        int
	load     saturation.Load // only Pool, Latency and Deadline
	server   serverFlags
}

func (s *serviceFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&s.name, "workload", "saturation", "what clients do, by `name`; see 'fanout-bench list'")
	flags.IntVar(&s.n, "n", 2, "N of the workload")
	flags.IntVar(&s.load.Pool, "pool", 10, "`connections` in the pool")
	s.load.Latency, s.load.Deadline = 4, 500
	flags.Var(&s.load.Latency, "latency", "time of one round trip to PostgreSQL")
	flags.Var(&s.load.Deadline, "deadline", "when the service gives up a request")
	s.server.add(flags)
}

// check validates the flags before anything is started.
func (s *serviceFlags) check(cmd *cobra.Command, c workload.Case) (err error) {
	if s.workload, err = c.Workload(s.name); err != nil {
		return err
	}
	if s.n < s.workload.Least || s.n > maxN {
		return fmt.Errorf("--n %d: workload %s needs N from %d to %d", s.n, s.workload.Name, s.workload.Least, maxN)
	}
	if err := s.load.ValidateService(); err != nil {
		return err
	}
	return s.server.check(cmd.Flags())
}

// plan returns how to make a version of the service ready.
func (s *serviceFlags) plan(path *scenarios.Path, server *scratch.Server, version string) load.Plan {
	return load.Plan{Server: server, Path: path, Workload: s.workload, Version: version, N: s.n, Load: s.load}
}
