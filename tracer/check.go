package tracer

import "context"

// CountChecks wraps authorize, the function that decides whether a subject may
// do an action on an object, so that each call counts as one check in the scope
// of its context. Checks without a scope go to r's [Recorder.Unattributed]; r is
// required. label names the check in reports, for example "read workspace"; it
// must not contain what identifies the object. Queries that authorize runs are
// recorded below the check.
func CountChecks[S, A, O any](
	r *Recorder,
	authorize func(ctx context.Context, subject S, action A, object O) error,
	label func(action A, object O) string,
) func(ctx context.Context, subject S, action A, object O) error {
	return func(ctx context.Context, subject S, action A, object O) error {
		c := r.begin(ctx, event{
			kind:     Check,
			text:     label(action, object),
			identity: checkIdentity(subject, action, object),
		})
		err := authorize(c, subject, action, object)
		if err != nil {
			c.end(Failed)
		} else {
			c.end(Done)
		}
		return err
	}
}
