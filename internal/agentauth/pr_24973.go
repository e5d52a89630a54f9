package agentauth

import "context"

var pr24973 = Version{
	Name:         "pr-24973",
	Source:       "https://github.com/coder/coder/pull/24973, as merged on 2026-05-05 (e48d12160f)",
	Summary:      "as rc.3, but the server reads jobs without a check, and fetches nothing again after the choice",
	JobRule:      systemFastPath,
	Authenticate: authenticatePR24973,
}

func authenticatePR24973(ctx context.Context, l *Layer, claim Claim) (WorkspaceAgent, error) {
	agents, err := l.WorkspaceAgentsByInstanceID(ctx, claim.InstanceID)
	if err != nil {
		return WorkspaceAgent{}, err
	}
	var (
		candidates []WorkspaceAgent
		jobs       []ProvisionerJob // of the candidates
	)
	for _, agent := range agents {
		job, err := jobOfAgent(ctx, l, agent)
		if err != nil {
			return WorkspaceAgent{}, err
		}
		if job.Type == JobWorkspaceBuild {
			candidates = append(candidates, agent)
			jobs = append(jobs, job)
		}
	}
	i, err := choose(candidates, claim.AgentName)
	if err != nil {
		return WorkspaceAgent{}, err
	}
	if err := requireLatestBuild(ctx, l, jobs[i]); err != nil {
		return WorkspaceAgent{}, err
	}
	return candidates[i], nil
}
