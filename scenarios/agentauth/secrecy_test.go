package agentauth

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Of a request nothing is kept that would help to be the agent: not in what the process
// writes, nor in what is recorded, nor in what the operator is told of a failure.
func TestSecretsStayInTheAnswer(t *testing.T) {
	recorder := &tracer.Recorder{Stacks: true}
	config := pgtest.Pool(t, schema).Config()
	recorder.Attach(config.ConnConfig)
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	auth := AuthorizerFunc(tracer.CountChecks(recorder, testEngine(t).Authorize, CheckLabel))
	w := stored(t, pool, oneBuildAgent)
	request, err := testSigner(t).Request(w.instanceID, "main")
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	written := watchOutput(t)

	for _, name := range []string{"a token", "a failure"} {
		want := http.StatusOK
		if name == "a failure" {
			want = http.StatusInternalServerError
			if _, err := pool.Exec(t.Context(), "ALTER TABLE workspace_agents ALTER auth_token TYPE text USING auth_token || ' '"); err != nil {
				t.Fatal(err)
			}
			pool.Reset() // connections that planned for what the type was
		}
		for _, v := range Versions() {
			handler := NewHandler(v, Queries{pool}, auth, testSigner(t).Certificate)
			var told error
			handler.Failed = func(err error) { told = err }
			ctx, scope := tracer.Start(t.Context(), v.Name)
			answer := httptest.NewRecorder()
			handler.ServeHTTP(answer, httptest.NewRequestWithContext(ctx, http.MethodPost, Route, bytes.NewReader(body)))
			recording := scope.End()
			if answer.Code != want || recording.Counts().SQL == 0 {
				t.Fatalf("%s: got %d %s, want %d", v.Name, answer.Code, answer.Body, want)
			}
			if failed := want != http.StatusOK; failed != (told != nil) {
				t.Errorf("%s: Failed was told %v", v.Name, told)
			}
			for where, text := range map[string]string{
				"the recording":  fmt.Sprintf("%+v", recording),
				"the error":      fmt.Sprintf("%v %+v", told, told),
				"the output":     written(),
				"the header":     fmt.Sprint(answer.Header()),
				"a failure body": failureBody(answer),
			} {
				for secret := range w.labels {
					if strings.Contains(text, secret) {
						t.Errorf("%s, %s: %s holds the session token: %s", v.Name, name, where, text)
					}
				}
				if strings.Contains(text, w.instanceID) || strings.Contains(text, request.Signature) {
					t.Errorf("%s, %s: %s holds the identity: %s", v.Name, name, where, text)
				}
			}
			if text := written(); text != "" {
				t.Errorf("%s, %s: wrote %q, want nothing", v.Name, name, text)
			}
		}
	}
}

func failureBody(answer *httptest.ResponseRecorder) string {
	if answer.Code == http.StatusOK {
		return ""
	}
	return answer.Body.String()
}

// watchOutput returns a function that returns what the process has written since.
func watchOutput(t *testing.T) func() string {
	t.Helper()
	file, err := os.CreateTemp(t.TempDir(), "output")
	if err != nil {
		t.Fatal(err)
	}
	out, errors, logs := os.Stdout, os.Stderr, log.Writer()
	os.Stdout, os.Stderr = file, file
	log.SetOutput(file)
	t.Cleanup(func() {
		os.Stdout, os.Stderr = out, errors
		log.SetOutput(logs)
		file.Close()
	})
	return func() string {
		text, err := os.ReadFile(file.Name())
		if err != nil {
			t.Error(err)
		}
		return string(text)
	}
}
