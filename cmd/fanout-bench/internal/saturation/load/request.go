package load

import (
	"context"
	"net/http"
	"time"

	"github.com/felixge/httpsnoop"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Served is a request that the service worked on.
type Served struct {
	Status int
	Cost   saturation.Cost
	Cause  saturation.Cause // of a status of 500 or above
	Held   time.Duration    // connections, in total; guarded by the meter until the request has ended
}

type servedKey struct{}

func servedFrom(ctx context.Context) *Served {
	s, _ := ctx.Value(servedKey{}).(*Served)
	return s
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
		ctx, scope := tracer.Start(context.WithValue(ctx, servedKey{}, served), "request")
		served.Status = httpsnoop.CaptureMetrics(handler, w, r.WithContext(ctx)).Code
		recording := scope.End()

		counts := recording.Counts()
		served.Cost = saturation.Cost{SQL: counts.SQL, RBAC: counts.RBAC, Acquires: counts.Acquires, MaxHeld: counts.MaxHeld}
		if served.Status >= http.StatusInternalServerError {
			served.Cause = cause(recording, ctx.Err() != nil)
		}
		observe(*served)
	})
}

// cause returns why a request failed, by the last of its events that did not come to its
// end.
func cause(r tracer.Recording, late bool) saturation.Cause {
	if !late {
		return saturation.OtherCause
	}
	for i := len(r.Events) - 1; i >= 0; i-- {
		switch event := r.Events[i]; {
		case event.Outcome == tracer.OutcomeDone:
		case event.Kind == tracer.KindAcquire || event.Kind == tracer.KindConnect:
			return saturation.AcquireTimedOut
		default:
			return saturation.QueryCanceled
		}
	}
	return saturation.OtherCause
}
