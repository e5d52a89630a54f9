package tracer_test

import (
	"encoding/json"
	"testing"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// Each metric names the field with that name in files.
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
	panics(t, "an unknown metric", func() { tracer.Metric("latency").Of(tracer.Counts{}) })
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
