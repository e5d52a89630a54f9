package saturation_test

import (
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation"
)

// offered is 100 requests a second on 10 connections: a request may hold them for
// 66 ms if there is to be room, and for 110 ms if the last are not to wait for half a
// second.
var offered = saturation.Load{Pool: 10, Latency: 4, Deadline: 500, Rate: 100, Duration: 5000}

// put returns a run in which each request holds connections for held and is answered.
func put(held saturation.Milliseconds, change ...func(*saturation.Run)) saturation.Run {
	run := saturation.Run{
		Load: offered, Cost: saturation.Cost{SQL: 13, MaxHeld: 1}, Status: 200,
		Held: held, HeldUnderLoad: held,
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

func TestVerdict(t *testing.T) {
	for _, test := range []struct {
		name   string
		run    saturation.Run
		want   saturation.Verdict
		reason string // a part of it; empty: there is none
	}{
		{"room for all", put(60), saturation.Holds, ""},
		{"room for one and a half times as many", put(66.6), saturation.Holds, ""},
		{"hardly any less", put(66.7), saturation.NoVerdict, "too near to the rate"},
		{"in between, and some fail", put(80, failing(100)), saturation.NoVerdict, "too near to the rate"},
		// 5 s × (107.9/100 − 1) + 107.9 ms = 502.9 ms, and with 107.8 ms it is 497.8 ms.
		{"the last just waits too long", put(107.9, failing(1)), saturation.Collapses, ""},
		{"the last just does not", put(107.8, failing(1)), saturation.NoVerdict, "too near to the rate"},
		{"far too much", put(120, failing(400)), saturation.Collapses, ""},
		{"too much, and nothing fails", put(120), saturation.Contradicted, "no request failed"},
		{
			"too much by what was held before, and not during the load",
			put(120, heldUnderLoad(80)), saturation.Invalid, "for 80ms a request: this machine was busy before",
		},
		{"room for all, and one fails", put(60, failing(1)), saturation.Contradicted, "requests failed"},
		{
			"room for all, but not on this machine",
			put(60, failing(1), heldUnderLoad(67)), saturation.Invalid, "for 67ms a request: this machine is too busy",
		},
		{
			"two connections at once",
			put(60, func(r *saturation.Run) { r.MaxHeld = 2 }), saturation.NoVerdict, "holds 2 connections at once",
		},
		{
			"two connections at once, and far too much",
			put(120, failing(400), func(r *saturation.Run) { r.MaxHeld = 2 }), saturation.Collapses, "",
		},
		{"no connection", put(0), saturation.NoVerdict, "needs no connection"},
		{
			"as long as the deadline allows",
			put(66, func(r *saturation.Run) { r.Load.Deadline = 99 }), saturation.Holds, "",
		},
		{
			"near to the deadline",
			put(66, func(r *saturation.Run) { r.Load.Deadline = 98 }), saturation.NoVerdict, "for 66ms, which is near to the deadline",
		},
		{"refused at rest", put(60, func(r *saturation.Run) { r.Status = 409 }), saturation.NoVerdict, "answers 409 even at rest"},
		{"interrupted", put(120, func(r *saturation.Run) { r.Interrupted = true }), saturation.NoVerdict, "interrupted"},
		{"a slow generator", put(60, func(r *saturation.Run) { r.Sent, r.OK = 499, 499 }), saturation.Invalid, "sent only 499 of 500 requests"},
		{"just not too late", put(60, func(r *saturation.Run) { r.Late = 250 }), saturation.Holds, ""},
		{"too late", put(60, func(r *saturation.Run) { r.Late = 251 }), saturation.Invalid, "up to 251ms late"},
		{"lost requests", put(120, func(r *saturation.Run) { r.Unseen = 3 }), saturation.Invalid, "3 requests did not reach the service"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := test.run
			got.Judge()
			if got.Verdict != test.want || (got.Reason == "") != (test.reason == "") || !strings.Contains(got.Reason, test.reason) {
				t.Errorf("got %s (%s), want %s (%s)", got.Verdict, got.Reason, test.want, test.reason)
			}
		})
	}
}
