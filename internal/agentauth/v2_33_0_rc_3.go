package agentauth

import "context"

var rc3 = Version{
	Name:         "v2.33.0-rc.3",
	Source:       "https://github.com/coder/coder/pull/24325",
	Summary:      "several agents may share the instance: resource and job of each, then of the chosen one again",
	JobRule:      cascade,
	Authenticate: authenticateRC3,
}

func authenticateRC3(ctx context.Context, l *Layer, claim Claim) (WorkspaceAgent, error) {
	agents, err := l.WorkspaceAgentsByInstanceID(ctx, claim.InstanceID)
	if err != nil {
		return WorkspaceAgent{}, err
	}
	var candidates []WorkspaceAgent
	for _, agent := range agents {
		job, err := jobOfAgent(ctx, l, agent)
		if err != nil {
			return WorkspaceAgent{}, err
		}
		if job.Type == JobWorkspaceBuild {
			candidates = append(candidates, agent)
		}
	}
	i, err := choose(candidates, claim.AgentName)
	if err != nil {
		return WorkspaceAgent{}, err
	}
	job, err := jobOfAgent(ctx, l, candidates[i])
	if err != nil {
		return WorkspaceAgent{}, err
	}
	if err := requireLatestBuild(ctx, l, job); err != nil {
		return WorkspaceAgent{}, err
	}
	return candidates[i], nil
}

// jobOfAgent reads the agent's resource and its job. That
// authorizes the job twice.
func jobOfAgent(ctx context.Context, l *Layer, agent WorkspaceAgent) (ProvisionerJob, error) {
	resource, err := l.WorkspaceResourceByID(ctx, agent.ResourceID)
	if err != nil {
		return ProvisionerJob{}, err
	}
	return l.ProvisionerJobByID(ctx, resource.JobID)
}
