package render_test

import (
	"bytes"
	encoding "encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/json"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/page"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/text"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation"
	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
	"github.com/fanout-bench/fanout-bench/internal/machine"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/internal/underload"
)

var offered = saturation.Load{Pool: 10, Latency: 4, Deadline: 500, Rate: 100, Duration: 5000}

// put returns a run in which each request needs the connection for held.
func put(version string, statements int, held saturation.Milliseconds, l saturation.Load) saturation.Run {
	timeline := saturation.NewTimeline()
	for i := range len(timeline) - 1 {
		timeline[i] = saturation.Interval{Sent: 25, OK: 25}
	}
	run := saturation.Run{
		Version: version, Load: l,
		Cost:   saturation.Cost{SQL: statements, RBAC: 5, Acquires: statements, MaxHeld: 1},
		Status: 200, Held: held, HeldBusy: 1.05 * held, HeldUnderLoad: held, Late: 1.5, Machine: []machine.Check{{Others: 0.02}, {Others: -1}},
		Measured: 900 * float64(l.Pool) / float64(held),
		Sent:     500, OK: 500, Statuses: map[int]int{200: 500},
		Failures: map[underload.Cause]int{underload.AcquireTimedOut: 0, underload.QueryCanceled: 0, underload.OtherCause: 0},
		Latency:  saturation.Quantiles{P50: held, P95: held + 1, P99: held + 2, Max: held + 9},
		Pool:     saturation.PoolUse{Acquires: 500 * statements, Wait: saturation.Quantiles{P99: 1.234}},
		Victim:   saturation.Victim{Sent: 125, OK: 125, Latency: saturation.Quantiles{P99: 5}},
		Timeline: timeline,
	}
	run.Judge()
	return run
}

// collapsed is a run of which little was answered.
func collapsed(version string, l saturation.Load) saturation.Run {
	run := put(version, 26, 120, l)
	run.OK, run.Failed, run.Statuses = 101, 399, map[int]int{200: 101, 500: 399}
	run.Failures = map[underload.Cause]int{underload.AcquireTimedOut: 350, underload.QueryCanceled: 45, underload.OtherCause: 4}
	run.Latency = saturation.Quantiles{P50: 501, P95: 503, P99: 505, Max: 511}
	run.Pool = saturation.PoolUse{
		Acquires: 8712, Empty: 8594, Canceled: 350, Destroyed: 45, Opened: 44,
		Wait: saturation.Quantiles{P50: 48, P99: 105},
	}
	run.Victim = saturation.Victim{Sent: 125, OK: 120, Latency: saturation.Quantiles{P99: 480}}
	for i := range run.Timeline {
		ok := max(0, 24-4*i)
		run.Timeline[i] = saturation.Interval{Sent: 25, OK: ok, Failed: min(25-ok, 2*i)}
	}
	last := len(run.Timeline) - 1
	run.Timeline[last] = saturation.Interval{Failed: 70}
	run.Judge()
	return run
}

func outcomes() saturation.Results {
	contradicted := put("contradicted", 1, 5, offered)
	contradicted.OK, contradicted.Failed, contradicted.Statuses = 490, 10, map[int]int{200: 490, 500: 8, 503: 1, 0: 1}
	contradicted.Failures[underload.OtherCause] = 9
	late := put("late", 13, 60, offered)
	late.Late = 300
	interrupted := put("interrupted", 13, 60, offered)
	interrupted.Interrupted, interrupted.Measured = true, 0
	none := put("no statement", 0, 0, offered)
	none.Cost, none.Measured = saturation.Cost{}, 0
	for _, run := range []*saturation.Run{&contradicted, &late, &interrupted, &none} {
		run.Judge()
	}
	return saturation.Results{
		Path: "test", Workload: "crowd", N: 2, Counting: "agents of each machine", Load: offered,
		Runs: []saturation.Run{
			put("v1", 13, 60, offered), collapsed("v2", offered), put("too near", 20, 90, offered),
			contradicted, late, interrupted, none, put(reporttest.Hostile+strings.Repeat("x", 10_000), 1, 5, offered),
		},
	}
}

func TestSaturation(t *testing.T) {
	checkText(t, "saturation", 80, styled(text.Saturation, outcomes()))
	checkText(t, "saturation-details", 120, styled(text.SaturationDetails, outcomes()))
	one := outcomes()
	one.Runs = one.Runs[1:2]
	checkJSON(t, "saturation-run", one.JSON)
}

