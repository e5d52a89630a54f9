package agentauth

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A situation is the state of the database that a request for a session token meets.
type situation struct {
	name  string
	unit  string // of N; empty: there is no N
	means string // what N counts, if the unit is not enough
	least int
	// agentName is sent with the request, if not empty.
	agentName string
	// store adds n units to the world.
	store func(w *world, n int)
	// spoil makes the request invalid. If it is nil, the request must reach the database.
	spoil func(*AuthRequest)
	// expect returns the outcome for each version.
	expect func(version string, n int) string
}

// Agent-1 always gets the token: the newest of those that qualify. Expected outcomes
// that look wrong are the published behavior of the version: rc.2 ignores the agent
// name and does not see an ambiguity; all but the last versions ask for a name even if
// the other candidates are stale.
var situations = []situation{
	{
		name: "agents", unit: "agent", means: "agents, each on a resource of its own", least: 1, agentName: "agent-1",
		store:  ownResources,
		expect: always("200 agent-1"),
	},
	{
		name: "agents-one-resource", unit: "agent", means: "agents on one resource", least: 1, agentName: "agent-1",
		store: func(w *world, n int) {
			resource := w.resource(w.build(w.workspace(), "start"))
			for i := n; i >= 1; i-- {
				w.agent(resource, numbered("agent", i), numbered("agent", i))
			}
		},
		expect: always("200 agent-1"),
	},
	{
		name: "agents-unnamed", unit: "agent", means: "agents, each on a resource of its own", least: 1,
		store: ownResources,
		expect: func(version string, n int) string {
			if n == 1 || version == rc2.Name {
				return "200 agent-1"
			}
			return "409"
		},
	},
	{
		name: "agents-across-workspaces", unit: "workspace", means: "workspaces with an agent each", least: 1, agentName: "main",
		store: func(w *world, n int) {
			for i := n; i >= 1; i-- {
				w.agent(w.resource(w.build(w.workspace(), "start")), "main", numbered("agent", i))
			}
		},
		expect: always("200 agent-1"),
	},
	{
		name: "rebuilds", unit: "earlier build", means: "earlier builds that left their agents", least: 0,
		store: func(w *world, n int) { rebuilt(w, n) },
		expect: func(version string, n int) string {
			if n == 0 || version == rc2.Name || version == pr25158.Name || version == oneQuery.Name {
				return "200 agent-1"
			}
			return "409"
		},
	},
	{
		// The state after builds since https://github.com/coder/coder/pull/25207 (2026-05-18).
		name: "rebuilds-marked-deleted", unit: "earlier build", means: "earlier builds, the agents of which are marked deleted", least: 0,
		store: func(w *world, n int) {
			for _, agent := range rebuilt(w, n) {
				w.deleteAgent(agent)
			}
		},
		expect: always("200 agent-1"),
	},
	{
		name: "template-agents", unit: "template agent", means: "newer agents of template imports", least: 0,
		store: func(w *world, n int) {
			ws := w.workspace()
			w.agent(w.resource(w.build(ws, "start")), "main", "agent-1")
			for i := range n {
				w.agent(w.resource(w.templateImport(ws.template)), "main", numbered("template-agent", i+1))
			}
		},
		expect: func(version string, n int) string {
			if n > 0 && version == rc2.Name {
				return "404" // the newest agent belongs to no workspace
			}
			return "200 agent-1"
		},
	},
	{
		name: "sub-agents", unit: "sub-agent", means: "sub-agents", least: 0,
		store: func(w *world, n int) {
			resource := w.resource(w.build(w.workspace(), "start"))
			root := w.agent(resource, "main", "agent-1")
			for i := range n {
				name := numbered("sub-agent", i+1)
				w.agentOf(resource, uuid.NullUUID{UUID: root, Valid: true}, w.instanceID, name, name)
			}
		},
		expect: always("200 agent-1"),
	},
	{
		name: "recycled",
		store: func(w *world, _ int) {
			ws := w.workspace()
			w.agent(w.resource(w.build(ws, "start")), "main", "agent-1")
			w.agentOf(w.resource(w.build(ws, "start")), uuid.NullUUID{}, "i-"+uuid.NewString(), "main", "agent-2")
		},
		expect: func(version string, _ int) string {
			switch version {
			case pr25158.Name, oneQuery.Name:
				return "404" // the stale candidate is dropped, and none is left
			}
			return "400"
		},
	},
	{
		name:   "unknown",
		store:  func(*world, int) {},
		expect: always("404"),
	},
	{
		name: "deleted-workspace",
		store: func(w *world, _ int) {
			ws := w.workspace()
			w.agent(w.resource(w.build(ws, "start")), "main", "agent-1")
			w.build(ws, "delete")
			w.markDeleted(ws)
		},
		expect: func(version string, _ int) string {
			switch version {
			case pr25158.Name, pr25031.Name, oneQuery.Name:
				return "404"
			}
			return "400"
		},
	},
	{
		name: "bad-signature",
		store: func(w *world, _ int) {
			w.agent(w.resource(w.build(w.workspace(), "start")), "main", "agent-1")
		},
		spoil:  func(r *AuthRequest) { r.Document += " " },
		expect: always("401"),
	},
}

