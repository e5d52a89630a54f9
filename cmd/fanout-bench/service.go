package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation"
	"github.com/fanout-bench/fanout-bench/internal/workload"
)

// serviceFlags select a service and its pool and network.
type serviceFlags struct {
	workload string
	n        int
	load     saturation.Load // only Pool, Latency and Deadline
}

func (s *serviceFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&s.workload, "workload", "saturation", "what clients do, by `name`; see 'fanout-bench list'")
	flags.IntVar(&s.n, "n", 2, "N of the workload")
	flags.IntVar(&s.load.Pool, "pool", 10, "`connections` in the pool")
	s.load.Latency, s.load.Deadline = 4, 500
	flags.Var(&s.load.Latency, "latency", "time of one round trip to PostgreSQL")
	flags.Var(&s.load.Deadline, "deadline", "when the service gives up a request")
}

// check validates the flags before anything is started.
func (s *serviceFlags) check(c workload.Case) (workload.Workload, error) {
	workload, err := c.Workload(s.workload)
	if err != nil {
		return workload, err
	}
	if s.n < workload.Least || s.n > maxN {
		return workload, fmt.Errorf("--n %d: workload %s needs N from %d to %d", s.n, workload.Name, workload.Least, maxN)
	}
	return workload, s.load.ValidateService()
}
