package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestLongImage builds the Dockerfile without a registry, on the image of the tests, with a fake Go
// that returns binaries compiled here. The image must measure with its own PostgreSQL, and not as
// root.
func TestLongImage(t *testing.T) {
	base := testImage(t)
	folder := t.TempDir()
	docker := func(args ...string) string {
		t.Helper()
		command := exec.CommandContext(t.Context(), "docker", args...)
		command.Env = append(os.Environ(), "DOCKER_BUILDKIT=0")
		output, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("docker %q: %v: %s", args, err, output)
		}
		return string(output)
	}
	remove := func(image string) {
		if output, err := exec.CommandContext(context.Background(), "docker", "rmi", image).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, output)
		}
	}
	compile := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(folder, "fanout-bench"), ".")
	compile.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	files := map[string]string{
		"go": "#!/bin/sh\n# go build -buildvcs=false -trimpath -o FILE ./cmd/fanout-bench\n" +
			"set -eu\ntest -e ./cmd/fanout-bench/main.go\ntest \"$1 $4 $6\" = 'build -o ./cmd/fanout-bench'\ncat /fanout-bench.go >\"$5\"\nchmod +x \"$5\"\n",
		"Dockerfile": "FROM " + base + "\nUSER root\nCOPY go /bin/\nCOPY fanout-bench /fanout-bench.go\n",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	compiler, stage, image := base+"-go", base+"-build", base+"-command"
	docker("build", "--quiet", "--tag", compiler, folder)
	defer remove(compiler)
	build := []string{"build", "--quiet", "--build-arg", "GO=" + compiler, "--build-arg", "BASE=" + base, filepath.Join("..", "..")}
	docker(append(build, "--target", "build", "--tag", stage)...) // tagged, to remove it later
	defer remove(stage)
	docker(append(build, "--tag", image)...)
	defer remove(image)

	if got := docker("run", "--rm", "--entrypoint", "id", image, "-u"); strings.TrimSpace(got) == "0" {
		t.Error("it runs as root")
	}
	args := []string{"run", "--format", "json", "--version", "v2.33.0-rc.3", "--n", "2"}
	got := exec.CommandContext(t.Context(), "docker", append([]string{"run", "--rm", image}, args...)...)
	output, err := got.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	local := startCommand(t, nil, append(args, "--db", "local")...)
	if status, said := local.end(t); status != 0 || local.stdout.String() != string(output) {
		t.Errorf("status %d: %s; the image measures %s, not %s", status, said, output, local.stdout.String())
	}
}