// TestSaturationFits has figures as large as a load may make them.
func TestSaturationFits(t *testing.T) {
	l := saturation.Load{Pool: 100, Latency: 10_000, Deadline: 30_000, Rate: 10_000, Duration: 600_000}
	run := collapsed("v2.33.0-rc.3", l)
	run.Sent, run.OK, run.Failed, run.Statuses = 100_000, 10_000, 90_000, map[int]int{200: 10_000, 500: 90_000}
	run.Failures = map[underload.Cause]int{underload.AcquireTimedOut: 80_000, underload.QueryCanceled: 10_000}
	run.Latency = saturation.Quantiles{P50: 30_000, P95: 30_000, P99: 30_000, Max: 30_000}
	run.Pool = saturation.PoolUse{Acquires: 100_000, Empty: 100_000, Canceled: 80_000, Wait: run.Latency, Destroyed: 10_000, Opened: 10_000}
	run.Victim = saturation.Victim{Sent: 10_000, Latency: run.Latency}
	result := saturation.Results{Path: "agentauth", Workload: "saturation", N: 2, Counting: "agents of each machine, all of which authenticate", Load: l, Runs: []saturation.Run{run}}
	for line := range strings.Lines(text.SaturationDetails(result, term.Style{})) {
		if width := term.Width(strings.TrimSpace(line)); width > 120 {
			t.Errorf("%d columns: %s", width, line)
		}
	}
}

func TestService(t *testing.T) {
	service := view.Endpoint{
		Path: "test", Workload: "crowd", N: 2, Version: reporttest.Hostile, Method: "POST", URL: "http://127.0.0.1:1/a",
		Body: `{"a": "b<c>"}` + reporttest.Hostile, Expect: 200, Metrics: "http://127.0.0.1:1/metrics",
	}
	checkText(t, "service", 120, styled(text.Endpoint, service))
	var got view.Endpoint
	if err := encoding.Unmarshal(checkHarmless(t, plain(json.Endpoint, service)), &got); err != nil || got != service {
		t.Errorf("got %v, %+v", err, got)
	}
}

func TestReadSaturationRefuses(t *testing.T) {
	var b bytes.Buffer
	if err := outcomes().JSON(&b); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"", "[]", `{"schema":1,"rows":[{"version":"v1"}]}`, `{"schema":1,"path":"a","rows":[{"scenario":"a"}]}`,
		`{"schema":1,"path":"a","workload":"w","n":1,"load":{"pool":1,"rate":1,"duration_ms":1},"rows":[]}`,
		strings.Replace(b.String(), `"ok": 25`, `"ok": -25`, 1),
	} {
		var fileErr *jsonfile.Error
		if _, err := saturation.Read(strings.NewReader(text)); !errors.As(err, &fileErr) {
			t.Errorf("%.100s: got %v, want a *jsonfile.Error", text, err)
		}
	}
	for _, test := range []struct{ old, text, mentions string }{
		{`"schema": 1`, `"schema": 2`, "schema 2"},
		{`"ok": 25`, `"ok": 25, "ok": 24`, `"ok" stands twice`},
		{`"p50"`, `"p50": 1, "p50"`, `"p50" stands twice`},
		{`"200"`, `"200": 1, "200"`, `"200" stands twice`},
		{`"pool": 10`, `"Pool": 11, "pool": 10`, `unknown field "Pool"`},
		{`"crowd"`, "\"cr\xc0wd\"", "the byte 0xC0"},
	} {
		before, _, _ := strings.Cut(b.String(), test.old)
		_, err := saturation.Read(strings.NewReader(strings.Replace(b.String(), test.old, test.text, 1)))
		var fileErr *jsonfile.Error
		if !errors.As(err, &fileErr) || fileErr.Line != 1+strings.Count(before, "\n") || !strings.Contains(err.Error(), test.mentions) {
			t.Errorf("%s: got %v, want one that mentions %q", test.text, err, test.mentions)
		}
	}
}

// FuzzReadSaturation takes any text for a file: it is read or refused, and nothing in
// it has a meaning on the page.
func FuzzReadSaturation(f *testing.F) {
	seed := outcomes()
	seed.Runs = seed.Runs[:2]
	var b strings.Builder
	if err := seed.JSON(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.String())
	f.Fuzz(func(t *testing.T, file string) {
		saved, err := saturation.Read(strings.NewReader(file))
		if err != nil {
			checkLines(t, "the error", term.PrintableLines(err.Error())+"\n") // as commands print it
			return
		}
		var html bytes.Buffer
		if err := page.HTML(&html, (view.Document{}), &saved); err != nil {
			t.Fatal(err)
		}
		checkPage(t, "", html.String())
	})
}
