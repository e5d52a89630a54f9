package tracer_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// Each metric names the field that files hold under that name.
func TestMetrics(t *testing.T) {
	for i, m := range tracer.Metrics() {
		var c tracer.Counts
		must(t, json.Unmarshal([]byte(`{"`+string(m)+`": 7}`), &c))
		for j, other := range tracer.Metrics() {
			want := 0
			if i == j {
				want = 7
			}
			if got := other.Of(c); got != want {
				t.Errorf("%s of counts with only %s is %d, want %d", other, m, got, want)
			}
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("an unknown metric does not panic")
		}
	}()
	tracer.Metric("latency").Of(tracer.Counts{})
}

func TestChanges(t *testing.T) {
	a := tracer.Counts{
		SQL: 5, SQLUnique: 3, RBAC: 2,
		Statements: map[string]int{"gone": 1, "more": 1, "same": 3},
		Checks:     map[string]int{"read": 2},
	}
	b := tracer.Counts{
		SQL: 8, SQLUnique: 3, RBAC: 2,
		Statements: map[string]int{"same": 3, "new": 1, "more": 4},
		Checks:     map[string]int{"edit": 2},
	}
	statements, checks, metrics := tracer.Changes(a, b)
	for _, c := range []struct {
		name      string
		got, want []tracer.Change
	}{
		{"statements", statements, []tracer.Change{{Name: "gone", From: 1}, {Name: "more", From: 1, To: 4}, {Name: "new", To: 1}}},
		{"checks", checks, []tracer.Change{{Name: "edit", To: 2}, {Name: "read", From: 2}}},
		{"metrics", metrics, []tracer.Change{{Name: "sql", From: 5, To: 8}}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: Changes\n got %v\nwant %v", c.name, c.got, c.want)
		}
	}
	statements, checks, metrics = tracer.Changes(a, a)
	if len(statements)+len(checks)+len(metrics) != 0 {
		t.Errorf("Changes of the same counts: %v %v %v", statements, checks, metrics)
	}
}

func TestCountsEqual(t *testing.T) {
	base := func() tracer.Counts {
		return tracer.Counts{SQL: 1, Statements: map[string]int{"a": 1}, Checks: map[string]int{"b": 1}}
	}
	for _, c := range []struct {
		name   string
		change func(c *tracer.Counts)
		want   bool
	}{
		{"nothing", func(*tracer.Counts) {}, true},
		{"a metric", func(c *tracer.Counts) { c.MaxHeld = 2 }, false},
		{"a statement's name", func(c *tracer.Counts) { c.Statements = map[string]int{"x": 1} }, false},
		{"a check's count", func(c *tracer.Counts) { c.Checks["b"] = 2 }, false},
		{"an empty map for none", func(c *tracer.Counts) { c.Checks = nil }, false},
	} {
		changed := base()
		c.change(&changed)
		if got := changed.Equal(base()); got != c.want {
			t.Errorf("%s changed: Equal is %t, want %t", c.name, got, c.want)
		}
	}
}
