package saturation_test

import (
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation"
	"github.com/fanout-bench/fanout-bench/internal/machine"
)

// offered is 100 requests a second on 10 connections: a request may hold them for
// 66 ms if there is to be room, and for 111 ms if no more than one in a hundred is to fail:
// in 5.5 s the pool serves 500·(1 − 1 %) of them then.
var offered = saturation.Load{Pool: 10, Latency: 4, Deadline: 500, Rate: 100, Duration: 5000}

// put returns a run in which each request holds connections for held and is answered.
func put(held saturation.Milliseconds, change ...func(*saturation.Run)) saturation.Run {
	run := saturation.Run{
		Load: offered, Cost: saturation.Cost{SQL: 13, MaxHeld: 1}, Status: 200,
		Held: held, HeldBusy: held, HeldUnderLoad: held,
		Sent: 500, OK: 500,
	}
	for _, c := range change {
		c(&run)
	}
	return run
}

func failing(n int) func(*saturation.Run) {
	return func(r *saturation.Run) { r.OK, r.Failed = 500-n, n }
}

func heldUnderLoad(m saturation.Milliseconds) func(*saturation.Run) {
	return func(r *saturation.Run) { r.HeldUnderLoad = m }
}

func heldBusy(m saturation.Milliseconds) func(*saturation.Run) {
	return func(r *saturation.Run) { r.HeldBusy = m }
}

func TestVerdict(t *testing.T) {
	for _, test := range []struct {
		name     string
		run      saturation.Run
		want     saturation.Verdict
		foretold saturation.Foretold
		reason   string // a part of it; empty: there is none
	}{
		{"room for all", put(60), saturation.Holds, saturation.Yes, ""},
		{"room for one and a half times as many", put(66.6), saturation.Holds, saturation.Yes, ""},
		{"hardly any less", put(66.7), saturation.Holds, saturation.Near, ""},
		{"room at rest, and less when all is in use", put(60, heldBusy(67)), saturation.Holds, saturation.Near, ""},
		{"in between, and some fail", put(80, failing(100)), saturation.Degraded, saturation.Near, ""},
		{"in between, and most fail", put(80, failing(453)), saturation.Collapses, saturation.Near, ""},
		{"one in a hundred", put(60, failing(5)), saturation.Holds, saturation.Yes, ""},
		{"one more", put(112, failing(6)), saturation.Degraded, saturation.Yes, ""},
		{"not yet half", put(112, failing(249)), saturation.Degraded, saturation.Yes, ""},
		{"half", put(112, failing(250)), saturation.Collapses, saturation.Yes, ""},
		{"just not certain", put(111, failing(250)), saturation.Collapses, saturation.Near, ""},
		{"too much, and one fails", put(120, failing(1)), saturation.Holds, saturation.No, ""},
		{"too much, and nothing fails", put(120), saturation.Holds, saturation.No, ""},
		{
			"too much by what was held before, and not during the load",
			put(120, heldUnderLoad(80)), saturation.Invalid, "", "for 80ms a request: this machine was busy before",
		},
		{"room for all, and some fail", put(60, failing(6)), saturation.Degraded, saturation.No, ""},
		{
			"room for all, but not on this machine",
			put(60, failing(6), heldUnderLoad(67)), saturation.Invalid, "", "for 67ms a request: this machine is too busy",
		},
		{
			"two connections at once",
			put(60, func(r *saturation.Run) { r.MaxHeld = 2 }), saturation.Holds, saturation.Near, "holds 2 connections at once",
		},
		{
			"two connections at once, and far too much",
			put(120, failing(400), func(r *saturation.Run) { r.MaxHeld = 2 }), saturation.Collapses, saturation.Yes, "",
		},
		{"no connection", put(0), saturation.Holds, "", "needs no connection"},
		{
			"as long as the deadline allows",
			put(66, func(r *saturation.Run) { r.Load.Deadline = 99 }), saturation.Holds, saturation.Yes, "",
		},
		{
			"near to the deadline",
			put(66, func(r *saturation.Run) { r.Load.Deadline = 98 }), saturation.Holds, saturation.Near, "for 66ms, which is near to the deadline",
		},
		{"refused at rest", put(60, func(r *saturation.Run) { r.Status = 409 }), saturation.NoVerdict, "", "answers 409 even at rest"},
		{"interrupted", put(120, func(r *saturation.Run) { r.Interrupted = true }), saturation.NoVerdict, "", "interrupted"},
		{"a slow generator", put(60, func(r *saturation.Run) { r.Sent, r.OK = 499, 499 }), saturation.Invalid, "", "sent only 499 of 500 requests"},
		{"just not too late", put(60, func(r *saturation.Run) { r.Late = 10 }), saturation.Holds, saturation.Yes, ""},
		{"too late", put(60, func(r *saturation.Run) { r.Late = 11 }), saturation.Invalid, "", "sent 11ms late"},
		{"lost requests", put(120, func(r *saturation.Run) { r.Unseen = 3 }), saturation.Invalid, "", "3 requests did not reach the service"},
		{
			"others before it",
			put(120, failing(400), func(r *saturation.Run) { r.Machine = []machine.Check{{Others: 0.9}, {}} }),
			saturation.Invalid, "", "others take 90 % of its CPUs, before the load",
		},
		{
			"slow queries after it",
			put(60, func(r *saturation.Run) { r.Machine = []machine.Check{{}, {Others: -1, Spread: 3}} }),
			saturation.Invalid, "", "3.0 ms more than the fastest, beside round trips of 4ms, after the load",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := test.run
			got.Judge()
			if got.Verdict != test.want || got.Foretold != test.foretold || (got.Reason == "") != (test.reason == "") || !strings.Contains(got.Reason, test.reason) {
				t.Errorf("got %s, foretold: %s (%s); want %s, %s (%s)", got.Verdict, got.Foretold, got.Reason, test.want, test.foretold, test.reason)
			}
		})
	}
}
