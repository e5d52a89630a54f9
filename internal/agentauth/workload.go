package agentauth

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/workload"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// A crowd is many machines in the same situation, whose agents authenticate.
type crowd struct {
	situation
	// asking returns the agent names that the requests of one machine carry.
	asking func(n int) []string
	// expect replaces that of the situation, as the outcome depends on who asks.
	expect func(version, agentName string, n int) string
}

func crowds() []crowd {
	own, left := situationNamed("agents"), situationNamed("rebuilds")
	own.name, own.means = "saturation", "agents of each machine, all of which authenticate"
	return []crowd{
		{
			situation: own,
			asking: func(n int) []string {
				var names []string
				for i := 1; i <= n; i++ {
					names = append(names, numbered("agent", i))
				}
				return names
			},
			expect: func(version, agentName string, _ int) string {
				if version == rc2.Name {
					return "200 agent-1" // it ignores the name, and this one is the newest
				}
				return "200 " + agentName
			},
		},
		{
			situation: left,
			asking:    func(int) []string { return []string{left.agentName} },
			expect:    func(version, _ string, n int) string { return left.expect(version, n) },
		},
	}
}

func situationNamed(name string) situation {
	for _, s := range situations {
		if s.name == name {
			return s
		}
	}
	panic("agentauth: no situation is called " + name)
}

func (c crowd) workload(versions []Version) workload.Workload {
	return workload.Workload{
		Name: c.name, Unit: c.unit, Counting: c.means, Least: c.least,
		Setup: func(ctx context.Context, env scenarios.Env, copies int) (workload.Service, error) {
			version, auth, err := subject(env, versions)
			if err != nil {
				return workload.Service{}, err
			}
			signer, err := sharedSigner()
			if err != nil {
				return workload.Service{}, err
			}
			mux := http.NewServeMux()
			mux.Handle("POST "+Route, NewHandler(version, Queries{env.Pool}, auth, signer.Certificate))
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

// machine stores one machine and returns what its agents send.
func (c crowd) machine(ctx context.Context, env scenarios.Env, signer *Signer) ([]workload.Request, error) {
	w := newWorld()
	c.store(w, env.N)
	if err := w.store(ctx, env.Fixtures); err != nil {
		return nil, err
	}
	var requests []workload.Request
	for _, name := range c.asking(env.N) {
		signed, err := signer.Request(w.instanceID, name)
		if err != nil {
			return nil, err
		}
		body, err := json.Marshal(signed)
		if err != nil {
			return nil, err
		}
		status, agent, _ := strings.Cut(c.expect(env.Version, name, env.N), " ")
		expect, err := strconv.Atoi(status)
		if err != nil {
			return nil, err
		}
		request := workload.Request{Method: http.MethodPost, Path: Route, Body: body, Expect: expect}
		if agent != "" {
			request.Check = w.tokenOf(agent)
		}
		requests = append(requests, request)
	}
	return requests, nil
}

// tokenOf returns a check that an answer holds the session token of the agent that
// outcomes call label.
func (w *world) tokenOf(label string) func([]byte) error {
	return func(raw []byte) error {
		var body AuthResponse
		if err := json.Unmarshal(raw, &body); err != nil {
			return err
		}
		if w.labels[body.SessionToken] != label {
			return errors.New("the session token is that of another agent")
		}
		return nil
	}
}
