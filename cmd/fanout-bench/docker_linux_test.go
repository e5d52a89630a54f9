package main

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/uuid"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/internal/long"
)

// imageVariable names an image of PostgreSQL that the Docker engine has. Tests with containers are
// skipped without it, because they must not pull images. The script in internal/docker/testimage
// builds one.
const imageVariable = "FANOUT_TEST_IMAGE"

func testImage(t *testing.T) string {
	t.Helper()
	long.Test(t)
	image := os.Getenv(imageVariable)
	if image == "" {
		t.Skip(imageVariable + " names no image of PostgreSQL; cmd/fanout-bench/internal/docker/testimage/build makes one")
	}
	return image
}

// A session is the label that testcontainers gives to its containers.
type session string

func newSession(t *testing.T) session {
	t.Helper()
	id, err := uuid.NewRandom()
	if err != nil {
		t.Fatal(err)
	}
	return session(id.String())
}

// variables puts a command into the session. The command removes its containers itself, because the
// image of testcontainers' reaper is not available.
func (s session) variables() []string {
	return []string{"TESTCONTAINERS_RYUK_DISABLED=true", "TESTCONTAINERS_SESSION_ID=" + string(s)}
}

// containers returns the IDs of the session's containers, running or not.
func (s session) containers(t *testing.T) []string {
	t.Helper()
	output, err := exec.CommandContext(context.Background(), "docker", "ps", "--all", "--quiet",
		"--filter", "label=org.testcontainers.sessionId="+string(s)).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(output))
}

// TestLongDockerMeasuresTheSame requires the same output as with local programs.
func TestLongDockerMeasuresTheSame(t *testing.T) {
	image := testImage(t)
	session := newSession(t)
	outputs := map[string]string{}
	for _, args := range [][]string{{"--db", "local"}, {"--db", "docker", "--image", image}} {
		args = append([]string{"run", "--format", "json", "--version", "v2.33.0-rc.3", "--n", "2"}, args...)
		p := startCommand(t, session.variables(), args...)
		p.measuring(t)
		for _, id := range session.containers(t) {
			output, err := exec.CommandContext(t.Context(), "docker", "port", id).Output()
			onlyHere := strings.HasPrefix(string(output), "5432/tcp -> 127.0.0.1:") && strings.Count(string(output), "\n") == 1
			// A CI job in a container cannot use 127.0.0.1.
			if _, inContainer := os.Stat("/.dockerenv"); err != nil || inContainer != nil && !onlyHere {
				t.Errorf("the server is reached at %q, %v; want only 127.0.0.1", output, err)
			}
		}
		if status, said := p.end(t); status != exit.OK {
			t.Fatalf("%q ended with %d: %s", args, status, said)
		}
		outputs[strings.Join(args, " ")] = p.stdout.String()
	}
	if len(outputs) != 2 {
		t.Fatalf("%d outputs, want 2", len(outputs))
	}
	for args, output := range outputs {
		for _, other := range outputs {
			if output != other {
				t.Errorf("%s has different counts", args)
			}
		}
	}
	if left := session.containers(t); len(left) > 0 {
		t.Errorf("left containers %q", left)
	}
}

// TestLongDockerIsHandedOver runs the tests of a service, which cannot start a container, on one.
func TestLongDockerIsHandedOver(t *testing.T) {
	image := testImage(t)
	session := newSession(t)
	status, stdout, stderr := inExample(t, append(session.variables(), urlVariable+"="),
		"gate", "--image", image, "--", "go", "test", "-count=1", "./...")
	if status != exit.OK || stdout != "5 measurements equal the baseline.\n" || !strings.Contains(stderr, ", temporary server in a container.\n") {
		t.Errorf("status %d; it prints %s and says %s", status, stdout, stderr)
	}
	if left := session.containers(t); len(left) > 0 {
		t.Errorf("left containers %q", left)
	}
}

