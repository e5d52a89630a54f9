package capacity_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fanout-bench/fanout-bench/internal/capacity"
	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

func TestPool(t *testing.T) {
	three := capacity.Pool{Connections: 10, Replicas: 3, RoundTrip: 2 * time.Millisecond, Statement: 3 * time.Millisecond}
	for _, test := range []struct {
		pool  capacity.Pool
		trips int
		want  string
	}{
		{capacity.Default(), 1, "5000"},
		{capacity.Default(), 3, "1666"}, // and not 1667, for which there is no room
		{capacity.Default(), 500, "10"},
		{capacity.Default(), 2000, "2.5"},
		{capacity.Default(), 6000, "0.8"},
		{capacity.Default(), 50_000, "0.1"},
		{capacity.Default(), 60_000, "below 0.1"}, // and not no limit
		{three, 2, "3000"},
	} {
		if got := capacity.Rate(test.pool.PerSecond(test.trips)); got != test.want {
			t.Errorf("%d trips on %v: %s requests/s, want %s", test.trips, test.pool, got, test.want)
		}
	}
	for _, test := range []struct{ connections, maxHeld, want int }{
		{10, 0, 0}, {10, 1, 0}, {10, 2, 10}, {10, 3, 5}, {10, 4, 4}, {10, 11, 1}, {10, 12, 1}, {1, 2, 1},
	} {
		if got := (capacity.Pool{Connections: test.connections}).Deadlock(test.maxHeld); got != test.want {
			t.Errorf("a pool of %d, %d held: %d callers, want %d", test.connections, test.maxHeld, got, test.want)
		}
	}
}

// TestDeadlock plays it through: so many callers, and not one fewer, can get into a state in
// which each wants one more connection and there is none.
func TestDeadlock(t *testing.T) {
	for connections := 1; connections <= 12; connections++ {
		for held := 2; held <= 6; held++ {
			callers := (capacity.Pool{Connections: connections}).Deadlock(held)
			stuck := func(callers int) bool { return callers*(held-1) >= connections }
			if !stuck(callers) || stuck(callers-1) {
				t.Errorf("a pool of %d, %d held: %d callers", connections, held, callers)
			}
		}
	}
}

func TestValidate(t *testing.T) {
	for _, test := range []struct {
		change func(*capacity.Pool)
		says   string
	}{
		{func(*capacity.Pool) {}, ""},
		{func(p *capacity.Pool) { p.Connections, p.Replicas, p.RoundTrip = 1, 1, 1 }, ""},
		{func(p *capacity.Pool) { *p = capacity.Pool{100_000, 100_000, time.Minute, time.Minute} }, ""},
		{func(p *capacity.Pool) { p.Connections = 0 }, "a pool of 0"},
		{func(p *capacity.Pool) { p.Replicas = 0 }, "0 replicas"},
		{func(p *capacity.Pool) { p.RoundTrip = 0 }, "a round trip of 0s"},
		{func(p *capacity.Pool) { p.Statement = -1 }, "a statement time of -1ns"},
	} {
		p := capacity.Default()
		test.change(&p)
		err := p.Validate()
		if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%+v: got %v, want %q", p, err, test.says)
		}
	}
}

// row is one that works with a pool, of which it holds one connection at a time.
func row(n, trips int, change ...func(*report.Row)) report.Row {
	r := report.Row{Cell: scenarios.Cell{Scenario: "list", N: n, Version: "v1"}, Outcome: "ok", Counts: tracer.Counts{
		SQL: trips, SQLUnique: trips, RoundTrips: trips, Acquires: trips, MaxHeld: 1, ConnTrips: trips,
		Statements: map[string]int{"Get": trips}, Checks: map[string]int{},
	}}
	for _, c := range change {
		c(&r)
	}
	return r
}

func file(rows ...report.Row) report.File {
	return report.File{Subject: report.Subject{Name: "shop", Scenarios: []report.Scenario{{Name: "list", Unit: "order"}}}, Rows: rows}
}

