package agentauth

import (
	"context"
	"net/http"
)

var rc2 = Version{
	Name:         Reference,
	Source:       "https://github.com/coder/coder/releases/tag/v2.33.0-rc.2",
	Summary:      "newest agent of the instance; the agent name is ignored",
	JobRule:      cascade,
	Authenticate: authenticateRC2,
}

func authenticateRC2(ctx context.Context, l *Layer, claim Claim) (WorkspaceAgent, error) {
	agent, err := l.WorkspaceAgentByInstanceID(ctx, claim.InstanceID)
	if err != nil {
		return WorkspaceAgent{}, err
	}
	resource, err := l.WorkspaceResourceByID(ctx, agent.ResourceID)
	if err != nil {
		return WorkspaceAgent{}, err
	}
	job, err := l.ProvisionerJobByID(ctx, resource.JobID)
	if err != nil {
		return WorkspaceAgent{}, err
	}
	if job.Type != JobWorkspaceBuild {
		return WorkspaceAgent{}, refusef(http.StatusBadRequest, "The agent of this instance belongs to no workspace.")
	}
	if err := requireLatestBuild(ctx, l, job); err != nil {
		return WorkspaceAgent{}, err
	}
	return agent, nil
}

// WorkspaceAgentByInstanceID returns the newest root agent of the instance.
func (q Queries) WorkspaceAgentByInstanceID(ctx context.Context, instanceID string) (WorkspaceAgent, error) {
	return one[WorkspaceAgent](ctx, q, `-- name: WorkspaceAgentByInstanceID :one
SELECT id, resource_id, parent_id, name, auth_token, auth_instance_id, deleted, created_at
FROM workspace_agents
WHERE auth_instance_id = $1 AND parent_id IS NULL AND NOT deleted
ORDER BY created_at DESC, id
LIMIT 1`, instanceID)
}
