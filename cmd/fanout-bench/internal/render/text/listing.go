package text

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/internal/workload"
)

// Listing shows the versions, scenarios and workloads of path for a terminal of 120 columns.
func Listing(path workload.Case, style term.Style) string {
	versions := &table{header: left("version", "what sets it apart")}
	sources := &table{header: left("version", "source")}
	for _, v := range path.Versions {
		versions.add(term.Printable(v.Name, term.NameWidth), term.Printable(v.Summary, 0))
		if v.Source != "" {
			sources.add(term.Printable(v.Name, term.NameWidth), term.Printable(v.Source, 0))
		}
	}
	measured := &table{header: left("scenario", "N by default", "N counts")}
	for _, s := range path.Scenarios {
		sweep, counting := "-", ""
		if s.Unit != "" {
			sweep, counting = strings.Trim(fmt.Sprint(s.Sweep), "[]"), cmp.Or(s.Counting, s.Unit)
		}
		measured.add(term.Printable(s.Name, term.NameWidth), sweep, term.Printable(counting, 0))
	}
	tables := []*table{versions, measured}
	if len(path.Workloads) > 0 {
		loads := &table{header: left("workload", "N from", "N counts")}
		for _, work := range path.Workloads {
			loads.add(term.Printable(work.Name, term.NameWidth), strconv.Itoa(work.Least), term.Printable(cmp.Or(work.Counting, work.Unit), 0))
		}
		tables = append(tables, loads)
	}
	text := style.Paint(term.Bold, term.Printable(path.Name, 0)) + "\n"
	for _, t := range append(tables, sources) {
		text += "\n" + t.String()
	}
	return text
}

// Endpoint shows the request.
func Endpoint(e view.Endpoint, _ term.Style) string {
	return fmt.Sprintf("%s %s\n%s\n\nIt is answered %d. Metrics: %s\n",
		term.Printable(e.Method, 0), term.Printable(e.URL, 0), term.Printable(e.Body, 0), e.Expect, term.Printable(e.Metrics, 0))
}
