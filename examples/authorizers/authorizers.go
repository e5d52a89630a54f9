// Package authorizers shows how to count the checks of different authorization layers. Each takes
// a line or two around the existing code.
package authorizers

import (
	"context"
	"net/http"

	"github.com/casbin/casbin/v3"
	"github.com/open-policy-agent/opa/v1/rego"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// Enforce returns casbin's Enforce with each call counted.
func Enforce(r *tracer.Recorder, e casbin.IEnforcer) func(ctx context.Context, subject, action, object string) (bool, error) {
	return tracer.CountDecisions(r,
		func(_ context.Context, subject, action, object string) (bool, error) {
			return e.Enforce(subject, object, action)
		},
		func(action, _ string) string { return action })
}

// An Input is the input of an OPA policy.
type Input struct {
	Subject string `json:"subject"`
	Action  string `json:"action"`
	Object  string `json:"object"`
}

// Allowed evaluates a prepared OPA query, which counts as one check.
func Allowed(r *tracer.Recorder, query rego.PreparedEvalQuery) func(ctx context.Context, subject, action, object string) (bool, error) {
	return tracer.CountDecisions(r,
		func(ctx context.Context, subject, action, object string) (bool, error) {
			result, err := query.Eval(ctx, rego.EvalInput(Input{subject, action, object}))
			return result.Allowed(), err
		},
		func(action, _ string) string { return action })
}

// Interceptor counts the calls of a service that decides over gRPC, such as OpenFGA and SpiceDB,
// by method. Calls with equal requests are equal.
func Interceptor(r *tracer.Recorder) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
		object := any(request)
		if message, ok := request.(proto.Message); ok { // compares only the fields
			if text, err := (proto.MarshalOptions{Deterministic: true}).Marshal(message); err == nil {
				object = text
			}
		}
		ctx, end := r.Check(ctx, method, "", method, object)
		err := invoke(ctx, method, request, reply, conn, options...)
		end(status.Code(err) == codes.OK)
		return err
	}
}

// A Transport counts the requests to a service that decides over HTTP.
type Transport struct {
	Recorder *tracer.Recorder
	Next     http.RoundTripper // nil: http.DefaultTransport
}

// RoundTrip counts a request by its method and path. Requests with equal URLs are equal.
func (t Transport) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx, end := t.Recorder.Check(request.Context(), request.Method+" "+request.URL.Path, "", request.Method, request.URL.String())
	next := t.Next
	if next == nil {
		next = http.DefaultTransport
	}
	response, err := next.RoundTrip(request.WithContext(ctx))
	end(err == nil && response.StatusCode < http.StatusBadRequest)
	return response, err
}

// Scoped is middleware that gives each request its own scope and calls done with its recording.
func Scoped(next http.Handler, done func(recording tracer.Recording)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, scope := tracer.Start(r.Context(), r.Method+" "+r.URL.Path)
		defer func() { done(scope.End()) }()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
