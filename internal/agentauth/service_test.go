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
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/must"
)

// A service runs every version over HTTP, on one database.
type service struct {
	pool   *pgxpool.Pool
	signer *Signer
	urls   map[string]string // by version
	// failed gets the cause of each 500.
	failed func(version string, err error)
}

func newService(t *testing.T) *service {
	t.Helper()
	pool := sharedPool(t)
	s := &service{pool: pool, signer: testSigner(t), urls: map[string]string{}}
	s.failed = func(version string, err error) { t.Errorf("%s: answered 500 because of: %v", version, err) }
	for _, v := range Versions() {
		handler := NewHandler(v, Queries{pool}, testAuthorizer(t), s.signer.Certificate)
		handler.Failed = func(err error) { s.failed(v.Name, err) }
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
	must.Succeed(t, err)
	return signer
}

func testAuthorizer(t *testing.T) Authorizer {
	t.Helper()
	authorize, err := casbinAuthorizer()
	must.Succeed(t, err)
	return authorize
}

// stored stores the world that fill made.
func stored(t *testing.T, pool *pgxpool.Pool, fill func(w *world)) *world {
	t.Helper()
	w := newWorld()
	fill(w)
	must.Succeed(t, w.store(t.Context(), pool))
	w.rows = pgx.Batch{} // later rows are stored separately
	return w
}

// ask sends the request of the world's instance and returns the answer.
func (s *service) ask(t *testing.T, version string, w *world, agentName string) reply {
	t.Helper()
	return s.present(t, version, s.signer.Request(w.instanceID, agentName))
}

// present sends request.
func (s *service) present(t *testing.T, version string, request AuthRequest) reply {
	t.Helper()
	body, err := json.Marshal(request)
	must.Succeed(t, err)
	return post(t, s.urls[version], body)
}

// answers parses a line of answers for rc.2, rc.3, pr-24973, pr-25158, pr-25031 and
// one-query: the label of the agent whose token the version hands out, or the status of
// its refusal. The other versions change what a request of pr-24973 costs, but not its
// answer. A single word applies to all.
func answers(t *testing.T, line string) (of map[string]string) {
	t.Helper()
	words, of := strings.Fields(line), map[string]string{}
	answering := []Version{rc2, rc3, pr24973, pr25158, pr25031, oneQuery}
	if len(words) != 1 && len(words) != len(answering) {
		t.Fatalf("%d answers for %d versions: %s", len(words), len(answering), line)
	}
	for i, v := range answering {
		of[v.Name] = words[min(i, len(words)-1)]
	}
	of[pr24973Text.Name], of[pr24973Memo.Name] = of[pr24973.Name], of[pr24973.Name]
	return of
}

// check asks every version and requires the answers of the line.
func (s *service) check(t *testing.T, w *world, agentName, line string) {
	t.Helper()
	want := answers(t, line)
	for _, v := range Versions() {
		want := want[v.Name]
		if got := s.ask(t, v.Name, w, agentName); got.outcome(w) != want {
			t.Errorf("%s, agent name %q: got %s (%s), want %s", v.Name, agentName, got.outcome(w), got.body, want)
		}
	}
}

// A reply is an answer as the agent receives it.
type reply struct {
	status  int
	body    string
	token   string // of a 200
	message string // of anything else
}

// outcome is the label of the token's agent, or the status.
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

func post(t *testing.T, url string, body []byte) reply {
	t.Helper()
	return send(t, url, http.Header{"Content-Type": {"application/json"}}, bytes.NewReader(body))
}

// send posts body and requires an answer of the documented shape: JSON with only a session
// token, or only a message without IDs.
func send(t *testing.T, url string, header http.Header, body io.Reader) reply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, body)
	must.Succeed(t, err)
	request.Header = header
	response, err := http.DefaultClient.Do(request)
	must.Succeed(t, err)
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	must.Succeed(t, err)
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
	if header := fmt.Sprint(response.Header); anyID.MatchString(header) {
		t.Errorf("status %d: the header contains an ID: %s", r.status, header)
	}
	return r
}
