package agentauth

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// bodyOf is the valid request of the world's agent.
func bodyOf(t *testing.T, w *world) string {
	t.Helper()
	request, err := testSigner(t).Request(w.instanceID, "main")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestRequestBodies(t *testing.T) {
	const limit = 64 << 10
	s, spied := newSpiedService(t)
	w, other := stored(t, s.pool, oneBuildAgent), stored(t, s.pool, oneBuildAgent)
	valid, foreign := bodyOf(t, w), bodyOf(t, other)
	members := func(body string) string { return body[1 : len(body)-1] }
	// padded is the valid request with spaces inside, as long as asked for.
	padded := func(size int) string { return "{" + strings.Repeat(" ", size-len(valid)) + valid[1:] }
	nested := func(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }

	for _, test := range []struct {
		name, body string
		want       int
	}{
		{"valid", valid, 200},
		{"another field", strings.Replace(valid, "{", `{"vendor":1,`, 1), 200},
		{"a certificate of its own", strings.Replace(valid, "{", `{"certificate":"-----BEGIN CERTIFICATE-----","alg":"none",`, 1), 200},
		{"what the version would be told", strings.Replace(valid, "{", `{"InstanceID":"i-1","instance_id":"i-1","actor":"owner",`, 1), 200},
		{"deep, but not too deep", strings.Replace(valid, "{", `{"a":`+nested(5000)+`,`, 1), 200},
		{"as large as may be", padded(limit), 200},
		{"one byte larger", padded(limit + 1), 413},
		{"much larger", padded(1 << 20), 413},
		{"larger by what follows", valid + strings.Repeat(" ", limit), 413},
		{"large and not JSON", strings.Repeat("x", limit+1), 413},
		{"too deep", strings.Replace(valid, "{", `{"a":`+nested(20000)+`,`, 1), 400},
		{"never closed", strings.Repeat(`{"document":`, 5000), 400},
		{"empty", "", 400},
		{"cut off", valid[:len(valid)-1], 400},
		{"not JSON", "document=1", 400},
		{"array", "[]", 400},
		{"array of requests", "[" + valid + "]", 400},
		{"string", `"x"`, 400},
		{"number", `1e9999`, 400},
		{"document of another type", `{"document":{"instanceId":"i-1"}}`, 400},
		{"agent name of another type", strings.Replace(valid, `"main"`, `["main"]`, 1), 400},
		{"something after the request", valid + "}", 400},
		{"a NUL after the request", valid + "\x00", 400},
		{"two requests", valid + valid, 400},
		{"byte order mark", "\ufeff" + valid, 400},
		{"compressed", compressed(t, valid), 400},
		{"nothing in it", "{}", 401},
		{"null", "null", 401},
		{"nulls", `{"document":null,"signature":null,"agent_name":null}`, 401},

		// The last member of a name counts, and document and signature must be a pair.
		{"another request before", "{" + members(foreign) + "," + members(valid) + "}", 200},
		{"another document after", "{" + members(valid) + `,"document":"{}"}`, 401},
		{"another document after, in capitals", "{" + members(valid) + `,"DOCUMENT":"{}"}`, 401},
		{"another signature after", "{" + members(valid) + `,"signature":""}`, 401},
	} {
		for _, v := range Versions() {
			for _, way := range []func(string) io.Reader{ofKnownLength, inChunks} {
				got := send(t, s.urls[v.Name], http.Header{}, way(test.body))
				if got.status != test.want || got.status == http.StatusOK && got.outcome(w) != "main" {
					t.Errorf("%s, %s, %d bytes %.30s…: got %d %s, want %d",
						v.Name, test.name, len(test.body), test.body, got.status, got.body, test.want)
				}
				if statements, checks := spied.noted(); len(statements)+len(checks) > 0 && test.want != http.StatusOK {
					t.Errorf("%s, %s: got statements %v, checks %v; want none", v.Name, test.name, statements, checks)
				}
			}
		}
	}
}

func ofKnownLength(body string) io.Reader { return strings.NewReader(body) }

// inChunks hides the length, so that no header tells it.
func inChunks(body string) io.Reader { return io.MultiReader(strings.NewReader(body)) }

func compressed(t *testing.T, body string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A body need not end for the answer to come.
func TestEndlessBody(t *testing.T) {
	s, spied := newSpiedService(t)
	for _, v := range Versions() {
		if got := send(t, s.urls[v.Name], http.Header{}, endless{}); got.status != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: got %d %s, want 413", v.Name, got.status, got.body)
		}
		if statements, checks := spied.noted(); len(statements)+len(checks) != 0 {
			t.Errorf("%s: got statements %v, checks %v; want none", v.Name, statements, checks)
		}
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}

// The body decides, whatever the header says of it.
func TestHeadersDecideNothing(t *testing.T) {
	s := newService(t)
	w := stored(t, s.pool, oneBuildAgent)
	valid := bodyOf(t, w)
	for _, header := range []http.Header{
		{},
		{"Content-Type": {"text/plain"}},
		{"Content-Type": {"application/x-www-form-urlencoded"}},
		{"Content-Type": {"multipart/form-data"}},
		{"Content-Encoding": {"gzip"}},
		{"Authorization": {"Bearer 1"}, "Cookie": {"session_token=1"}, "X-Forwarded-For": {"127.0.0.1"}},
		{"X-Http-Method-Override": {"GET"}},
	} {
		for _, v := range Versions() {
			if got := send(t, s.urls[v.Name], header, strings.NewReader(valid)); got.outcome(w) != "main" {
				t.Errorf("%s, %v: got %s (%s), want the agent's token", v.Name, header, got.outcome(w), got.body)
			}
			if got := send(t, s.urls[v.Name], header, strings.NewReader("{}")); got.status != http.StatusUnauthorized {
				t.Errorf("%s, %v, no identity: got %d %s, want 401", v.Name, header, got.status, got.body)
			}
		}
	}
}

// As the case is served: by one method, under one path.
func TestOnlyPost(t *testing.T) {
	pool := pgtest.Pool(t, schema)
	path := Path()
	workload, err := path.Workload("saturation")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range path.Versions {
		env := scenarios.Env{Version: v.Name, N: 1, Pool: pool, Fixtures: pool, Recorder: &tracer.Recorder{}}
		service, err := workload.Setup(t.Context(), env, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			method, path string
			want         int
		}{
			{"POST", Route, 200},
			{"GET", Route, 405},
			{"HEAD", Route, 405},
			{"PUT", Route, 405},
			{"PATCH", Route, 405},
			{"DELETE", Route, 405},
			{"OPTIONS", Route, 405},
			{"post", Route, 405},
			{"POST", Route + "/", 404},
			{"POST", strings.ToUpper(Route), 404},
			{"POST", "/", 404},
		} {
			w := httptest.NewRecorder()
			body := bytes.NewReader(service.Requests[0].Body)
			service.Handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), test.method, test.path, body))
			if w.Code != test.want {
				t.Errorf("%s, %s %s: got %d, want %d", v.Name, test.method, test.path, w.Code, test.want)
			}
			if allow := w.Header().Get("Allow"); w.Code == http.StatusMethodNotAllowed && allow != "POST" {
				t.Errorf("%s, %s: got Allow %q, want POST", v.Name, test.method, allow)
			}
			if w.Code != http.StatusOK && anyID.MatchString(w.Body.String()) {
				t.Errorf("%s, %s %s: the body contains an ID: %s", v.Name, test.method, test.path, w.Body)
			}
		}
	}
}
