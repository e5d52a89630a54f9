// Package fanouttest checks in a test how the SQL statements and authorization checks
// of a code path grow with N.
//
//	var recorder = fanouttest.NewRecorder() // attached to the pool's ConnConfig
//
//	func TestListOrders(t *testing.T) {
//		fanouttest.Check(t, fanouttest.Scenario{
//			Recorder: recorder,
//			Unit:     "order",
//			Setup:    func(ctx context.Context, n int) error { return store(ctx, customer(n), n) },
//			Run:      func(ctx context.Context, n int) error { _, err := service.List(ctx, customer(n)); return err },
//			Expect:   fanouttest.Limits{tracer.SQL: fanouttest.Constant(), tracer.RBAC: fanouttest.Linear(1)},
//		})
//	}
//
// [Check] runs the work for several N, several times each after a run to warm up (see
// Scenario.Cold), and
// fails the test if the counts of equal runs differ, if work escaped the context, or if
// a count is over its limit. Without limits a file beside the test is what it is judged
// by: testdata/fanout/NAME.json, which
//
//	go test -run TestListOrders -fanout.update
//
// writes, to be committed. FANOUT_UPDATE=1 does the same where other packages do not
// know the flag. Neither works in CI, where a baseline would slip in unseen.
//
// With FANOUT_OUT set to a folder, results are written there for 'fanout-bench gate --
// go test ./...', which judges them; files beside the tests are not read then. With its
// --prove, FANOUT_PROVE is set too, and work is added in runs of their own, so that
// the gate can show that it would see it; Run is called three more times for each N then.
package fanouttest
