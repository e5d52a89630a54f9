package agentauth

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

func TestWorkloadsAreAnsweredAsDeclared(t *testing.T) {
	pool := pgtest.Pool(t, schema)
	for _, test := range []struct {
		workload string
		n        int
		requests int    // of a machine
		want     string // of each of them
	}{
		{"saturation", 2, 2, "200"},
		{"rebuilds", 0, 1, "200"},
		{"rebuilds", 2, 1, "200 409 409 200 409 200"},
	} {
		want := answers(t, test.want)
		path := Case()
		workload, err := path.Workload(test.workload)
		must.Succeed(t, err)
		for _, version := range path.Versions {
			env := scenarios.Env{Version: version.Name, N: test.n, Pool: pool, Fixtures: pool, Recorder: &tracer.Recorder{}}
			const machines = 2
			service, err := workload.Setup(t.Context(), env, machines)
			must.Succeed(t, err)
			if got := len(service.Requests); got != machines*test.requests {
				t.Errorf("%s, %s/%d: %d requests, want %d of each machine", version.Name, test.workload, test.n, got, test.requests)
			}
			for _, request := range service.Requests {
				w := httptest.NewRecorder()
				r := httptest.NewRequestWithContext(t.Context(), request.Method, request.Path, bytes.NewReader(request.Body))
				service.Handler.ServeHTTP(w, r)
				if w.Code != request.Expect || strconv.Itoa(w.Code) != want[version.Name] {
					t.Errorf("%s, %s/%d: answered %d, declared is %d, want %s",
						version.Name, test.workload, test.n, w.Code, request.Expect, want[version.Name])
				}
				if w.Code == http.StatusOK {
					if err := request.Check(w.Body.Bytes()); err != nil {
						t.Errorf("%s, %s/%d: %v", version.Name, test.workload, test.n, err)
					}
					if request.Check([]byte(`{"session_token": "another"}`)) == nil {
						t.Errorf("%s, %s/%d: Check accepts any token", version.Name, test.workload, test.n)
					}
				}
			}
		}
	}
}
