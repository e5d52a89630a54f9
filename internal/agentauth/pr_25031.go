package agentauth

import "context"

var pr25031 = Version{
	Name:         "pr-25031",
	Source:       "https://github.com/coder/coder/pull/25031, merged on 2026-05-12",
	Summary:      "one joined query for the agents of live workspaces, then the latest build",
	JobRule:      systemFastPath,
	Authenticate: authenticatePR25031,
}

func authenticatePR25031(ctx context.Context, l *Layer, claim Claim) (WorkspaceAgent, error) {
	found, err := l.WorkspaceBuildAgentsByInstanceID(ctx, claim.InstanceID)
	if err != nil {
		return WorkspaceAgent{}, err
	}
	i, err := choose(agentsOf(found), claim.AgentName)
	if err != nil {
		return WorkspaceAgent{}, err
	}
	latest, err := l.LatestWorkspaceBuildByWorkspaceID(ctx, found[i].WorkspaceID)
	if err != nil {
		return WorkspaceAgent{}, err
	}
	if latest.ID != found[i].BuildID {
		return WorkspaceAgent{}, errRecycled()
	}
	return found[i].WorkspaceAgent, nil
}

func agentsOf(found []BuildAgent) []WorkspaceAgent {
	agents := make([]WorkspaceAgent, len(found))
	for i, a := range found {
		agents[i] = a.WorkspaceAgent
	}
	return agents
}

// WorkspaceBuildAgentsByInstanceID returns the root agents of the instance that a
// build of a live workspace made.
func (q Queries) WorkspaceBuildAgentsByInstanceID(ctx context.Context, instanceID string) ([]BuildAgent, error) {
	return many[BuildAgent](ctx, q, `-- name: WorkspaceBuildAgentsByInstanceID :many
SELECT a.id, a.resource_id, a.parent_id, a.name, a.auth_token, a.auth_instance_id, a.deleted, a.created_at,
    b.id AS build_id, b.workspace_id
FROM workspace_agents a
JOIN workspace_resources r ON r.id = a.resource_id
JOIN provisioner_jobs j ON j.id = r.job_id AND j.type = 'workspace_build'
JOIN workspace_builds b ON b.job_id = j.id
JOIN workspaces w ON w.id = b.workspace_id AND NOT w.deleted
WHERE a.auth_instance_id = $1 AND a.parent_id IS NULL AND NOT a.deleted
ORDER BY a.created_at DESC, a.id`, instanceID)
}
