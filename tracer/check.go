package tracer

import (
	"context"

	"github.com/fanout-bench/fanout-bench/tracer/internal/identity"
)

// CountChecks wraps authorize, the function that decides whether a subject may
// do an action on an object, so that each call counts as one check in the scope
// of its context. Checks without a scope go to r's [Recorder.Unattributed]. All three
// are required, and must be safe for concurrent use if the result is to be. label names
// the check in reports, for example "read workspace"; it must not contain what
// identifies the object. Queries that authorize runs are recorded below the check. An
// error of authorize, whatever it is, is returned as it is, and the check is [OutcomeFailed].
//
// See [CountDecisions] for functions that return a bool, and [Recorder.Check] for
// those of another shape.
func CountChecks[S, A, O any](
	r *Recorder,
	authorize func(ctx context.Context, subject S, action A, object O) error,
	label func(action A, object O) string,
) func(ctx context.Context, subject S, action A, object O) error {
	return func(ctx context.Context, subject S, action A, object O) error {
		ctx, end := check(ctx, r, label(action, object), subject, action, object)
		err := authorize(ctx, subject, action, object)
		end(err == nil)
		return err
	}
}

// CountDecisions is [CountChecks] for a function that returns whether it is allowed.
func CountDecisions[S, A, O any](
	r *Recorder,
	decide func(ctx context.Context, subject S, action A, object O) (bool, error),
	label func(action A, object O) string,
) func(ctx context.Context, subject S, action A, object O) (bool, error) {
	return func(ctx context.Context, subject S, action A, object O) (bool, error) {
		ctx, end := check(ctx, r, label(action, object), subject, action, object)
		allowed, err := decide(ctx, subject, action, object)
		end(allowed && err == nil)
		return allowed, err
	}
}

// Check counts one check, and is for authorization layers that neither [CountChecks]
// nor [CountDecisions] fits: decide under the returned context, then call end with the
// decision.
//
//	ctx, end := recorder.Check(ctx, "read order", user, "read", order.ID)
//	allowed, err := enforcer.Enforce(user, order.ID, "read")
//	end(allowed && err == nil)
//
// Two checks with equal subjects, actions and objects are the same. They are compared
// by value, of structs and arrays by what they hold. What cannot be compared, such as a
// func, is never the same as anything; nor is what others may be changing: a struct that
// has a lock, and what a pointer, a map or a slice leads to. To have repeats found, give
// values such as an ID, or a [database/sql/driver.Valuer], which is asked for one. Call end
// once; a check whose end is not called counts too, as [OutcomeUnfinished].
func (r *Recorder) Check(ctx context.Context, label string, subject, action, object any) (_ context.Context, end func(allowed bool)) {
	return check(ctx, r, label, subject, action, object)
}

func check[S, A, O any](ctx context.Context, r *Recorder, label string, subject S, action A, object O) (context.Context, func(allowed bool)) {
	b := start{text: label}
	b.locate(ctx, kindCheck)
	if b.scope != nil {
		b.identity = identity.Check(subject, action, object)
	}
	c := r.begin(nil, &b, nil)
	return c.carried(ctx), func(allowed bool) {
		o := outcomeDone
		if !allowed {
			o = outcomeFailed
		}
		c.settle(o, 0)
	}
}
