package ci

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// OpenMetrics returns the rows in the text format of OpenMetrics, which GitLab compares between
// branches: a gauge for each metric. GitLab compares values as text, so counts are integers.
func OpenMetrics(r report.File) string {
	rows := slices.SortedFunc(slices.Values(r.Rows), report.Row.Compare)
	var b strings.Builder
	for _, m := range tracer.Metrics() {
		name := "fanout_" + string(m)
		fmt.Fprintf(&b, "# TYPE %s gauge\n# HELP %s %s of one request.\n", name, name, meanings[m])
		for _, row := range rows {
			if !row.Has(m) {
				continue
			}
			fmt.Fprintf(&b, "%s{path=\"%s\",scenario=\"%s\",n=\"%d\",version=\"%s\"} %d\n",
				name, labelValue(r.Name), labelValue(row.Scenario), row.N, labelValue(row.Version), m.Of(row.Counts))
		}
	}
	failed := 0
	for _, row := range rows {
		if row.Failure == "" {
			continue
		}
		if failed++; failed == 1 {
			b.WriteString("# TYPE fanout_failed gauge\n# HELP fanout_failed Requests that failed, so that their counts are unknown.\n")
		}
		fmt.Fprintf(&b, "fanout_failed{path=\"%s\",scenario=\"%s\",n=\"%d\",version=\"%s\"} 1\n",
			labelValue(r.Name), labelValue(row.Scenario), row.N, labelValue(row.Version))
	}
	for i, u := range findings.NotMeasured(r) {
		if i == 0 {
			b.WriteString("# TYPE fanout_unmeasured gauge\n# HELP fanout_unmeasured Scenarios that could not be measured.\n")
		}
		fmt.Fprintf(&b, "fanout_unmeasured{path=\"%s\",scenario=\"%s\",version=\"%s\"} 1\n", labelValue(r.Name), labelValue(u.Scenario), labelValue(u.Version))
	}
	b.WriteString("# EOF\n")
	return b.String()
}

func labelValue(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(term.Printable(s, 0))
}

// meanings describes the metrics.
var meanings = map[tracer.Metric]string{
	tracer.SQL:        "SQL statements",
	tracer.SQLUnique:  "Different SQL statements and arguments",
	tracer.RBAC:       "Authorization checks",
	tracer.RBACUnique: "Different authorization checks",
	tracer.RoundTrips: "Network round trips to the database",
	tracer.TxControl:  "Transaction control statements",
	tracer.Prepares:   "Implicit prepares",
	tracer.Acquires:   "Acquires of a pool connection",
	tracer.MaxHeld:    "Most connections held at once",
	tracer.ConnTrips:  "Round trips for which connections were taken from the pool",
}
