package agentauth

import (
	"context"
	"net/http"
)

var rc2 = Version{
	Name:         "v2.33.0-rc.2",
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
