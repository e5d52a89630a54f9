package agentauth

import "context"

var pr24973Text = Version{
	Name:         "pr-24973-text",
	Source:       "https://github.com/coder/coder/pull/24973, as described there; never merged",
	Summary:      "as pr-24973, but each read of a job checks first whether the actor may read the system",
	JobRule:      describedFastPath,
	Authenticate: authenticatePR24973,
}

// describedFastPath exempts a subject that may read the system from the cascade: 0/1.
// Any other subject pays one check more than the cascade.
func describedFastPath(ctx context.Context, l *Layer, job ProvisionerJob) error {
	if err := l.mayReadSystem(ctx); !denied(err) {
		return err
	}
	return cascade(ctx, l, job)
}