func TestOf(t *testing.T) {
	nested := func(r *report.Row) { r.ConnTrips, r.MaxHeld = 2*r.ConnTrips, 2 }
	var b bytes.Buffer
	must.Succeed(t, file(row(1, 3), row(2, 4), row(3, 5, nested)).Write(&b))
	saved, err := report.Read(&b) // a file has what it takes
	must.Succeed(t, err)
	want := []capacity.Series{{Scenario: "list", Version: "v1", Outcome: "ok", Unit: "order", Cells: []capacity.Cell{
		{N: 1, ConnTrips: 3, MaxHeld: 1, Held: 6, PerSecond: 1666.6},
		{N: 2, ConnTrips: 4, MaxHeld: 1, Held: 8, PerSecond: 1250},
		{N: 3, ConnTrips: 10, MaxHeld: 2, Held: 20, PerSecond: 500, Deadlock: 10},
	}}}
	pool := capacity.Pool{Connections: 10, Replicas: 1, RoundTrip: 1500 * time.Microsecond, Statement: 500 * time.Microsecond}
	if diff := cmp.Diff(want, pool.Of(saved)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestUnknown(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*report.Row)
		says   string
	}{
		{"known", func(*report.Row) {}, ""},
		{"no work", func(r *report.Row) { r.Counts = tracer.Counts{} }, ""},
		{"no statement", func(r *report.Row) { r.RoundTrips, r.ConnTrips = 0, 0 }, "not counted"},
		{"no pool", func(r *report.Row) { r.Acquires, r.MaxHeld, r.ConnTrips = 0, 0, 0 }, "no connection comes from a pool"},
		{"database/sql", func(r *report.Row) {
			r.Acquires, r.MaxHeld, r.ConnTrips = 0, 0, 0
			r.Absent = []tracer.Metric{tracer.Acquires, tracer.MaxHeld, tracer.ConnTrips}
		}, "not one of pgxpool"},
		{"concurrent, or an old file", func(r *report.Row) { r.ConnTrips = 0 }, "not counted"},
		{"partly on another connection", func(r *report.Row) { r.ConnTrips-- }, "from elsewhere"},
	} {
		series := capacity.Default().Of(file(row(1, 3, test.change)))
		got := series[0].Cells[0]
		if (got.Unknown == "") != (test.says == "") || !strings.Contains(got.Unknown, test.says) || (got.PerSecond == 0) != (test.name != "known") {
			t.Errorf("%s: %+v, want %q", test.name, got, test.says)
		}
	}
}

func TestGrows(t *testing.T) {
	of := func(trips ...int) string {
		var rows []report.Row
		for i, n := range trips {
			rows = append(rows, row(i+1, n))
		}
		return capacity.Default().Of(file(rows...))[0].Grows
	}
	for _, test := range []struct {
		trips []int
		want  string
	}{
		{[]int{3, 4, 5, 6}, "5000 ÷ (2 + N)"},
		{[]int{2, 2, 2, 2}, "2500"},
		{[]int{1, 4, 9, 16}, "5000 ÷ (N²)"},
		{[]int{1, 2, 2, 2}, "2500 from N=2 on"},
		{[]int{3, 4}, ""},
		{[]int{3, 4, 9, 5}, ""},
	} {
		if got := of(test.trips...); got != test.want {
			t.Errorf("trips %v: %q, want %q", test.trips, got, test.want)
		}
	}
}

func TestChange(t *testing.T) {
	change := func(base, head report.File, unit string) string {
		return capacity.Default().Change(report.Compare("base", base, "head", head).Series[0].Metrics, unit)
	}
	pooled := func(r *report.Row) { r.ConnTrips = 0 }
	for _, test := range []struct {
		name       string
		base, head report.File
		unit, want string
	}{
		{"more", file(row(1, 3), row(8, 8)), file(row(1, 3), row(8, 36)), "order", "at 8 orders: 625 → 138 requests/s on a pool of 10, 2 ms round trips"},
		{"the same", file(row(8, 8)), file(row(8, 8)), "order", ""},
		{"other N", file(row(8, 8)), file(row(8, 10), row(9, 12)), "order", "at 8 orders: 625 → 500 requests/s on a pool of 10, 2 ms round trips"},
		{"without N", file(row(0, 8)), file(row(0, 10)), "", "625 → 500 requests/s on a pool of 10, 2 ms round trips"},
		{"one", file(row(1, 8)), file(row(1, 10)), "order", "at 1 order: 625 → 500 requests/s on a pool of 10, 2 ms round trips"},
		{"no name for it", file(row(4, 8)), file(row(4, 10)), "N", "at N=4: 625 → 500 requests/s on a pool of 10, 2 ms round trips"},
		{"another plural", file(row(4, 8)), file(row(4, 10)), "entry", "at N=4: 625 → 500 requests/s on a pool of 10, 2 ms round trips"},
		{"not known before", file(row(8, 8, pooled)), file(row(8, 10)), "order", ""},
		{"not known now", file(row(8, 8)), file(row(8, 10, pooled)), "order", ""},
	} {
		if got := change(test.base, test.head, test.unit); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
