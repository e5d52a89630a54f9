package agentauth

import (
	"context"

	"github.com/google/uuid"
)

var pr25158 = Version{
	Name:         "pr-25158",
	Source:       "https://github.com/coder/coder/pull/25158, closed unmerged",
	Summary:      "as pr-24973, and candidates of earlier builds are dropped before the choice",
	JobRule:      systemFastPath,
	Authenticate: authenticatePR25158,
}

func authenticatePR25158(ctx context.Context, l *Layer, claim Claim) (WorkspaceAgent, error) {
	agents, err := l.WorkspaceAgentsByInstanceID(ctx, claim.InstanceID)
	if err != nil {
		return WorkspaceAgent{}, err
	}
	var (
		candidates []WorkspaceAgent
		latest     = map[uuid.UUID]WorkspaceBuild{} // by workspace
	)
	for _, agent := range agents {
		job, err := jobOfAgent(ctx, l, agent)
		if err != nil {
			return WorkspaceAgent{}, err
		}
		if job.Type != JobWorkspaceBuild {
			continue
		}
		build, err := l.WorkspaceBuildByID(ctx, job.Input.WorkspaceBuildID)
		if err != nil {
			return WorkspaceAgent{}, err
		}
		if _, known := latest[build.WorkspaceID]; !known {
			if latest[build.WorkspaceID], err = l.LatestWorkspaceBuildByWorkspaceID(ctx, build.WorkspaceID); err != nil {
				return WorkspaceAgent{}, err
			}
		}
		if latest[build.WorkspaceID].ID == build.ID {
			candidates = append(candidates, agent)
		}
	}
	i, err := choose(candidates, claim.AgentName)
	if err != nil {
		return WorkspaceAgent{}, err
	}
	return candidates[i], nil
}
