package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/await"
)

// TestServe does with the service what its reader is told to do, and ends it.
func TestServe(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), os.Args[0], "serve", "--db", "local", "--version", "v2.33.0-rc.2", "--format", "json")
	cmd.Env = append(os.Environ(), asCommand+"=1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var service view.Endpoint
	if err := json.NewDecoder(stdout).Decode(&service); err != nil {
		t.Fatalf("%v: %s", err, &stderr)
	}
	servers, _ := children(t, cmd.Process.Pid)

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

	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("an interrupt is its ordinary end, and it ends with %v: %s", err, &stderr)
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
