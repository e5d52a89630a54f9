package probe_test

import (
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/probe"
	"github.com/fanout-bench/fanout-bench/tracer"
)

func TestKeys(t *testing.T) {
	keys := map[string]bool{}
	for _, p := range append(probe.All(), probe.Probe{Check: true, PerN: true}) {
		keys[p.Key()] = true
		if p.Metric() != tracer.RBAC && p.Check || p.Metric() != tracer.SQL && !p.Check {
			t.Errorf("%v adds to %s", p, p.Metric())
		}
	}
	if len(keys) != 4 || !keys["statement-per-n"] || !keys["check-per-n"] {
		t.Errorf("keys %v", keys)
	}
}
