package underload

import (
	"context"
	"sync"
	"time"
)

// Pace calls send for each of n requests, in a goroutine of its own, an interval after the one
// before, however many are under way: one that is late moves none of the others. It waits
// until all have returned, and tells by how much each was late. It sends no more once ctx has
// ended.
func Pace(ctx context.Context, interval time.Duration, n int, send func()) (late []time.Duration) {
	var sent sync.WaitGroup
	defer sent.Wait()
	begin := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for i := range n {
		due := begin.Add(time.Duration(i) * interval)
		timer.Reset(time.Until(due))
		select {
		case <-ctx.Done():
			return late
		case <-timer.C:
		}
		late = append(late, time.Since(due))
		sent.Go(send)
	}
	return late
}