// TestLongDockerInterrupted interrupts a run, which must leave no container.
func TestLongDockerInterrupted(t *testing.T) {
	image := testImage(t)
	session := newSession(t)
	run := startCommand(t, session.variables(), "run", "--image", image, "--repeat", "20")
	run.measuring(t)
	if found := session.containers(t); len(found) != 1 {
		t.Errorf("containers %q, want one", found)
	}
	if err := run.Process.Signal(syscall.SIGINT); err != nil {
		t.Error(err)
	}
	if status, said := run.end(t); status != exit.Interrupted || !strings.HasSuffix(said, "fanout-bench: interrupted\n") {
		t.Errorf("status %d; it says %q", status, said)
	}
	if left := session.containers(t); len(left) > 0 {
		t.Errorf("left containers %q", left)
	}
}

// hungEngine returns the address of an engine that hangs, also before it says that it is there
// unless it pings.
func hungEngine(t *testing.T, pings bool) string {
	t.Helper()
	socket, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", filepath.Join(t.TempDir(), "socket"))
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if pings && strings.HasSuffix(r.URL.Path, "/_ping") {
			w.Header().Set("Api-Version", "1.44")
			return
		}
		<-r.Context().Done()
	})}
	go func() { _ = server.Serve(socket) }()
	t.Cleanup(func() { _ = server.Close() })
	return "unix://" + socket.Addr().String()
}

// TestDockerEngineMissing runs without an engine, and with one that does not answer. Package
// docker tests an engine that hangs later.
func TestDockerEngineMissing(t *testing.T) {
	t.Parallel()
	hung, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer hung.Close()
	const (
		missing = "no Docker engine answers; start Docker, or set DOCKER_HOST"
		hangs   = "no Docker engine answers within 2s; restart Docker"
	)
	run, doctor, gate := []string{"run", "--db", "docker"}, []string{"doctor", "--db", "docker"}, []string{"gate", "--db", "docker", "--", "true"}
	for _, test := range []struct {
		name, host, says string
		args             []string
	}{
		{"no socket", "unix:///nowhere/docker.sock", "  - docker: " + missing, run},
		{"refused", "tcp://127.0.0.1:1", "  - docker: " + missing, run},
		{"hung", "tcp://" + hung.Addr().String(), "  - docker: " + hangs, run},
		{"hung socket", hungEngine(t, false), "  - docker: " + hangs, run},
		{"hung after a ping", hungEngine(t, true), "  - docker: " + hangs, run},
		{"hung before a command", hungEngine(t, true), "  - docker: " + hangs, gate},
		{"doctor", hungEngine(t, true), "docker    no: " + hangs, doctor},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := startCommand(t, []string{"DOCKER_HOST=" + test.host, "HOME=" + t.TempDir()}, test.args...)
			status, said := p.end(t)
			if status != exit.NotMeasured || !strings.Contains(p.stdout.String()+said, test.says) {
				t.Errorf("status %d: %s%s", status, &p.stdout, said)
			}
		})
	}
}

// TestLongDockerBadImage uses a missing image, and one whose container ends at once.
func TestLongDockerBadImage(t *testing.T) {
	image := testImage(t) + "-broken"
	build := exec.CommandContext(t.Context(), "docker", "build", "--quiet", "--tag", image, "-")
	build.Env = append(os.Environ(), "DOCKER_BUILDKIT=0")
	build.Stdin = strings.NewReader("FROM " + testImage(t) + "\nENTRYPOINT [\"sh\", \"-c\", \"exit 7\"]\n")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	defer func() {
		if output, err := exec.CommandContext(context.Background(), "docker", "rmi", image).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, output)
		}
	}()
	for _, test := range []struct{ name, image, says string }{
		{"missing", "127.0.0.1:1/fanout-bench/nothing:there", "name another image with --image\n"},
		{"broken", image, "container exited with code 7\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			session := newSession(t)
			p := startCommand(t, session.variables(), "run", "--image", test.image)
			status, said := p.end(t)
			if status != exit.NotMeasured || !strings.Contains(said, "  - docker: start a container of "+test.image+": ") || !strings.Contains(said, test.says) {
				t.Errorf("status %d: %s", status, said)
			}
			if left := session.containers(t); len(left) > 0 {
				t.Errorf("left containers %q", left)
			}
		})
	}
}
