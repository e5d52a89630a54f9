package agentauth

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

func TestWorkloadsAreAnsweredAsDeclared(t *testing.T) {
	pool := pgtest.Pool(t, schema)
	for _, test := range []struct {
		workload string
		n        int
		// of each version, for each request of a machine
		want []string
	}{
		{"saturation", 2, []string{"200 200", "200 200", "200 200", "200 200", "200 200", "200 200", "200 200"}},
		{"rebuilds", 0, []string{"200", "200", "200", "200", "200", "200", "200"}},
		{"rebuilds", 2, []string{"200", "409", "409", "409", "200", "409", "200"}},
	} {
		path := Path()
		workload, err := path.Workload(test.workload)
		if err != nil {
			t.Fatal(err)
		}
		for i, version := range path.Versions {
			env := scenarios.Env{Version: version.Name, N: test.n, Pool: pool, Fixtures: pool, Recorder: &tracer.Recorder{}}
			service, err := workload.Setup(t.Context(), env, 2)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, request := range service.Requests {
				w := httptest.NewRecorder()
				r := httptest.NewRequestWithContext(t.Context(), request.Method, request.Path, bytes.NewReader(request.Body))
				service.Handler.ServeHTTP(w, r)
				if w.Code != request.Expect {
					t.Errorf("%s, %s/%d: answered %d, declared is %d", version.Name, test.workload, test.n, w.Code, request.Expect)
				}
				if w.Code == http.StatusOK {
					if err := request.Check(w.Body.Bytes()); err != nil {
						t.Errorf("%s, %s/%d: %v", version.Name, test.workload, test.n, err)
					}
					if request.Check([]byte(`{"session_token": "another"}`)) == nil {
						t.Errorf("%s, %s/%d: any token will do", version.Name, test.workload, test.n)
					}
				}
				got = append(got, strconv.Itoa(w.Code))
			}
			want := test.want[i] + " " + test.want[i] // of two machines
			if joined := strings.Join(got, " "); joined != want {
				t.Errorf("%s, %s/%d: answered %s, want %s", version.Name, test.workload, test.n, joined, want)
			}
		}
	}
}
