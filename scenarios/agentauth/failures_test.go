package agentauth

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Whichever statement or check fails, and however: nobody gets a token, or learns why.
func TestEachFailureEndsTheRequest(t *testing.T) {
	s, spied := newSpiedService(t)
	w := stored(t, s.pool, func(w *world) {
		job := w.build(w.workspace(), "start")
		w.agent(w.resource(job), "other", "other")
		w.agent(w.resource(job), "main", "main")
	})
	cause := errors.New(`FATAL: password of "secret" is wrong: SELECT auth_token FROM workspace_agents`)
	fail := func() error { return cause }
	var told []error
	s.failed = func(_ string, err error) { told = append(told, err) }
	for _, v := range Versions() {
		spied.before, spied.during, spied.beforeCheck = nil, nil, nil
		if got := s.ask(t, v.Name, w, "main"); got.outcome(w) != "main" {
			t.Fatalf("%s, without a failure: got %d %s, want the token", v.Name, got.status, got.body)
		}
		statements, checks := spied.noted()
		for _, failure := range []struct {
			name string
			of   []string
			set  func(k int)
		}{
			{"sending", statements, func(k int) { spied.before = at(k, fail) }},
			{"reading", statements, func(k int) { spied.during = at(k, fail) }},
			{"deciding", checks, func(k int) { spied.beforeCheck = at(k, fail) }},
		} {
			for i, name := range failure.of {
				spied.before, spied.during, spied.beforeCheck = nil, nil, nil
				failure.set(i + 1)
				told = nil
				got := s.ask(t, v.Name, w, "main")
				if got.status != http.StatusInternalServerError || got.body != `{"message":"Internal error."}` {
					t.Errorf("%s, %s %d, %s: got %d %s, want a 500 without the cause", v.Name, failure.name, i+1, name, got.status, got.body)
				}
				if len(told) != 1 || !errors.Is(told[0], cause) {
					t.Errorf("%s, %s %d, %s: Failed was told %v, want %v", v.Name, failure.name, i+1, name, told, cause)
				}
				if asked, checked := spied.noted(); failure.name == "deciding" && len(checked) > i+1 || failure.name != "deciding" && len(asked) > i+1 {
					t.Errorf("%s, %s %d, %s: went on to %v, %v", v.Name, failure.name, i+1, name, asked, checked)
				}
			}
		}
	}
}

// Each line says how a request ends if the first check is denied, if the second is, and
// so on. Where a token is handed out nevertheless, the check of the fast path that has one
// was denied, and the cascade asked instead, which has a check of its own.
func TestEachDenialEndsTheRequest(t *testing.T) {
	s, spied := newSpiedService(t)
	w := stored(t, s.pool, oneBuildAgent)
	for version, want := range map[string]string{
		rc2.Name:         "404 404 404 404 404",
		rc3.Name:         "404 404 404 404 404 404 404",
		pr24973.Name:     "404 404 404",
		pr24973Text.Name: "404 main main 404 404",
		pr24973Memo.Name: "404 404", // the workspace, allowed once, is remembered
		pr25158.Name:     "404 404 404",
		pr25031.Name:     "404 404",
		oneQuery.Name:    "404",
	} {
		spied.beforeCheck = nil
		s.ask(t, version, w, "")
		_, checks := spied.noted()
		var outcomes []string
		for k, check := range checks {
			spied.beforeCheck = at(k+1, func() error {
				return &NotAuthorizedError{Role: RoleSystemRestricted, Action: Read, Type: check}
			})
			outcomes = append(outcomes, s.ask(t, version, w, "").outcome(w))
			spied.noted()
		}
		if got := strings.Join(outcomes, " "); got != want {
			t.Errorf("%s: got %s, want %s", version, got, want)
		}
	}
}

// Whoever must not read one kind of thing. The lists ask for the right to read the
// system, and what comes after for that to read the workspace: rc.2 has no list, and
// one-query nothing after.
func TestDenialOfOneKind(t *testing.T) {
	s, spied := newSpiedService(t)
	w := stored(t, s.pool, oneBuildAgent)
	for kind, want := range map[string]string{
		"system":    "main 404 404 404 404 404",
		"workspace": "404 404 404 404 404 main",
		"template":  "main",
	} {
		spied.beforeCheck = func(k int) error {
			if spied.checks[k-1] != CheckLabel(Read, Object{Type: kind}) {
				return nil
			}
			return &NotAuthorizedError{Role: RoleSystemRestricted, Action: Read, Type: kind}
		}
		t.Run(kind, func(t *testing.T) { s.check(t, w, "", want) })
		spied.noted()
	}
}

// A row that is gone when it is asked for is as good as one that never was, wherever
// that happens.
func TestEachRowMayBeGone(t *testing.T) {
	s, spied := newSpiedService(t)
	w := stored(t, s.pool, oneBuildAgent)
	for _, v := range Versions() {
		spied.before = nil
		s.ask(t, v.Name, w, "")
		statements, _ := spied.noted()
		for i, name := range statements {
			spied.before = at(i+1, func() error { return pgx.ErrNoRows })
			if got := s.ask(t, v.Name, w, ""); got.status != http.StatusNotFound {
				t.Errorf("%s, statement %d, %s: got %d %s, want 404", v.Name, i+1, name, got.status, got.body)
			}
			spied.noted()
		}
	}
}

// A client that is gone, or a deadline that has passed, ends the request at the next
// statement.
func TestCanceledRequests(t *testing.T) {
	s, spied := newSpiedService(t)
	w := stored(t, s.pool, oneBuildAgent)
	body := bodyOf(t, w)
	serve := func(ctx context.Context, v Version, cancel func()) (*httptest.ResponseRecorder, error) {
		handler := NewHandler(v, Queries{spied}, spied, s.signer.Certificate)
		var cause error
		handler.Failed = func(err error) { cause = err }
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequestWithContext(ctx, http.MethodPost, Route, strings.NewReader(body)))
		cancel()
		return answer, cause
	}
	for _, v := range Versions() {
		spied.before = nil
		ctx, cancel := context.WithCancel(t.Context())
		if answer, _ := serve(ctx, v, cancel); answer.Code != http.StatusOK {
			t.Fatalf("%s: got %d, want 200", v.Name, answer.Code)
		}
		statements, _ := spied.noted()
		for i, name := range statements {
			ctx, cancel := context.WithCancel(t.Context())
			spied.before = at(i+1, func() error { cancel(); return nil })
			answer, cause := serve(ctx, v, cancel)
			if answer.Code != http.StatusInternalServerError || anyID.MatchString(answer.Body.String()) || !errors.Is(cause, context.Canceled) {
				t.Errorf("%s, statement %d, %s: got %d %s because of %v, want 500 because of %v",
					v.Name, i+1, name, answer.Code, answer.Body, cause, context.Canceled)
			}
			if asked, _ := spied.noted(); len(asked) != i+1 {
				t.Errorf("%s, statement %d, %s: went on to %v", v.Name, i+1, name, asked[i+1:])
			}
		}
	}
}
