package fanouttest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fanout-bench/fanout-bench/internal/machine"
)

func TestInvalid(t *testing.T) {
	late := func(n int, by time.Duration) []time.Duration { return slices.Repeat([]time.Duration{by}, n) }
	for _, test := range []struct {
		name   string
		late   []time.Duration
		checks []machine.Check
		says   string
	}{
		{"a quiet machine", late(300, time.Millisecond), []machine.Check{{Others: 0.1}, {Others: 0.2}}, ""},
		{"one that does not tell", late(300, time.Millisecond), []machine.Check{{Others: -1}, {Others: -1}}, ""},
		{"an interrupt", late(299, 0), nil, "only 299 of 300 requests were sent"},
		{"late", late(300, 20*time.Millisecond), nil, "cannot keep the pace: one in a hundred requests was sent 20ms late"},
		{"others before", late(300, 0), []machine.Check{{Others: 0.9}, {}}, "too busy: others take 90 %"},
		{"others after", late(300, 0), []machine.Check{{}, {Others: 0.5}}, "too busy: others take 50 %"},
		{"slow queries", late(300, 0), []machine.Check{{Spread: 1.1}, {}}, "beside round trips of 2ms"},
	} {
		s := saturation{Load: &Load{}, late: test.late, checks: test.checks}
		s.withDefaults()
		if got := s.invalid(); (got == "") != (test.says == "") || !strings.Contains(got, test.says) {
			t.Errorf("%s: %q, want %q", test.name, got, test.says)
		}
	}
}
