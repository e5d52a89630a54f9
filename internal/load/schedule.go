package load

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// A schedule says when which request is due: clients arrive at a fixed rate, and those
// that are to ask again do so on top of it. It paces an attack, for which its Pace
// is called by one goroutine, and is otherwise safe for concurrent use.
type schedule struct {
	ctx      context.Context
	interval time.Duration // between arrivals
	end      time.Duration // of the attack, from its begin
	requests int           // how many different ones there are

	changed chan struct{} // there is an earlier entry than before
	ready   chan sending  // what the attack is to send, in order

	mu      sync.Mutex
	began   time.Time // of the attack
	arrived int
	again   sendings
}

func newSchedule(ctx context.Context, rate int, end time.Duration, requests int) *schedule {
	return &schedule{
		ctx:      ctx,
		interval: time.Second / time.Duration(rate),
		end:      end,
		requests: requests,
		changed:  make(chan struct{}, 1),
		ready:    make(chan sending, 64),
	}
}

// Pace waits until a request is due, and tells the attack to send it at once.
func (s *schedule) Pace(elapsed time.Duration, _ uint64) (wait time.Duration, stop bool) {
	began := time.Now().Add(-elapsed)
	for {
		s.mu.Lock()
		s.began = began
		next := s.next()
		s.mu.Unlock()
		// What is due by then and late is still sent, as long as that takes no longer
		// than half as much again.
		if next.due >= s.end || time.Since(began) > s.end*3/2 {
			return 0, true
		}
		timer := time.NewTimer(time.Until(began.Add(next.due)))
		select {
		case <-s.ctx.Done():
			timer.Stop()
			return 0, true
		case <-s.changed:
			timer.Stop()
			continue
		case <-timer.C:
		}
		s.mu.Lock()
		next = s.take()
		s.mu.Unlock()
		s.ready <- next
		return 0, false
	}
}

// Rate is for plots; there is none.
func (s *schedule) Rate(time.Duration) float64 { return 0 }

// next is the earliest sending.
func (s *schedule) next() sending {
	arrival := sending{request: s.arrived % s.requests, due: time.Duration(s.arrived) * s.interval}
	if len(s.again) > 0 && s.again[0].due < arrival.due {
		return s.again[0]
	}
	return arrival
}

// take removes the earliest sending.
func (s *schedule) take() sending {
	if next := s.next(); len(s.again) > 0 && next == s.again[0] {
		return heap.Pop(&s.again).(sending)
	}
	next := s.next()
	s.arrived++
	return next
}

// sending is what the attack is to send next.
func (s *schedule) sending() sending { return <-s.ready }

// begin is when the attack began.
func (s *schedule) begin() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.began
}

// counts returns how many clients have arrived, and how many wait to ask again.
func (s *schedule) counts() (arrived, waiting int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.arrived, len(s.again)
}

// repeat has a request sent again at that time.
func (s *schedule) repeat(request int, at time.Time) {
	s.mu.Lock()
	heap.Push(&s.again, sending{request: request, due: at.Sub(s.began)})
	s.mu.Unlock()
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// sendings is a heap, the earliest first.
type sendings []sending

func (s sendings) Len() int           { return len(s) }
func (s sendings) Less(i, j int) bool { return s[i].due < s[j].due }
func (s sendings) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }
func (s *sendings) Push(x any)        { *s = append(*s, x.(sending)) }
func (s *sendings) Pop() any {
	last := (*s)[len(*s)-1]
	*s = (*s)[:len(*s)-1]
	return last
}