// ownResources stores n agents, each on a resource of its own.
func ownResources(w *world, n int) {
	job := w.build(w.workspace(), "start")
	for i := n; i >= 1; i-- {
		w.agent(w.resource(job), numbered("agent", i), numbered("agent", i))
	}
}

// rebuilt stores a workspace of n+1 builds with an agent each, and returns the agents
// of the earlier n.
func rebuilt(w *world, n int) (earlier []uuid.UUID) {
	ws := w.workspace()
	for i := n + 1; i >= 1; i-- {
		earlier = append(earlier, w.agent(w.resource(w.build(ws, "start")), "main", numbered("agent", i)))
	}
	return earlier[:n]
}

func numbered(name string, i int) string { return fmt.Sprintf("%s-%d", name, i) }

func always(outcome string) func(string, int) string {
	return func(string, int) string { return outcome }
}

func (s situation) scenario(versions []Version) scenarios.Scenario {
	return scenarios.Scenario{
		Name:     s.name,
		Unit:     s.unit,
		Counting: s.means,
		Sweep:    slices.DeleteFunc([]int{0, 1, 2, 3, 4, 8, 16}, func(n int) bool { return n < s.least }),
		Idle:     s.spoil != nil,
		Setup: func(ctx context.Context, env scenarios.Env) (scenarios.Operation, error) {
			handler, signer, err := subject(env, versions)
			if err != nil {
				return scenarios.Operation{}, err
			}
			w := newWorld()
			s.store(w, env.N)
			if err := w.store(ctx, env.Fixtures); err != nil {
				return scenarios.Operation{}, err
			}
			request := signer.Request(w.instanceID, s.agentName)
			if s.spoil != nil {
				s.spoil(&request)
			}
			e := &exchange{handler: handler, world: w}
			handler.Failed = func(err error) { e.failure = err }
			e.body, err = json.Marshal(request)
			return scenarios.Operation{Run: e.run, Outcome: e.outcome, Expect: s.expect(env.Version, env.N)}, err
		},
	}
}

// auditorJobRead covers the other side of the system fast path: every other actor must
// pay the cascade, and this one is denied.
func auditorJobRead(versions []Version) scenarios.Scenario {
	return scenarios.Scenario{
		Name: "auditor-job-read",
		Setup: func(ctx context.Context, env scenarios.Env) (scenarios.Operation, error) {
			handler, _, err := subject(env, versions)
			if err != nil {
				return scenarios.Operation{}, err
			}
			w := newWorld()
			job := w.build(w.workspace(), "start")
			if err := w.store(ctx, env.Fixtures); err != nil {
				return scenarios.Operation{}, err
			}
			auditor := Subject{ID: uuid.New(), Role: RoleAuditor}
			var readErr error
			return scenarios.Operation{
				Run: func(ctx context.Context) error {
					_, readErr = handler.layer.ProvisionerJobByID(WithActor(ctx, auditor), job)
					return nil
				},
				Outcome: func(context.Context) (string, error) {
					switch {
					case readErr == nil:
						return "read", nil
					case denied(readErr):
						return "denied", nil
					}
					return "", readErr
				},
				Expect: "denied",
			}, nil
		},
	}
}

// subject returns a handler of the measured version, with counted checks, and the signer
// of its requests.
func subject(env scenarios.Env, versions []Version) (*Handler, *Signer, error) {
	i := slices.IndexFunc(versions, func(v Version) bool { return v.Name == env.Version })
	if i < 0 {
		return nil, nil, fmt.Errorf("no version %q", env.Version)
	}
	authorize, err := casbinAuthorizer()
	if err != nil {
		return nil, nil, err
	}
	signer, err := sharedSigner()
	if err != nil {
		return nil, nil, err
	}
	counting := tracer.CountChecks(env.Recorder, authorize, CheckLabel)
	return NewHandler(versions[i], Queries{env.Pool}, counting, signer.Certificate), signer, nil
}
