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

// jobOfAgent reads the agent's resource and the job that made it, which
// authorizes the job twice.
func jobOfAgent(ctx context.Context, l *Layer, agent WorkspaceAgent) (ProvisionerJob, error) {
	resource, err := l.WorkspaceResourceByID(ctx, agent.ResourceID)
	if err != nil {
		return ProvisionerJob{}, err
	}
	return l.ProvisionerJobByID(ctx, resource.JobID)
}

// WorkspaceAgentsByInstanceID returns all root agents of the instance.
func (q Queries) WorkspaceAgentsByInstanceID(ctx context.Context, instanceID string) ([]WorkspaceAgent, error) {
	return many[WorkspaceAgent](ctx, q, `-- name: WorkspaceAgentsByInstanceID :many
SELECT id, resource_id, parent_id, name, auth_token, auth_instance_id, deleted, created_at
FROM workspace_agents
WHERE auth_instance_id = $1 AND parent_id IS NULL AND NOT deleted
ORDER BY created_at DESC, id`, instanceID)
}
