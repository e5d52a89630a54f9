package agentauth

import "context"

var oneQuery = Version{
	Name:         "one-query",
	Summary:      "ours, the floor: one statement and one check answer everything",
	JobRule:      systemFastPath,
	Authenticate: authenticateOneQuery,
}

func authenticateOneQuery(ctx context.Context, l *Layer, claim Claim) (WorkspaceAgent, error) {
	found, err := l.LatestBuildAgentsByInstanceID(ctx, claim.InstanceID)
	if err != nil {
		return WorkspaceAgent{}, err
	}
	i, err := choose(agentsOf(found), claim.AgentName)
	if err != nil {
		return WorkspaceAgent{}, err
	}
	return found[i].WorkspaceAgent, nil
}

// LatestBuildAgentsByInstanceID returns the root agents of the instance whose
// build is the latest of a live workspace. It asks for everything the other
// versions ask for one by one, also that the job names the build that names it.
func (q Queries) LatestBuildAgentsByInstanceID(ctx context.Context, instanceID string) ([]BuildAgent, error) {
	return many[BuildAgent](ctx, q, `-- name: LatestBuildAgentsByInstanceID :many
SELECT a.id, a.resource_id, a.parent_id, a.name, a.auth_token, a.auth_instance_id, a.deleted, a.created_at,
    b.id AS build_id, b.workspace_id
FROM workspace_agents a
JOIN workspace_resources r ON r.id = a.resource_id
JOIN provisioner_jobs j ON j.id = r.job_id AND j.type = 'workspace_build'
JOIN workspace_builds b ON b.job_id = j.id AND b.id::text = j.input ->> 'workspace_build_id'
JOIN workspaces w ON w.id = b.workspace_id AND NOT w.deleted
WHERE a.auth_instance_id = $1 AND a.parent_id IS NULL AND NOT a.deleted
    AND NOT EXISTS (
        SELECT FROM workspace_builds newer
        WHERE newer.workspace_id = b.workspace_id AND newer.build_number > b.build_number
    )
ORDER BY a.created_at DESC, a.id`, instanceID)
}
