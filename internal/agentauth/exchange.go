package agentauth

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
)

// An exchange is one request and its answer, without a network.
type exchange struct {
	handler *Handler
	body    []byte
	world   *world
	answer  response
	failure error // behind a 500
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

// outcome is the status, and for a token its owner: "200 agent-1".
func (e *exchange) outcome(context.Context) (string, error) {
	if e.answer.status != http.StatusOK {
		return fmt.Sprint(e.answer.status), nil
	}
	holder, err := e.world.holder(e.answer.Bytes())
	return "200 " + holder, err
}

// response is an http.ResponseWriter that keeps what was written. Importing the
// recorder of net/http/httptest would define a flag.
type response struct {
	bytes.Buffer
	header http.Header
	status int
}

func (r *response) Header() http.Header { return r.header }

func (r *response) WriteHeader(status int) { r.status = status }
