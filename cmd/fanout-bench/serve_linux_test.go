package main

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/await"
)

// TestServe does with the service what its reader is told to do, and ends it.
func TestServe(t *testing.T) {
	p := newCommand(t, nil, "serve", "--db", "local", "--version", "v2.33.0-rc.2", "--format", "json")
	p.Stdout = nil
	stdout, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.start(t)
	var service view.Endpoint
	if err := json.NewDecoder(stdout).Decode(&service); err != nil {
		_, said := p.end(t)
		t.Fatalf("%v: %s", err, said)
	}
	servers, _ := children(t, p.Process.Pid)

	const requests = 3
	for range requests {
		if status, body := send(t, service.Method, service.URL, service.Body); status != service.Expect || status != http.StatusOK {
			t.Errorf("answered %d, declared is %d: %s", status, service.Expect, body)
		}
	}
	status, body := send(t, http.MethodGet, service.Metrics, "")
	lines := strings.Split(body, "\n")
	for _, want := range []string{
		`fanout_requests_total{code="200"} 3`, "fanout_statements_total 39", "fanout_checks_total 15",
		"pgxpool_max_connections 10", "pgxpool_acquires_total 39", "pgxpool_acquired_connections 0",
	} {
		if status != http.StatusOK || !slices.Contains(lines, want) {
			t.Errorf("the metrics, answered %d, do not say %q", status, want)
		}
	}

	if err := p.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if status, said := p.end(t); status != exit.OK {
		t.Errorf("an interrupt is its ordinary end, and it ends with %d: %s", status, said)
	}
	if len(servers) == 0 {
		t.Error("found no server that it started")
	}
	for _, pid := range servers {
		await.Until(t, "end of its server", func() bool { return await.Ended(pid) })
	}
}

func send(t *testing.T, method, url, body string) (status int, answer string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}
