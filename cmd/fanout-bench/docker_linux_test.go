package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fanout-bench/fanout-bench/internal/await"
)

// imageVariable names an image of PostgreSQL that the Docker engine has. Without
// it the tests that need one do not run: this module's tests pull nothing. The
// script in internal/postgres/testimage makes one.
const imageVariable = "FANOUT_TEST_IMAGE"

// withoutReaper has the command remove its containers itself: the reaper is an
// image too.
const withoutReaper = "TESTCONTAINERS_RYUK_DISABLED=true"

func testImage(t *testing.T) string {
	t.Helper()
	image := os.Getenv(imageVariable)
	if image == "" {
		t.Skip(imageVariable + " names no image of PostgreSQL; internal/postgres/testimage/build makes one")
	}
	return image
}

// A lair is the temporary folder of commands that a test runs. It tells their
// containers from those of others on the same engine.
type lair struct {
	temp   string
	owners []string
}

func newLair(t *testing.T) *lair { return &lair{temp: t.TempDir()} }

// variable has a command use the folder.
func (l *lair) variable() string { return "TMPDIR=" + l.temp }

// containers returns the IDs of the containers that were made by the commands seen
// here so far, running or not.
func (l *lair) containers(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(l.temp)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(l.owners, e.Name()) {
			l.owners = append(l.owners, e.Name())
		}
	}
	var ids []string
	for _, owner := range l.owners {
		output, err := exec.CommandContext(context.Background(), "docker", "ps", "--all", "--quiet",
			"--filter", "label=com.github.fanout-bench.owner="+owner).Output()
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, strings.Fields(string(output))...)
	}
	return ids
}

// TestDockerMeasuresTheSame requires the bytes of a run on local programs.
func TestDockerMeasuresTheSame(t *testing.T) {
	t.Parallel()
	image := testImage(t)
	outputs := map[string]string{}
	lair := newLair(t)
	for _, args := range [][]string{{"--db", "local"}, {"--db", "docker", "--image", image}} {
		p := startCommand(t, []string{withoutReaper, lair.variable()}, append([]string{"run", "--format", "json"}, args...)...)
		p.measuring(t)
		for _, id := range lair.containers(t) {
			output, err := exec.CommandContext(t.Context(), "docker", "port", id).Output()
			onlyHere := strings.HasPrefix(string(output), "5432/tcp -> 127.0.0.1:") && strings.Count(string(output), "\n") == 1
			// In a container, as some CI jobs are, it has to be reached from elsewhere.
			if _, inContainer := os.Stat("/.dockerenv"); err != nil || inContainer != nil && !onlyHere {
				t.Errorf("the server is reached at %q, %v; want only 127.0.0.1", output, err)
			}
		}
		if status, said := p.end(t); status != statusOK {
			t.Fatalf("%q ended with %d: %s", args, status, said)
		}
		outputs[strings.Join(args, " ")] = p.stdout.String()
	}
	for args, output := range outputs {
		if output != outputs["--db local"] {
			t.Errorf("%s measures something else", args)
		}
	}
	if left := lair.containers(t); len(left) > 0 {
		t.Errorf("left containers %q", left)
	}
}

