package main

import (
	"context"
	"errors"
	"os"
	"slices"
	"sync/atomic"

	"github.com/fanout-bench/fanout-bench/internal/agentauth"
	"github.com/fanout-bench/fanout-bench/internal/workload"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// planted lists commands that measure a changed built-in case.
var planted = map[string]func() workload.Case{
	"planted-read":  func() workload.Case { return patched(plantRead) },
	"planted-check": func() workload.Case { return patched(plantCheck) },
	"planted-saved": func() workload.Case { return patched(plantSaving) },
	"planted-once":  func() workload.Case { return patched(plantOnce) },
	"without-memo": func() workload.Case {
		versions := slices.DeleteFunc(agentauth.Versions(), func(v agentauth.Version) bool { return v.Name == "pr-24973-memo" })
		return agentauth.CaseOf(versions)
	},
	"ends-otherwise": func() workload.Case { return shop("no such order", "SELECT 1") },
	"other-text":     func() workload.Case { return shop("ok", `SELECT "::error::x" FROM (SELECT 1) AS t ("::error::x")`) },
	"shop":           func() workload.Case { return shop("ok", "SELECT 1") },
	"unstable":       unstable,
}

// commands returns the programs of the scripts.
func commands() map[string]func() {
	all := map[string]func(){"fanout-bench": main}
	for name, path := range planted {
		all[name] = func() { os.Exit(run(path(), os.Args[1:], os.Stdout, os.Stderr)) }
	}
	return all
}

// A loop is what a patched pr-24973 does for each agent, and after.
type loop struct {
	each func(ctx context.Context, l *agentauth.Layer, a agentauth.WorkspaceAgent) error
	once func(ctx context.Context, l *agentauth.Layer, a agentauth.WorkspaceAgent) error
	// trusting omits the check that the build is the latest.
	trusting bool
}

var (
	plantRead  = loop{each: readWorkspace}
	plantCheck = loop{each: checkSystem}
	plantOnce  = loop{once: readWorkspace}
	// plantSaving grows faster and begins lower, which small N hide.
	plantSaving = loop{each: readWorkspace, trusting: true}
)

func readWorkspace(ctx context.Context, l *agentauth.Layer, a agentauth.WorkspaceAgent) error {
	_, err := l.WorkspaceByAgentID(ctx, a.ID)
	return err
}

// checkSystem costs one check and nothing else, because it is denied.
func checkSystem(ctx context.Context, l *agentauth.Layer, _ agentauth.WorkspaceAgent) error {
	ctx = agentauth.WithActor(ctx, agentauth.Subject{Role: agentauth.RoleAuditor})
	if _, err := l.WorkspaceAgentsByInstanceID(ctx, "none"); err == nil {
		return errors.New("an auditor may read the system")
	}
	return nil
}

// patched is the built-in case with a pr-24973 that does more.
func patched(work loop) workload.Case {
	versions := agentauth.Versions()
	i := slices.IndexFunc(versions, func(v agentauth.Version) bool { return v.Name == "pr-24973" })
	versions[i].Authenticate = work.authenticate
	return agentauth.CaseOf(versions)
}

func (w loop) authenticate(ctx context.Context, l *agentauth.Layer, claim agentauth.Claim) (agentauth.WorkspaceAgent, error) {
	var none agentauth.WorkspaceAgent
	agents, err := l.WorkspaceAgentsByInstanceID(ctx, claim.InstanceID)
	if err != nil {
		return none, err
	}
	var (
		chosen agentauth.WorkspaceAgent
		job    agentauth.ProvisionerJob
	)
	for _, agent := range agents {
		resource, err := l.WorkspaceResourceByID(ctx, agent.ResourceID)
		if err != nil {
			return none, err
		}
		found, err := l.ProvisionerJobByID(ctx, resource.JobID)
		if err != nil {
			return none, err
		}
		if w.each != nil {
			if err := w.each(ctx, l, agent); err != nil {
				return none, err
			}
		}
		if agent.Name == claim.AgentName {
			chosen, job = agent, found
		}
	}
	if w.once != nil {
		if err := w.once(ctx, l, chosen); err != nil {
			return none, err
		}
	}
	if w.trusting {
		return chosen, nil
	}
	build, err := l.WorkspaceBuildByID(ctx, job.Input.WorkspaceBuildID)
	if err != nil {
		return none, err
	}
	_, err = l.LatestWorkspaceBuildByWorkspaceID(ctx, build.WorkspaceID)
	return chosen, err
}

// shop is a path with one statement.
func shop(outcome, sql string) workload.Case {
	return onePath(func(ctx context.Context, env scenarios.Env) error {
		_, err := env.Pool.Exec(ctx, sql)
		return err
	}, outcome)
}

// unstable counts differently each time.
func unstable() workload.Case {
	var runs atomic.Int64
	return onePath(func(ctx context.Context, env scenarios.Env) error {
		for range runs.Add(1) {
			if _, err := env.Pool.Exec(ctx, "SELECT 1"); err != nil {
				return err
			}
		}
		return nil
	}, "ok")
}

func onePath(work func(context.Context, scenarios.Env) error, outcome string) workload.Case {
	return workload.Case{Path: &scenarios.Path{
		Name:     "shop",
		ReadOnly: true,
		Versions: []scenarios.Version{{Name: "v1"}},
		Scenarios: []scenarios.Scenario{{
			Name: "order",
			Setup: func(_ context.Context, env scenarios.Env) (scenarios.Operation, error) {
				return scenarios.Operation{
					Run:     func(ctx context.Context) error { return work(ctx, env) },
					Outcome: func(context.Context) (string, error) { return outcome, nil },
					Expect:  outcome,
				}, nil
			},
		}},
	}}
}

// undeclared has an undeclared outcome. Keep it at the end: the README shows line numbers of above.
func undeclared() workload.Case {
	c := onePath(func(ctx context.Context, env scenarios.Env) error {
		_, err := env.Pool.Exec(ctx, "SELECT 1")
		return err
	}, "ok")
	setup := c.Path.Scenarios[0].Setup
	c.Path.Scenarios[0].Setup = func(ctx context.Context, env scenarios.Env) (scenarios.Operation, error) {
		op, err := setup(ctx, env)
		op.Outcome = func(context.Context) (string, error) { return "500 \x1b[31m", nil }
		return op, err
	}
	return c
}

func init() { planted["undeclared"] = undeclared }
