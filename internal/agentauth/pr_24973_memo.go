package agentauth

import "context"

var pr24973Memo = Version{
	Name:         "pr-24973-memo",
	Summary:      "ours: as pr-24973, and the authorization layer does no read twice in one request",
	JobRule:      systemFastPath,
	Authenticate: authenticatePR24973Memo,
}

func authenticatePR24973Memo(ctx context.Context, l *Layer, claim Claim) (WorkspaceAgent, error) {
	return authenticatePR24973(ctx, l.Remembering(), claim)
}
