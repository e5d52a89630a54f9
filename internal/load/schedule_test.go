package load

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// paced returns what a schedule lets an attack send at once, if elapsed is what has
// passed since the attack began.
func paced(t *testing.T, s *schedule, elapsed time.Duration) []sending {
	t.Helper()
	var all []sending
	for len(all) < 1000 {
		wait, stop := s.Pace(elapsed, uint64(len(all)))
		if stop {
			return all
		}
		if wait != 0 {
			t.Fatalf("told the attack to wait for %v more", wait)
		}
		all = append(all, s.sending())
	}
	t.Fatal("there is no end to it")
	return nil
}

func TestScheduleHasClientsArriveEvenly(t *testing.T) {
	s := newSchedule(t.Context(), 4, time.Second, 3)
	want := []sending{{0, 0}, {1, 250 * time.Millisecond}, {2, 500 * time.Millisecond}, {0, 750 * time.Millisecond}}
	if diff := cmp.Diff(want, paced(t, s, time.Second), cmp.AllowUnexported(sending{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if arrived, waiting := s.counts(); arrived != 4 || waiting != 0 {
		t.Errorf("%d arrived and %d wait", arrived, waiting)
	}
}

func TestScheduleRepeatsInOrder(t *testing.T) {
	s := newSchedule(t.Context(), 4, time.Second, 2)
	if _, stop := s.Pace(time.Second, 0); stop {
		t.Fatal("it ends at once")
	}
	s.sending()
	// It takes the begin from its latest call, which was a moment ago.
	s.repeat(1, s.begin().Add(600*time.Millisecond))
	s.repeat(0, s.begin().Add(300*time.Millisecond))
	s.repeat(1, s.begin().Add(2*time.Second))
	want := []sending{
		{1, 250 * time.Millisecond}, {0, 300 * time.Millisecond}, {0, 500 * time.Millisecond},
		{1, 600 * time.Millisecond}, {1, 750 * time.Millisecond},
	}
	if diff := cmp.Diff(want, paced(t, s, time.Second), cmp.AllowUnexported(sending{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if arrived, waiting := s.counts(); arrived != 4 || waiting != 1 {
		t.Errorf("%d arrived and %d wait to ask again, want 4 and 1", arrived, waiting)
	}
}

func TestScheduleGivesUpWhenItIsFarBehind(t *testing.T) {
	s := newSchedule(t.Context(), 4, time.Second, 1)
	if got := paced(t, s, 1600*time.Millisecond); len(got) != 0 {
		t.Errorf("still sends %d requests after one and a half times its time", len(got))
	}
}

func TestScheduleEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := newSchedule(ctx, 1, time.Hour, 1)
	if _, stop := s.Pace(0, 0); stop {
		t.Fatal("it ends before its context")
	}
	cancel()
	if _, stop := s.Pace(0, 1); !stop { // or it would be a second before that
		t.Error("it goes on after its context")
	}
}

// TestScheduleIsWokenByARepetition has a client ask again while the schedule waits for
// one that comes in an hour.
func TestScheduleIsWokenByARepetition(t *testing.T) {
	s := newSchedule(t.Context(), 1, 2*time.Hour, 1)
	s.interval = time.Hour
	s.Pace(0, 0)
	s.sending()
	woken := make(chan sending)
	go func() {
		s.Pace(0, 1)
		woken <- s.sending()
	}()
	s.repeat(0, s.begin().Add(time.Millisecond))
	select {
	case <-woken:
	case <-time.After(patience):
		t.Error("it still waits for the next client")
	}
}
