package docker

import (
	"fmt"
	"io/fs"
	"testing"

	"github.com/moby/moby/client"
)

// TestDeniedElsewhere finds the socket of others after the engine that is named did not
// answer.
func TestDeniedElsewhere(t *testing.T) {
	denied := fmt.Errorf("check host: %w", fs.ErrPermission)
	for named, want := range map[string]bool{"": true, "tcp://127.0.0.1:1": false, "unix:///nowhere/docker.sock": false} {
		t.Setenv(client.EnvOverrideHost, named)
		if got := isDenied(t.Context(), denied); got != want {
			t.Errorf("DOCKER_HOST=%s: denied: %v, want %v", named, got, want)
		}
	}
}
