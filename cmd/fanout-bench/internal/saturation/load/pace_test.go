package load

import (
	"context"
	"testing"
	"time"
)

// paced returns how many requests p has sent at once, if elapsed is what has passed
// since the attack began.
func paced(t *testing.T, p pace, elapsed time.Duration) uint64 {
	t.Helper()
	for sent := range uint64(1000) {
		wait, stop := p.Pace(elapsed, sent)
		if stop {
			return sent
		}
		if wait != 0 {
			t.Fatalf("told the attack to wait for %v more", wait)
		}
	}
	t.Fatal("there is no end to it")
	return 0
}

func TestPace(t *testing.T) {
	for _, test := range []struct {
		elapsed time.Duration
		want    uint64
	}{
		{time.Second, 4},
		{1499 * time.Millisecond, 4}, // late, and still sent
		{1501 * time.Millisecond, 0}, // too late
	} {
		p := pace{ctx: t.Context(), interval: time.Second / 4, requests: 4, within: 1500 * time.Millisecond}
		if got := paced(t, p, test.elapsed); got != test.want {
			t.Errorf("sent %d after %v, want %d", got, test.elapsed, test.want)
		}
	}
}

func TestPaceEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p := pace{ctx: ctx, interval: time.Second, requests: 2, within: time.Hour}
	if _, stop := p.Pace(0, 0); stop {
		t.Fatal("it ends before its context")
	}
	cancel()
	if _, stop := p.Pace(0, 1); !stop { // or it would be a second before that
		t.Error("it goes on after its context")
	}
}
