package agentauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestAnswersToEachSituation(t *testing.T) {
	s := newService(t)
	for _, test := range []struct {
		situation string
		n         int
		// rc.2, rc.3, pr-24973, pr-25158, pr-25031, one-query
		want string
	}{
		{"agents", 1, "agent-1"},
		{"agents", 2, "agent-1"},
		{"agents-one-resource", 1, "agent-1"},
		{"agents-one-resource", 2, "agent-1"},
		{"agents-unnamed", 1, "agent-1"},
		{"agents-unnamed", 2, "agent-1 409 409 409 409 409"},
		{"agents-across-workspaces", 1, "agent-1"},
		{"agents-across-workspaces", 2, "agent-1"},
		{"rebuilds", 0, "agent-1"},
		{"rebuilds", 1, "agent-1 409 409 agent-1 409 agent-1"},
		{"rebuilds", 2, "agent-1 409 409 agent-1 409 agent-1"},
		{"rebuilds-marked-deleted", 0, "agent-1"},
		{"rebuilds-marked-deleted", 2, "agent-1"},
		{"template-agents", 0, "agent-1"},
		{"template-agents", 1, "404 agent-1 agent-1 agent-1 agent-1 agent-1"},
		{"template-agents", 2, "404 agent-1 agent-1 agent-1 agent-1 agent-1"},
		{"sub-agents", 0, "agent-1"},
		{"sub-agents", 2, "agent-1"},
		{"recycled", 0, "400 400 400 404 400 404"},
		{"unknown", 0, "404"},
		{"deleted-workspace", 0, "400 400 400 404 404 404"},
	} {
		t.Run(fmt.Sprintf("%s %d", test.situation, test.n), func(t *testing.T) {
			found := slices.IndexFunc(situations, func(s situation) bool { return s.name == test.situation })
			if found < 0 {
				t.Fatal("no such situation")
			}
			situation := situations[found]
			w := stored(t, s.pool, func(w *world) { situation.store(w, test.n) })
			s.check(t, w, situation.agentName, test.want)
		})
	}
}

// One who may not read must not see that there is something to read.
func TestDenialLooksLikeAnUnknownInstance(t *testing.T) {
	s := newService(t)
	w := stored(t, s.pool, oneBuildAgent)
	nobody := AuthorizerFunc(func(_ context.Context, subject Subject, action string, object Object) error {
		return &NotAuthorizedError{Role: subject.Role, Action: action, Type: object.Type}
	})
	for _, v := range Versions() {
		denying := *s
		denying.urls = map[string]string{v.Name: serve(t, NewHandler(v, Queries{s.pool}, nobody, s.signer.Certificate))}
		denied, unknown := denying.ask(t, v.Name, w, ""), s.ask(t, v.Name, newWorld(), "")
		if denied != unknown || denied.status != http.StatusNotFound {
			t.Errorf("%s: denied: %d %s; unknown: %d %s; want the same 404",
				v.Name, denied.status, denied.body, unknown.status, unknown.body)
		}
	}
}

// The caller of a request that failed learns nothing of the cause; the operator
// learns it.
func TestFailureIsToldToTheOperatorOnly(t *testing.T) {
	cause := errors.New("cannot decide: secret.example refused the connection")
	undecided := AuthorizerFunc(func(context.Context, Subject, string, Object) error { return cause })
	s := newService(t)
	w := stored(t, s.pool, oneBuildAgent)
	for _, v := range Versions() {
		var told error
		handler := NewHandler(v, Queries{s.pool}, undecided, s.signer.Certificate)
		handler.Failed = func(err error) { told = err }
		failing := *s
		failing.urls = map[string]string{v.Name: serve(t, handler)}
		got := failing.ask(t, v.Name, w, "")
		if got.status != http.StatusInternalServerError || strings.Contains(got.body, "secret") {
			t.Errorf("%s: got %d %s, want a 500 without the cause", v.Name, got.status, got.body)
		}
		if !errors.Is(told, cause) {
			t.Errorf("%s: Failed was told %v, want %v", v.Name, told, cause)
		}
	}
}

func TestTheServerItselfAsks(t *testing.T) {
	s := newService(t)
	w := stored(t, s.pool, oneBuildAgent)
	for _, v := range Versions() {
		var subjects []Subject
		engine := testEngine(t)
		watching := AuthorizerFunc(func(ctx context.Context, subject Subject, action string, object Object) error {
			subjects = append(subjects, subject)
			return engine.Authorize(ctx, subject, action, object)
		})
		watched := *s
		watched.urls = map[string]string{v.Name: serve(t, NewHandler(v, Queries{s.pool}, watching, s.signer.Certificate))}
		watched.ask(t, v.Name, w, "")
		other := func(s Subject) bool { return s != Subject{ID: uuid.Nil, Role: RoleSystemRestricted} }
		if len(subjects) == 0 || slices.ContainsFunc(subjects, other) {
			t.Errorf("%s: got checks of %v, want only those of %s", v.Name, subjects, RoleSystemRestricted)
		}
	}
}

// oneBuildAgent is an agent on the latest build of a workspace.
func oneBuildAgent(w *world) {
	w.agent(w.resource(w.build(w.workspace(), "start")), "main", "main")
}
