package load

import (
	"context"
	"net/http"
	"time"

	"github.com/fanout-bench/fanout-bench/scenarios/saturation"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A request is one that the service worked on.
type request struct {
	status int
	cost   saturation.Cost
	cause  saturation.Cause // of a status of 500 or above
	held   time.Duration    // guarded by the meter until the request has ended
}

type requestKey struct{}

func requestFrom(ctx context.Context) *request {
	r, _ := ctx.Value(requestKey{}).(*request)
	return r
}

// serve has handler answer within deadline and returns what that took.
func serve(handler http.Handler, deadline time.Duration, w http.ResponseWriter, r *http.Request) *request {
	ctx, cancel := context.WithTimeout(r.Context(), deadline)
	defer cancel()
	// The answer that the deadline was missed needs some time too.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(2 * deadline)) // a server of net/http can

	served := &request{}
	ctx, scope := tracer.Start(context.WithValue(ctx, requestKey{}, served), "request")
	status := &statusWriter{ResponseWriter: w, status: http.StatusOK}
	handler.ServeHTTP(status, r.WithContext(ctx))
	recording := scope.End()

	counts := recording.Counts()
	served.status = status.status
	served.cost = saturation.Cost{SQL: counts.SQL, RBAC: counts.RBAC, Acquires: counts.Acquires, MaxHeld: counts.MaxHeld}
	if served.status >= http.StatusInternalServerError {
		served.cause = cause(recording)
	}
	return served
}

// cause returns what the last event of a request says about why it failed.
func cause(r tracer.Recording) saturation.Cause {
	if len(r.Events) == 0 {
		return saturation.OtherCause
	}
	switch last := r.Events[len(r.Events)-1]; {
	case last.Kind == tracer.Acquire && last.Outcome == tracer.Failed:
		return saturation.AcquireTimedOut
	case last.Outcome == tracer.Unknown || last.Outcome == tracer.NotSent:
		return saturation.QueryCanceled
	}
	return saturation.OtherCause
}

// A statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status  int
	written bool
}

func (w *statusWriter) WriteHeader(status int) {
	if !w.written {
		w.status, w.written = status, true
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	w.written = true
	return w.ResponseWriter.Write(b)
}

// Unwrap lets an http.ResponseController reach the writer.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
