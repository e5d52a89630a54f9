package main

import (
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

func TestSameSubject(t *testing.T) {
	for _, test := range []struct {
		change func(b *report.Budget)
		want   bool
	}{
		{func(b *report.Budget) { b.Max, b.Reason = nil, "another" }, true},
		{func(b *report.Budget) { b.Scenario = "login" }, false},
		{func(b *report.Budget) { b.Version = "" }, false},
		{func(b *report.Budget) { b.Metric = tracer.RBAC }, false},
	} {
		b := reporttest.Budget("v1", 3, 1)
		test.change(&b)
		if got := sameSubject(reporttest.Budget("v1", 3, 1), b); got != test.want {
			t.Errorf("%+v: got %t, want %t", b, got, test.want)
		}
	}
}
