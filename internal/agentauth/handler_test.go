package agentauth

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/must"
)

// A caller without the right to read must not learn whether there is anything to read.
func TestDenialLooksLikeAnUnknownInstance(t *testing.T) {
	s := newService(t)
	w := stored(t, s.pool, oneBuildAgent)
	nobody := Authorizer(func(_ context.Context, subject Subject, action string, object Object) error {
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

// The operator learns the cause of a failed request; its caller
// does not.
func TestOnlyTheOperatorSeesTheCause(t *testing.T) {
	cause := errors.New("cannot decide: secret.example refused the connection")
	undecided := Authorizer(func(context.Context, Subject, string, Object) error { return cause })
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
			t.Errorf("%s: Failed got %v, want %v", v.Name, told, cause)
		}
	}
}

// A token requires a document that the cloud has signed, for exactly one instance.
func TestForgedDocuments(t *testing.T) {
	s := newService(t)
	w := stored(t, s.pool, oneBuildAgent)
	document := `{"instanceId":"` + w.instanceID + `"}`
	stranger, err := NewSigner()
	must.Succeed(t, err)
	sign := func(by *Signer, document string) AuthRequest {
		return AuthRequest{Document: document, Signature: base64.StdEncoding.EncodeToString(ed25519.Sign(by.key, []byte(document)))}
	}
	signed := sign(s.signer, document)
	for name, c := range map[string]struct {
		request AuthRequest
		status  int
	}{
		"signed":              {signed, http.StatusOK},
		"by another key":      {sign(stranger, document), http.StatusUnauthorized},
		"of another document": {AuthRequest{Document: document + " ", Signature: signed.Signature}, http.StatusUnauthorized},
		"without a signature": {AuthRequest{Document: document}, http.StatusUnauthorized},
		"with two instances":  {sign(s.signer, `{"instanceId":"i-1","instanceId":"`+w.instanceID+`"}`), http.StatusUnauthorized},
		"without an instance": {sign(s.signer, `{}`), http.StatusUnauthorized},
		"which is not JSON":   {sign(s.signer, w.instanceID), http.StatusUnauthorized},
	} {
		for _, v := range Versions() {
			if got := s.present(t, v.Name, c.request); got.status != c.status {
				t.Errorf("%s, %s: got %d %s, want %d", name, v.Name, got.status, got.body, c.status)
			}
		}
	}
}

// oneBuildAgent adds an agent on the latest build of a workspace.
func oneBuildAgent(w *world) {
	w.agent(w.resource(w.build(w.workspace(), "start")), "main", "main")
}
