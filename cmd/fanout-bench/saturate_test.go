package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation"
	"github.com/fanout-bench/fanout-bench/internal/agentauth"
)

// TestSaturate requires what is exact, and the status that the verdicts make; how requests
// are answered is up to the machine.
func TestSaturate(t *testing.T) {
	t.Parallel() // it waits most of the time
	var stdout, stderr bytes.Buffer
	status := run(agentauth.Case(), []string{
		"saturate", "--version", "one-query,pr-25031", "--rate", "20", "--duration", "1s", "--format", "json",
		"--database-url", sharedServer(t),
	}, &stdout, &stderr)
	var got struct {
		Rows []struct {
			Version                               string
			Sent, OK, Failed, SQL, RBAC, Acquires int
			Verdict                               saturation.Verdict
			Foretold                              saturation.Foretold
		}
	}
	if err := json.Unmarshal(stdout.Bytes(), &got); err != nil {
		t.Fatalf("status %d: %v; %s", status, err, &stderr)
	}
	if len(got.Rows) != 2 || got.Rows[0].Version != "pr-25031" || got.Rows[1].Version != "one-query" {
		t.Fatalf("the rows are not those of the two versions, in their order: %s", &stdout)
	}
	want := exit.OK
	for i, row := range got.Rows {
		if row.Sent == 0 || row.Sent != row.OK+row.Failed {
			t.Errorf("%s: %d sent, %d ok, %d failed", row.Version, row.Sent, row.OK, row.Failed)
		}
		if sql := []int{3, 1}[i]; row.SQL != sql || row.Acquires != sql {
			t.Errorf("%s: %d statements and %d acquires a request, want %d of each", row.Version, row.SQL, row.Acquires, sql)
		}
		switch { // which is up to the machine as well, as that may have other things to do
		case row.Verdict == saturation.Invalid:
			want = exit.NotMeasured
		case row.Foretold == saturation.No:
			want = max(want, exit.Regression)
		}
	}
	if status != want {
		t.Errorf("exit status %d, want %d: %s", status, want, &stderr)
	}
}

func TestVerdictsMakeTheStatus(t *testing.T) {
	foretold := saturation.Run{Verdict: saturation.Collapses, Foretold: saturation.Yes}
	near := saturation.Run{Verdict: saturation.Degraded, Foretold: saturation.Near}
	not := saturation.Run{Verdict: saturation.Holds, Foretold: saturation.No}
	invalid := saturation.Run{Verdict: saturation.Invalid}
	for _, test := range []struct {
		runs []saturation.Run
		want int
	}{
		{[]saturation.Run{foretold, near, {Verdict: saturation.NoVerdict}}, exit.OK},
		{[]saturation.Run{foretold, not, near}, exit.Regression},
		{[]saturation.Run{invalid, foretold}, exit.NotMeasured},
		{[]saturation.Run{invalid, not}, exit.NotMeasured},
	} {
		err := judgeRuns(test.runs)
		if got := exit.Of(err, exit.OK); got != test.want {
			t.Errorf("status %d (%v), want %d", got, err, test.want)
		}
	}
}
