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
		b := start{text: label(action, object)}
		b.locate(ctx, nil, kindCheck)
		if b.scope != nil {
			b.identity = checkIdentity(subject, action, object)
		}
		c := r.begin(nil, &b)
		err := authorize(c.carried(ctx), subject, action, object)
		o := outcomeDone
		if err != nil {
			o = outcomeFailed
		}
		c.settle(o, 0)
		return err
	}
}
