package page

import (
	"fmt"
	"time"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
)

type pageSaturation struct {
	Load string
	Runs []pageRun
}

type pageRun struct {
	saturation.Run
	Chart chart
}

func newSaturation(s saturation.Results) *pageSaturation {
	load := s.Load
	p := &pageSaturation{Load: fmt.Sprintf("%d requests/s for %.0f s, workload %s, N=%d; %d connections, %.0f ms for a round trip, deadline %.0f ms.",
		load.Rate, load.Duration/1000, term.Printable(s.Workload, term.NameWidth), s.N, load.Pool, load.Latency, load.Deadline)}
	for _, row := range s.Runs {
		run := pageRun{Run: row}
		answered := chartLine{Name: "answered", Color: 3}
		failed := chartLine{Name: "failed", Color: 1}
		// The last slice is what came after the load, which took another time.
		for i, slice := range row.Timeline[:max(len(row.Timeline)-1, 0)] {
			answered.Values = append(answered.Values, report.Point{N: i, Count: slice.OK})
			failed.Values = append(failed.Values, report.Point{N: i, Count: slice.Failed})
		}
		if len(answered.Values) > 0 {
			step := (load.Duration / saturation.Milliseconds(len(answered.Values))).Duration()
			run.Chart = chart{Title: term.Printable(run.Version, term.NameWidth) + ": requests answered and failed over time", X: "time", Lines: []chartLine{answered, failed}}
			run.Chart.layOut(func(i int) string { return (time.Duration(i) * step).Round(10 * time.Millisecond).String() })
		}
		p.Runs = append(p.Runs, run)
	}
	return p
}
