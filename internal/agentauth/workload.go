package agentauth

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/workload"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// A crowd is many machines in the same situation. Their agents authenticate.
type crowd struct {
	situation
	all bool // of the agents; else one request, as the situation has it
}

func crowds() []crowd {
	own := crowd{situationNamed("agents"), true}
	own.name, own.means = "saturation", "agents of each machine, all of which authenticate"
	return []crowd{own, {situationNamed("rebuilds"), false}}
}

func situationNamed(name string) situation {
	return situations[slices.IndexFunc(situations, func(s situation) bool { return s.name == name })]
}

func (c crowd) workload(versions []Version) workload.Workload {
	return workload.Workload{
		Name: c.name, Unit: c.unit, Counting: c.means, Least: c.least,
		Setup: func(ctx context.Context, env scenarios.Env, copies int) (workload.Service, error) {
			handler, signer, err := subject(env, versions)
			if err != nil {
				return workload.Service{}, err
			}
			mux := http.NewServeMux()
			mux.Handle("POST "+Route, handler)
			service := workload.Service{Handler: mux}
			for range copies {
				requests, err := c.machine(ctx, env, signer)
				if err != nil {
					return workload.Service{}, err
				}
				service.Requests = append(service.Requests, requests...)
			}
			return service, nil
		},
	}
}

// machine stores one machine and returns the requests of its agents.
func (c crowd) machine(ctx context.Context, env scenarios.Env, signer *Signer) ([]workload.Request, error) {
	w := newWorld()
	c.store(w, env.N)
	if err := w.store(ctx, env.Fixtures); err != nil {
		return nil, err
	}
	names := []string{c.agentName}
	for i := 2; c.all && i <= env.N; i++ {
		names = append(names, numbered("agent", i))
	}
	var requests []workload.Request
	for _, name := range names {
		outcome := c.expect(env.Version, env.N)
		if c.all && env.Version != rc2.Name { // which ignores the name
			outcome = "200 " + name
		}
		status, agent, _ := strings.Cut(outcome, " ")
		expect, err := strconv.Atoi(status)
		if err != nil {
			return nil, err
		}
		body, err := json.Marshal(signer.Request(w.instanceID, name))
		if err != nil {
			return nil, err
		}
		request := workload.Request{Method: http.MethodPost, Path: Route, Body: body, Expect: expect}
		if agent != "" {
			request.Check = func(answer []byte) error {
				holder, err := w.holder(answer)
				if err == nil && holder != agent {
					err = errors.New("the session token belongs to another agent")
				}
				return err
			}
		}
		requests = append(requests, request)
	}
	return requests, nil
}
