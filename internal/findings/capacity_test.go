package findings_test

import (
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
)

func TestCapacity(t *testing.T) {
	rows := func(counts ...int) report.File {
		var list []report.Row
		for i, n := range counts {
			list = append(list, reporttest.Cell("v1", "agents", i+1, "ok", n, 1))
		}
		return reporttest.Rows(list...)
	}
	unknown := rows(2, 3, 4, 5)
	for i := range unknown.Rows {
		unknown.Rows[i].ConnTrips = 0 // as an older file has it
	}
	for _, test := range []struct {
		name       string
		base, head report.File
		want       string
	}{
		{"more", rows(2, 2, 2, 2), rows(2, 3, 4, 5), "at 4 agents: 2500 → 1000 requests/s on a pool of 10, 2 ms round trips"},
		{"less", rows(2, 3, 4, 5), rows(2, 2, 2, 2), ""},
		{"not known", rows(2, 2, 2, 2), unknown, ""},
	} {
		j := findings.Judge(test.base, test.head, report.CostMetrics())
		if len(j.Findings) != 1 {
			t.Fatalf("%s: %d findings", test.name, len(j.Findings))
		}
		if got := j.Findings[0].Capacity(); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
		b := findings.Text(j, findings.Advice{}, term.Style{}, false)
		if got := strings.Contains(b, "requests/s"); got != (test.want != "") || !strings.Contains(b, test.want) {
			t.Errorf("%s: it says\n%s", test.name, b)
		}
	}
}
