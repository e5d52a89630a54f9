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
