// Package fanouttest tests how the SQL statements and authorization checks of a code path grow
// with N. It detects N+1 queries and other fan-out.
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
// [Check] runs the work several times for each N, after a warm-up run (see Scenario.Cold). The
// test fails if equal runs have different counts, if work does not pass on its context, or if a
// count exceeds its limit. Without Expect, the limit is the baseline beside the test, in
// testdata/fanout/NAME.json. Write and commit it with
//
//	go test -run TestListOrders -fanout.update
//
// or with FANOUT_UPDATE=1 if other packages in the run do not define the flag. Neither works in
// CI, where a new baseline would go unnoticed.
//
// 'fanout-bench gate -- go test ./...' sets FANOUT_OUT to a folder. Check writes its results
// there, the gate judges them, and baselines beside the tests are not read. With --prove,
// FANOUT_PROVE is set too: Check then calls Run three more times for each N with added work, so
// that the gate can show that it notices.
package fanouttest