// TestDockerFaults ends a run in the middle in one way or another. It has to say
// what happened, with the right status, and to leave nothing.
func TestDockerFaults(t *testing.T) {
	t.Parallel()
	image := testImage(t)
	const old = "what was saved before"
	for _, test := range []struct {
		name   string
		fault  func(t *testing.T, p *process, engine *engine, lair *lair)
		status int
		says   string
		left   bool // for the next run
	}{
		{
			name:   "interrupted",
			fault:  func(t *testing.T, p *process, _ *engine, _ *lair) { signalTo(t, p, syscall.SIGINT) },
			status: statusInterrupted, says: "^fanout-bench: interrupted\n$",
		},
		{
			name: "terminated, twice",
			fault: func(t *testing.T, p *process, _ *engine, _ *lair) {
				signalTo(t, p, syscall.SIGTERM)
				signalTo(t, p, syscall.SIGTERM)
			},
			status: statusInterrupted, says: "^fanout-bench: interrupted\n$",
		},
		{
			name:   "the container is killed",
			fault:  func(t *testing.T, _ *process, _ *engine, l *lair) { docker(t, "kill", l.containers(t)...) },
			status: statusNotMeasured, says: "the server closed the connection|connection refused|timed out",
		},
		{
			name: "the engine stops, and its containers with it",
			fault: func(t *testing.T, _ *process, e *engine, l *lair) {
				e.stop()
				docker(t, "kill", l.containers(t)...)
			},
			status: statusNotMeasured, says: "the Docker engine does not answer any more", left: true,
		},
		{
			name:   "the command is killed",
			fault:  func(t *testing.T, p *process, _ *engine, _ *lair) { signalTo(t, p, syscall.SIGKILL) },
			status: -1, says: "^$", left: true,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			saved := filepath.Join(t.TempDir(), "saved.json")
			if err := os.WriteFile(saved, []byte(old), 0o600); err != nil {
				t.Fatal(err)
			}
			engine := startEngine(t)
			lair := newLair(t)
			environ := []string{withoutReaper, lair.variable(), "DOCKER_HOST=" + engine.host}
			run := startCommand(t, environ, "run", "--image", image, "--repeat", "20", "--save", saved)
			run.measuring(t)
			if found := lair.containers(t); len(found) != 1 {
				t.Errorf("containers %q, want one", found)
			}
			test.fault(t, run, engine, lair)
			status, said := run.end(t)
			if status != test.status || !regexp.MustCompile(test.says).MatchString(said) {
				t.Errorf("status %d, want %d; it says %q", status, test.status, said)
			}
			if strings.Contains(said, lair.temp) || strings.Contains(said, engine.host) {
				t.Errorf("it says where it runs: %q", said)
			}
			if text, err := os.ReadFile(saved); err != nil || string(text) != old {
				t.Errorf("the saved file holds %q, %v", text, err)
			}
			if left := len(lair.containers(t)) > 0; left != test.left {
				t.Errorf("a container is left: %v, want %v", left, test.left)
			}

			next := startCommand(t, []string{withoutReaper, lair.variable()}, "run", "--image", image, "--scenario", "unknown")
			next.measuring(t)
			if found := lair.containers(t); len(found) != 1 {
				t.Errorf("the next run leaves what the first left: %q", found)
			}
			if status, said := next.end(t); status != statusOK {
				t.Errorf("the next run ends with %d: %s", status, said)
			}
			if left := lair.containers(t); len(left) > 0 {
				t.Errorf("left containers %q", left)
			}
			if left, err := os.ReadDir(lair.temp); err != nil || len(left) > 0 {
				t.Errorf("left %v, %v", left, err)
			}
		})
	}
}

// TestDockerReaper kills the command where a reaper watches over its containers,
// which no next run is needed for. The reaper is a stand-in.
func TestDockerReaper(t *testing.T) {
	t.Parallel()
	image := testImage(t)
	// With a prefix, testcontainers takes neither the real reaper nor its name.
	const prefix = "fanout-bench.invalid/test"
	const reaper = prefix + "/testcontainers/ryuk:0.14.0"
	build := exec.CommandContext(t.Context(), "../../internal/postgres/testimage/build", "--reaper", reaper)
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	defer docker(t, "rmi", "--force", reaper)
	docker(t, "tag", image, prefix+"/postgres:test")
	defer docker(t, "rmi", prefix+"/postgres:test")

	lair := newLair(t)
	environ := []string{
		"TESTCONTAINERS_RYUK_DISABLED=false", "TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX=" + prefix,
		"TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1", lair.variable(),
	}
	args := []string{"run", "--image", prefix + "/postgres:test", "--scenario", "unknown"}
	run := startCommand(t, environ, args...)
	run.measuring(t)
	lair.containers(t)
	if status, said := run.end(t); status != statusOK {
		t.Errorf("it ended with %d: %s", status, said)
	}
	if left := lair.containers(t); len(left) > 0 {
		t.Errorf("left containers %q", left)
	}

	run = startCommand(t, environ, append(args[:3:3], "--repeat", "20")...)
	run.measuring(t)
	if found := lair.containers(t); len(found) != 1 {
		t.Errorf("containers %q, want one", found)
	}
	signalTo(t, run, syscall.SIGKILL)
	_, _ = run.end(t)
	await.Until(t, "removal of the container by the reaper", func() bool { return len(lair.containers(t)) == 0 })
}

func signalTo(t *testing.T, p *process, signal syscall.Signal) {
	t.Helper()
	if err := p.Process.Signal(signal); err != nil {
		t.Error(err)
	}
}

func docker(t *testing.T, command string, args ...string) {
	t.Helper()
	if output, err := exec.CommandContext(context.Background(), "docker", append([]string{command}, args...)...).CombinedOutput(); err != nil {
		t.Errorf("docker %s: %v: %s", command, err, output)
	}
}

