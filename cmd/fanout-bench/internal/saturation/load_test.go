package saturation_test

import (
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation"
)

func TestCheck(t *testing.T) {
	for _, test := range []struct {
		change func(*saturation.Load)
		says   string // empty: it can be
	}{
		{func(*saturation.Load) {}, ""},
		{func(l *saturation.Load) { l.Pool = 0 }, "a pool of 0"},
		{func(l *saturation.Load) { l.Pool = 101 }, "a pool of 101"},
		{func(l *saturation.Load) { l.Pool = 100 }, ""},
		{func(l *saturation.Load) { l.Rate = 0 }, "a rate of 0"},
		{func(l *saturation.Load) { l.Rate = -1 }, "a rate of -1"},
		{func(l *saturation.Load) { l.Rate = 10_001 }, "a rate of 10001"},
		{func(l *saturation.Load) { l.Rate = 10_000 }, ""},
		{func(l *saturation.Load) { l.Duration = 999 }, "a duration of 999ms"},
		{func(l *saturation.Load) { l.Duration = 600_000.000001 }, "a duration of 10m0.000000001s"},
		{func(l *saturation.Load) { l.Rate, l.Duration = 10_000, 11_000 }, "at most 100000 clients"},
		{func(l *saturation.Load) { l.Latency = 0 }, "a latency of 0s"},
		{func(l *saturation.Load) { l.Latency = 1.5 }, "whole milliseconds"},
		{func(l *saturation.Load) { l.Latency = 11_000 }, "a latency of 11s"},
		{func(l *saturation.Load) { l.Latency = l.Deadline }, "not one round trip of 500ms ends before it"},
		{func(l *saturation.Load) { l.Deadline = 6000 }, "so none could miss it"},
	} {
		l := offered
		test.change(&l)
		err := l.Validate()
		if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%+v: got %v, want %q", l, err, test.says)
		}
	}
	if err := (saturation.Load{Pool: 1, Latency: 1, Deadline: 2}).ValidateService(); err != nil {
		t.Errorf("a service that is not put under load: %v", err)
	}
}

func TestVictimRate(t *testing.T) {
	for _, test := range []struct {
		pool    int
		latency saturation.Milliseconds
		want    int
	}{
		{10, 4, 25}, {100, 4, 25}, {10, 10, 10}, {1, 4, 2}, {1, 1000, 1},
	} {
		if got := (saturation.Load{Pool: test.pool, Latency: test.latency}).VictimRate(); got != test.want {
			t.Errorf("pool %d, latency %v: %d a second, want %d", test.pool, test.latency, got, test.want)
		}
	}
}
