package agentauth

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
)

// A service is every version behind real HTTP, on one database.
type service struct {
	pool   *pgxpool.Pool
	signer *Signer
	urls   map[string]string // by version
}

func newService(t *testing.T) *service {
	t.Helper()
	s := &service{pool: pgtest.Pool(t, schema), signer: testSigner(t), urls: map[string]string{}}
	for _, v := range Versions() {
		handler := NewHandler(v, Queries{s.pool}, testEngine(t), s.signer.Certificate)
		handler.Failed = func(err error) { t.Errorf("%s: answered 500 because of: %v", v.Name, err) }
		s.urls[v.Name] = serve(t, handler)
	}
	return s
}

func serve(t *testing.T, handler http.Handler) (url string) {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("POST "+Route, handler)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL + Route
}

func testSigner(t *testing.T) *Signer {
	t.Helper()
	signer, err := sharedSigner()
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func testEngine(t *testing.T) *Engine {
	t.Helper()
	engine, err := NewEngine()
	if err != nil {
		t.Fatal(err)
	}
	return engine
}

// stored returns the world that fill made, in the database.
func stored(t *testing.T, pool *pgxpool.Pool, fill func(w *world)) *world {
	t.Helper()
	w := newWorld()
	fill(w)
	if err := w.store(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	return w
}

// ask sends the request of the world's instance and returns the answer.
func (s *service) ask(t *testing.T, version string, w *world, agentName string) reply {
	t.Helper()
	request, err := s.signer.Request(w.instanceID, agentName)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return post(t, s.urls[version], body)
}

// check asks every version and requires the answers of the line: for each
// version, oldest first, the label of the agent whose token it hands out, or the
// status of its refusal. A line of one word holds for all versions.
func (s *service) check(t *testing.T, w *world, agentName, line string) {
	t.Helper()
	want, versions := strings.Fields(line), Versions()
	if len(want) != 1 && len(want) != len(versions) {
		t.Fatalf("%d answers for %d versions: %s", len(want), len(versions), line)
	}
	for i, v := range versions {
		want := want[min(i, len(want)-1)]
		if got := s.ask(t, v.Name, w, agentName); got.outcome(w) != want {
			t.Errorf("%s, agent name %q: got %s (%s), want %s", v.Name, agentName, got.outcome(w), got.body, want)
		}
	}
}

// A reply is an answer as the agent sees it.
type reply struct {
	status  int
	body    string
	token   string // of a 200
	message string // of anything else
}

// outcome is the label of the agent whose token it is, or the status.
func (r reply) outcome(w *world) string {
	if r.status != http.StatusOK {
		return fmt.Sprint(r.status)
	}
	if label, ok := w.labels[r.token]; ok {
		return label
	}
	return "a token of nobody"
}

var anyID = regexp.MustCompile(`(?i)[0-9a-f]{8}-[0-9a-f]{4}-`)

// post sends body and requires an answer of the documented shape: JSON with a
// session token, or with a message that contains no ID, and nothing else.
func post(t *testing.T, url string, body []byte) reply {
	t.Helper()
	response, err := http.Post(url, "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	r := reply{status: response.StatusCode, body: strings.TrimSpace(string(raw))}
	if got := response.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("status %d: got Content-Type %q, want application/json", r.status, got)
	}
	var fields map[string]string
	if err := json.Unmarshal(raw, &fields); err != nil {
		t.Errorf("status %d: got body %s, want a JSON object of strings: %v", r.status, raw, err)
	}
	key := "message"
	if r.status == http.StatusOK {
		key = "session_token"
	}
	if len(fields) != 1 || fields[key] == "" {
		t.Errorf("status %d: got body %s, want only a %s", r.status, raw, key)
	}
	r.token, r.message = fields["session_token"], fields["message"]
	if r.status == http.StatusOK {
		if _, err := uuid.Parse(r.token); err != nil {
			t.Errorf("status 200: got session token %q: %v", r.token, err)
		}
	} else if anyID.MatchString(r.body) {
		t.Errorf("status %d: the body contains an ID: %s", r.status, r.body)
	}
	return r
}
