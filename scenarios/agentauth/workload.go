package agentauth

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/fanout-bench/fanout-bench/scenarios"
)

// saturated is many machines with n agents each, all of which authenticate.
func saturated(versions []Version) scenarios.Workload {
	return scenarios.Workload{
		Name:  "saturation",
		Unit:  "agent",
		Means: "agents of each machine, all of which authenticate",
		Least: 1,
		Setup: func(ctx context.Context, env scenarios.Env, copies int) (scenarios.Service, error) {
			version, auth, err := subject(env, versions)
			if err != nil {
				return scenarios.Service{}, err
			}
			signer, err := sharedSigner()
			if err != nil {
				return scenarios.Service{}, err
			}
			mux := http.NewServeMux()
			mux.Handle("POST "+Route, NewHandler(version, Queries{env.Pool}, auth, signer.Certificate))
			service := scenarios.Service{Handler: mux}
			for range copies {
				w := newWorld()
				ownResources(w, env.N)
				if err := w.store(ctx, env.Fixtures); err != nil {
					return scenarios.Service{}, err
				}
				for i := 1; i <= env.N; i++ {
					name := numbered("agent", i)
					request, err := signer.Request(w.instanceID, name)
					if err != nil {
						return scenarios.Service{}, err
					}
					body, err := json.Marshal(request)
					if err != nil {
						return scenarios.Service{}, err
					}
					service.Requests = append(service.Requests, scenarios.Request{
						Method: http.MethodPost, Path: Route, Body: body,
						Expect: http.StatusOK,
						Check:  w.tokenOf(entitled(version, name)),
					})
				}
			}
			return service, nil
		},
	}
}

// entitled returns the agent whose token version hands out to the one called name.
func entitled(version Version, name string) string {
	if version.Name == rc2.Name {
		return numbered("agent", 1) // it ignores the name, and this one is the newest
	}
	return name
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
