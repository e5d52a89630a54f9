package fanouttest_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/fanout-bench/fanout-bench/fanouttest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// printing is a *testing.T that prints its messages.
type printing struct{}

func (printing) Cleanup(func())                    {}
func (printing) Context() context.Context          { return context.Background() }
func (printing) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
func (printing) Failed() bool                      { return false }
func (printing) Fatalf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
func (printing) Helper()                           {}
func (printing) Logf(format string, args ...any)   { fmt.Printf(format+"\n", args...) }
func (printing) Name() string                      { return "TestListOrders" }
func (printing) Skipf(format string, args ...any)  { fmt.Printf(format+"\n", args...) }

// List checks access for each order, but the test allows a constant number of checks. Checks
// alone need no database.
func ExampleCheck() {
	t := printing{} // the *testing.T of a test

	recorder := &tracer.Recorder{} // in a test most often a fanouttest.NewRecorder, attached to a pool
	may := tracer.CountDecisions(recorder,
		func(_ context.Context, user, _ string, _ int) (bool, error) { return user == "alice", nil },
		func(action string, _ int) string { return action + " order" },
	)

	fanouttest.Check(t, fanouttest.Scenario{
		Recorder: recorder,
		Unit:     "order",
		NoSQL:    true,
		Run: func(ctx context.Context, n int) error {
			for order := range n {
				if allowed, err := may(ctx, "alice", "read", order); err != nil || !allowed {
					return errors.Join(err, fmt.Errorf("order %d may not be read", order))
				}
			}
			return nil
		},
		Expect: fanouttest.Limits{tracer.RBAC: fanouttest.Constant()},
	})
	// Output:
	// fanouttest: counts exceed the limit in Expect
	// REGRESSION  4 measurements cost more than the budget allows.
	//
	// WORSE fanouttest TestListOrders: RBAC is over its budget: at most 0 per order
	//   RBAC N (8 at N=8), over the budget of at most 0 per order: stated in the test
	//   check read order  1 → N
	//
	// Fix it, or accept it:
	//   raise the limit in Expect
}
