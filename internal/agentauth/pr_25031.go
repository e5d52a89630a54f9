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
