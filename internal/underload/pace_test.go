package underload_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fanout-bench/fanout-bench/internal/underload"
)

// TestPaceIsOpen has no request answered before all are sent.
func TestPaceIsOpen(t *testing.T) {
	const n, interval = 20, time.Millisecond
	var all sync.WaitGroup
	all.Add(n)
	begin := time.Now()
	late := underload.Pace(t.Context(), interval, n, func() {
		all.Done()
		all.Wait()
	})
	if len(late) != n {
		t.Errorf("sent %d, want %d", len(late), n)
	}
	for i, l := range late {
		if l < 0 {
			t.Errorf("request %d was sent %v early", i, -l)
		}
	}
	if took := time.Since(begin); took < (n-1)*interval {
		t.Errorf("all were sent in %v", took)
	}
}

func TestPaceEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var sent atomic.Int64
	late := underload.Pace(ctx, time.Hour, 3, func() {
		sent.Add(1)
		cancel()
	})
	if sent.Load() != 1 || len(late) != 1 {
		t.Errorf("sent %d, told of %d; want 1", sent.Load(), len(late))
	}
}
