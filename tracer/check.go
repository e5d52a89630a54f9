package tracer

import (
	"context"

	"github.com/fanout-bench/fanout-bench/tracer/internal/identity"
)

// CountChecks wraps authorize, the function that decides whether a subject may perform an action
// on an object. Each call counts as one check in the scope of its context, or in
// [Recorder.Unattributed] if there is none. r, label and authorize are required. The result is
// safe for concurrent use if authorize and label are. label names the check in reports, for
// example "read workspace", and must not identify the object. Queries of authorize are recorded
// below the check. An error of authorize is returned unchanged, and the outcome is then
// [OutcomeFailed].
//
// See [CountDecisions] for functions that return a bool, and [Recorder.Check] for other
// signatures.
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

// CountDecisions is [CountChecks] for a function that returns whether the action is allowed.
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

// Check counts one check. Use it for authorization layers that fit neither [CountChecks] nor
// [CountDecisions]: decide with the returned context, then call end with the decision.
//
//	ctx, end := recorder.Check(ctx, "read order", user, "read", order.ID)
//	allowed, err := enforcer.Enforce(user, order.ID, "read")
//	end(allowed && err == nil)
//
// Two checks are the same if their subjects, actions and objects are equal by value. Structs and
// arrays compare by their elements. Values that are not comparable, such as funcs, or that may
// change, such as pointers, maps, slices and structs with a lock, are never equal. To detect
// repeats, pass an ID or a [database/sql/driver.Valuer], whose value is used. Call end once. A
// check without a call of end counts too, as [OutcomeUnfinished].
func (r *Recorder) Check(ctx context.Context, label string, subject, action, object any) (_ context.Context, end func(allowed bool)) {
	return check(ctx, r, label, subject, action, object)
}

func check[S, A, O any](ctx context.Context, r *Recorder, label string, subject S, action A, object O) (context.Context, func(allowed bool)) {
	c, ctx := r.starts(ctx, nil, kindCheck, &start{text: label}, func(string) uint64 {
		return identity.Check(subject, action, object)
	})
	return ctx, func(allowed bool) {
		o := outcomeDone
		if !allowed {
			o = outcomeFailed
		}
		c.settle(o, 0)
	}
}
