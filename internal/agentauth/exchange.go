package agentauth

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/fanout-bench/fanout-bench/scenarios"
)

// An exchange is one request and its answer, without a network in between.
type exchange struct {
	handler *Handler
	body    []byte
	labels  map[string]string
	answer  response
	failure error // behind a 500
}

func newExchange(env scenarios.Env, versions []Version, certificate *x509.Certificate, request AuthRequest, labels map[string]string) (*exchange, error) {
	version, auth, err := subject(env, versions)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	e := &exchange{
		handler: NewHandler(version, Queries{env.Pool}, auth, certificate),
		body:    body,
		labels:  labels,
	}
	e.handler.Failed = func(err error) { e.failure = err }
	return e, nil
}

func (e *exchange) run(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, Route, bytes.NewReader(e.body))
	if err != nil {
		return err
	}
	e.answer, e.failure = response{header: http.Header{}}, nil
	e.handler.ServeHTTP(&e.answer, request)
	return e.failure
}

// outcome is the status, and for a token whose it is: "200 agent-1".
func (e *exchange) outcome(context.Context) (string, error) {
	if e.answer.status != http.StatusOK {
		return fmt.Sprint(e.answer.status), nil
	}
	var body AuthResponse
	if err := json.Unmarshal(e.answer.body.Bytes(), &body); err != nil {
		return "", err
	}
	label, ok := e.labels[body.SessionToken]
	if !ok {
		return "", fmt.Errorf("the session token belongs to no agent of this cell")
	}
	return fmt.Sprintf("%d %s", e.answer.status, label), nil
}

// response is an http.ResponseWriter that keeps what was written. The recorder of
// net/http/httptest would do, but importing it defines a flag.
type response struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *response) Header() http.Header { return r.header }

func (r *response) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *response) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}
