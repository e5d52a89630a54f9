package docker

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestEngineHangs uses an engine that answers first and hangs later. One that does not answer at
// all needs another process, because testcontainers remembers the engine that it finds.
func TestEngineHangs(t *testing.T) {
	var hangs atomic.Pointer[string] // a part of the path of the request
	socket, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", filepath.Join(t.TempDir(), "socket"))
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, *hangs.Load()) {
			_, _ = io.Copy(io.Discard, r.Body) // the server only then notices the end of the client
			<-r.Context().Done()
			return
		}
		w.Header().Set("Api-Version", "1.44")
		switch {
		case strings.HasSuffix(r.URL.Path, "/containers/json"), strings.HasSuffix(r.URL.Path, "/networks"):
			_, _ = fmt.Fprint(w, "[]")
		case strings.HasSuffix(r.URL.Path, "/version"):
			_, _ = fmt.Fprint(w, `{"Version": "1.2.3", "ApiVersion": "1.44", "MinAPIVersion": "1.24"}`)
		default:
			_, _ = fmt.Fprint(w, "{}")
		}
	})}
	go func() { _ = server.Serve(socket) }()
	t.Cleanup(func() { _ = server.Close() })
	t.Setenv("DOCKER_HOST", "unix://"+socket.Addr().String())
	t.Setenv("HOME", t.TempDir())
	t.Setenv("TESTCONTAINERS_RYUK_DISABLED", "true")

	for _, test := range []struct{ at, examined, opened string }{
		{"/version", "no Docker engine answers within 2s; restart Docker", "no Docker engine answers within 2s; restart Docker"},
		{"/images/", "no Docker engine answers within 2s; restart Docker", "no Docker engine answers within 2s; restart Docker"},
		{"/containers/create", "", "start a container of here: it takes longer than 1s; if 'docker ps' hangs too, restart Docker: "},
	} {
		t.Run(test.at, func(t *testing.T) {
			hangs.Store(&test.at)
			e := Engine{Image: "here", limit: time.Second}
			if found, err := e.Examine(t.Context()); fmt.Sprint(err) != test.examined && (err != nil || test.examined != "") {
				t.Errorf("Examine: %q, %v", found, err)
			}
			if _, err := e.Open(t.Context(), nil, func(string) {}); err == nil || !strings.HasPrefix(err.Error(), test.opened) {
				t.Errorf("Open: %v", err)
			}
		})
	}
}
