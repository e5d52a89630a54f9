// Package authorizers shows how the checks of authorization layers of different shapes
// are counted: each takes a line or two around what there is.
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

// An Input is what a policy of OPA decides on.
type Input struct {
	Subject string `json:"subject"`
	Action  string `json:"action"`
	Object  string `json:"object"`
}

// Allowed evaluates a prepared query of OPA, which is one check.
func Allowed(r *tracer.Recorder, query rego.PreparedEvalQuery) func(ctx context.Context, subject, action, object string) (bool, error) {
	return tracer.CountDecisions(r,
		func(ctx context.Context, subject, action, object string) (bool, error) {
			result, err := query.Eval(ctx, rego.EvalInput(Input{subject, action, object}))
			return result.Allowed(), err
		},
		func(action, _ string) string { return action })
}

// Interceptor counts the calls of a service that decides over gRPC, as OpenFGA and
// SpiceDB do: by their method, and alike if their requests are.
func Interceptor(r *tracer.Recorder) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
		object := any(request)
		if message, ok := request.(proto.Message); ok { // which holds more than its fields
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

// RoundTrip counts a request by its method and path, and alike if the URLs are.
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

// Scoped is the middleware of a server that is watched: each request has a scope, and
// done gets what it took.
func Scoped(next http.Handler, done func(recording tracer.Recording)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, scope := tracer.Start(r.Context(), r.Method+" "+r.URL.Path)
		defer func() { done(scope.End()) }()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
