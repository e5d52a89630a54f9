package load

import (
	"context"
	"net/http"
	"time"

	"github.com/felixge/httpsnoop"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation"
	"github.com/fanout-bench/fanout-bench/internal/underload"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Served is a request that the service worked on.
type Served struct {
	underload.Request
	Status int
	Cost   saturation.Cost
	Cause  underload.Cause // of a status of 500 or above
}

// recorded has handler answer each request within deadline, and tells observe what that
// took, which is called by many goroutines.
func recorded(handler http.Handler, deadline time.Duration, observe func(Served)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), deadline)
		defer cancel()
		// The answer that the deadline was missed needs some time too.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(2 * deadline)) // a server of net/http can

		served := &Served{}
		ctx, scope := tracer.Start(served.Context(ctx), "request")
		served.Status = httpsnoop.CaptureMetrics(handler, w, r.WithContext(ctx)).Code
		recording := scope.End()

		counts := recording.Counts()
		served.Cost = saturation.Cost{SQL: counts.SQL, RBAC: counts.RBAC, Acquires: counts.Acquires, MaxHeld: counts.MaxHeld}
		if served.Status >= http.StatusInternalServerError {
			served.Cause = underload.CauseOf(recording, ctx.Err() != nil)
		}
		observe(*served)
	})
}