// An engine passes what it is asked to the Docker engine, until it is stopped.
type engine struct {
	host     string
	listener net.Listener

	mu    sync.Mutex
	conns []net.Conn
}

func startEngine(t *testing.T) *engine {
	t.Helper()
	folder, err := os.MkdirTemp("/tmp", "engine-") //nolint:usetesting // t.TempDir, and what TMPDIR names, may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "docker.sock")
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	e := &engine{host: "unix://" + path, listener: listener}
	go e.serve()
	t.Cleanup(func() {
		e.stop()
		os.RemoveAll(folder)
	})
	return e
}

func (e *engine) serve() {
	for {
		near, err := e.listener.Accept()
		if err != nil {
			return
		}
		far, err := (&net.Dialer{}).DialContext(context.Background(), "unix", "/var/run/docker.sock")
		if err != nil {
			near.Close()
			continue
		}
		e.mu.Lock()
		e.conns = append(e.conns, near, far)
		e.mu.Unlock()
		go pass(near, far)
		go pass(far, near)
	}
}

// pass leaves no connection half open.
func pass(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	to.Close()
	from.Close()
}

func (e *engine) stop() {
	e.listener.Close()
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range e.conns {
		c.Close()
	}
}

// TestDockerEngineMissing asks for one where there is none, or none that answers.
// It needs no engine.
func TestDockerEngineMissing(t *testing.T) {
	hung, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer hung.Close()
	for _, test := range []struct {
		name, host, says string
		limit            time.Duration // generous: what it must not do is to hang
	}{
		{"no socket", "unix:///nowhere/docker.sock", "no Docker engine answers where DOCKER_HOST says; start it, or unset DOCKER_HOST", 10 * time.Second},
		{"refused", "tcp://127.0.0.1:1", "no Docker engine answers where DOCKER_HOST says; start it, or unset DOCKER_HOST", 10 * time.Second},
		{"hung", "tcp://" + hung.Addr().String(), "no Docker engine answers within 2s; restart Docker", 20 * time.Second},
		{"not valid", "tcp//x", "no Docker engine answers where DOCKER_HOST says; start it, or unset DOCKER_HOST", 10 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			begin := time.Now()
			p := startCommand(t, []string{"DOCKER_HOST=" + test.host, "HOME=" + t.TempDir()}, "run", "--db", "docker")
			status, said := p.end(t)
			if status != statusNotMeasured || !strings.Contains(said, "  - docker: "+test.says) {
				t.Errorf("status %d: %s", status, said)
			}
			if strings.Contains(said, test.host) {
				t.Errorf("it names the host: %s", said)
			}
			if took := time.Since(begin); took > test.limit {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// TestDockerImageMissing needs an engine, but no image.
func TestDockerImageMissing(t *testing.T) {
	testImage(t)
	p := startCommand(t, []string{withoutReaper}, "run", "--image", "127.0.0.1:1/fanout-bench/nothing:there")
	status, said := p.end(t)
	if status != statusNotMeasured || !strings.Contains(said, "is not on the Docker engine and cannot be pulled") {
		t.Errorf("status %d: %s", status, said)
	}
}

// TestDockerReaperMissing has the image of the server, but none of the reaper.
func TestDockerReaperMissing(t *testing.T) {
	image := testImage(t)
	// With a prefix, testcontainers looks for its reaper where nobody answers.
	const prefix = "127.0.0.1:1/fanout-bench"
	docker(t, "tag", image, prefix+"/postgres:test")
	defer docker(t, "rmi", prefix+"/postgres:test")
	p := startCommand(t, []string{"TESTCONTAINERS_RYUK_DISABLED=false", "TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX=" + prefix},
		"run", "--image", prefix+"/postgres:test")
	status, said := p.end(t)
	if status != statusNotMeasured || !strings.Contains(said, "do without it: "+withoutReaper+"\n") {
		t.Errorf("status %d: %s", status, said)
	}
}

// TestDockerImageIsNoServer has the container end at once.
func TestDockerImageIsNoServer(t *testing.T) {
	t.Parallel()
	image := testImage(t) + "-broken"
	build := exec.CommandContext(t.Context(), "docker", "build", "--quiet", "--tag", image, "-")
	build.Env = append(os.Environ(), "DOCKER_BUILDKIT=0")
	build.Stdin = strings.NewReader("FROM " + testImage(t) + "\nENTRYPOINT [\"sh\", \"-c\", \"echo no room on /secret/path >&2; exit 7\"]\n")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	defer docker(t, "rmi", image)
	p := startCommand(t, []string{withoutReaper}, "run", "--image", image)
	status, said := p.end(t)
	if status != statusNotMeasured || !strings.Contains(said, "ended at once: no room on ***\n") {
		t.Errorf("status %d: %s", status, said)
	}
	left, err := exec.CommandContext(t.Context(), "docker", "ps", "--all", "--quiet", "--filter", "ancestor="+image).Output()
	if err != nil || len(left) > 0 {
		t.Errorf("left containers %q, %v", left, err)
	}
}

// fakeEngine answers as a Docker engine does that has no image, and can be asked for
// one without end. It is closed when the test ends.
func fakeEngine(t *testing.T) (host string, pulled <-chan struct{}) {
	t.Helper()
	asked := make(chan struct{}, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("API-Version", "1.44")
		w.Header().Set("Content-Type", "application/json")
		switch _, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v"), "/"); {
		case strings.HasSuffix(r.URL.Path, "/_ping"):
		case path == "version":
			_, _ = io.WriteString(w, `{"Version": "1", "ApiVersion": "1.44"}`)
		case path == "info":
			_, _ = io.WriteString(w, `{"ID": "fake"}`)
		case path == "containers/json":
			_, _ = io.WriteString(w, "[]")
		case path == "images/create":
			w.(http.Flusher).Flush()
			asked <- struct{}{}
			<-r.Context().Done()
		default:
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"message": "no such image"}`)
		}
	}))
	t.Cleanup(server.Close)
	return "tcp://" + strings.TrimPrefix(server.URL, "http://"), asked
}

// TestDockerInterruptedPull interrupts a command that waits for an image. It needs no
// engine.
func TestDockerInterruptedPull(t *testing.T) {
	t.Parallel()
	host, pulled := fakeEngine(t)
	for _, reaper := range []string{"true", "false"} {
		p := startCommand(t, []string{"DOCKER_HOST=" + host, "TESTCONTAINERS_RYUK_DISABLED=" + reaper}, "run", "--db", "docker")
		<-pulled
		signalTo(t, p, syscall.SIGINT)
		status, said := p.end(t)
		if want := "Docker pulls the image postgres:17-alpine, once.\nfanout-bench: interrupted\n"; status != statusInterrupted || said != want {
			t.Errorf("status %d, it says %q, want %q", status, said, want)
		}
	}
}

// TestDockerAnotherEngine asks an engine for the container of a killed run that is on
// another one. It is not parallel: doctor --clean removes what has ended of all that
// use the engine, and cannot see that the commands of another lair live.
func TestDockerAnotherEngine(t *testing.T) {
	image, lair := testImage(t), newLair(t)
	run := startCommand(t, []string{withoutReaper, lair.variable()}, "run", "--image", image, "--repeat", "20")
	run.measuring(t)
	if found := lair.containers(t); len(found) != 1 || len(lair.owners) != 1 {
		t.Fatalf("containers %q of %q, want one of one", found, lair.owners)
	}
	signalTo(t, run, syscall.SIGKILL)
	_, _ = run.end(t)
	// The tests of other packages leave folders for a moment, which are found too.
	folder := lair.owners[0]
	left := regexp.MustCompile("(?m)^Temporary folders of killed runs: .*" + folder)
	removed := regexp.MustCompile("(?m)^Temporary folders of killed runs, removed: .*" + folder)
	doctor := func(host string, args ...string) (status int, printed, said string) {
		t.Helper()
		p := startCommand(t, []string{withoutReaper, lair.variable(), "DOCKER_HOST=" + host}, append([]string{"doctor", "--db", "local"}, args...)...)
		status, said = p.end(t)
		return status, p.stdout.String(), said
	}
	fake, _ := fakeEngine(t)
	for _, host := range []string{fake, "tcp://127.0.0.1:1"} {
		status, printed, said := doctor(host, "--clean")
		if status != statusNotMeasured || !left.MatchString(printed) || removed.MatchString(printed) || !strings.Contains(said, folder+": ") {
			t.Errorf("with another engine doctor --clean ends with %d, prints %s and says %s", status, printed, said)
		}
		if found := lair.containers(t); len(found) != 1 {
			t.Errorf("containers %q, want one still", found)
		}
	}
	status, printed, said := doctor("unix:///var/run/docker.sock", "--clean")
	if status != statusOK || !removed.MatchString(printed) || said != "" {
		t.Errorf("doctor --clean ends with %d, prints %s and says %s", status, printed, said)
	}
	if found := lair.containers(t); len(found) != 0 {
		t.Errorf("containers %q are left", found)
	}
}
