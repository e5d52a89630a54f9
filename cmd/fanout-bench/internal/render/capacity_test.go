package render_test

import (
	"io"
	"testing"
	"time"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/json"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/text"
	"github.com/fanout-bench/fanout-bench/internal/capacity"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

func TestCapacity(t *testing.T) {
	f := report.File{Subject: report.Subject{Name: "shop", Scenarios: []report.Scenario{{Name: "list", Unit: "order"}}}}
	add := func(scenario string, n, trips, held int) {
		f.Rows = append(f.Rows, report.Row{Cell: scenarios.Cell{Scenario: scenario, N: n, Version: "shop"}, Outcome: "ok", Counts: tracer.Counts{
			SQL: 2, SQLUnique: 2, RoundTrips: 2, Acquires: held, MaxHeld: held, ConnTrips: trips, Statements: map[string]int{"Get": 2},
		}})
	}
	for _, n := range []int{1, 2, 4, 8} {
		add("list", n, 2+n, 1)
	}
	add("nested", 0, 4, 2)
	add("no pool", 0, 0, 0)
	add("in part", 0, 1, 1)
	f.Rows = append(f.Rows, report.Row{Cell: scenarios.Cell{Scenario: "nothing", Version: "shop"}, Outcome: "ok"})
	add(reporttest.Hostile, 1, 2, 1)
	pool := capacity.Default()
	list := pool.Of(f)
	checkText(t, "capacity", 80, func(style term.Style) string { return text.Capacity(pool, list, style) })
	checkJSON(t, "capacity", func(w io.Writer) error { return json.Capacity(w, "shop", pool, list) })
	pool.Replicas, pool.Statement = 3, 1500*time.Microsecond
	list = pool.Of(f)[:1]
	checkText(t, "capacity-replicas", 90, func(style term.Style) string { return text.Capacity(pool, list, style) })
}
