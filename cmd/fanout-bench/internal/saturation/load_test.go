package saturation_test

import (
	"strings"
	"testing"
	"time"

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
		{func(l *saturation.Load) { l.Duration = 999 * ms }, "a duration of 999ms"},
		{func(l *saturation.Load) { l.Duration = 10*time.Minute + 1 }, "a duration of 10m0.000000001s"},
		{func(l *saturation.Load) { l.Rate, l.Duration = 10_000, 11*time.Second }, "at most 100000 clients"},
		{func(l *saturation.Load) { l.Latency = 0 }, "a latency of 0s"},
		{func(l *saturation.Load) { l.Latency = 1500 * time.Microsecond }, "whole milliseconds"},
		{func(l *saturation.Load) { l.Latency = 11 * time.Second }, "a latency of 11s"},
		{func(l *saturation.Load) { l.Latency = l.Deadline }, "not one round trip of 500ms ends before it"},
		{func(l *saturation.Load) { l.Deadline = 6 * time.Second }, "so none could miss it"},
	} {
		l := offered
		test.change(&l)
		err := l.Validate()
		if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%+v: got %v, want %q", l, err, test.says)
		}
	}
	if err := (saturation.Load{Pool: 1, Latency: ms, Deadline: 2 * ms}).ValidateService(); err != nil {
		t.Errorf("a service that is not put under load: %v", err)
	}
}

func TestVictimRate(t *testing.T) {
	for _, test := range []struct {
		pool    int
		latency time.Duration
		want    int
	}{
		{10, 4 * ms, 25}, {100, 4 * ms, 25}, {10, 10 * ms, 10}, {1, 4 * ms, 2}, {1, time.Second, 1},
	} {
		if got := (saturation.Load{Pool: test.pool, Latency: test.latency}).VictimRate(); got != test.want {
			t.Errorf("pool %d, latency %v: %d a second, want %d", test.pool, test.latency, got, test.want)
		}
	}
}
