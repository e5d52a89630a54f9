package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/long"
)

// TestLongPatchOfBaseline runs the step of docs/ci.md that follows a failed gate. With its patch the
// gate passes.
func TestLongPatchOfBaseline(t *testing.T) {
	long.Test(t)
	t.Parallel()
	docs, err := os.ReadFile("../../docs/ci.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^          REASON: .*\n        run: \|\n((?:          .*\n)+)`).FindSubmatch(docs)
	if found == nil {
		t.Fatal("docs/ci.md has no such step")
	}
	bin := commandInPath(t, "")
	folder, temp := copyOfExample(t), t.TempDir()
	in := func(line string, environ ...string) string {
		t.Helper()
		command := exec.CommandContext(t.Context(), "bash", "-e", "-c", line)
		command.Dir = folder
		command.Env = append(os.Environ(), "CI=true", "FANOUT_REQUIRE_DB=1", urlVariable+"="+sharedServer(t), "RUNNER_TEMP="+temp,
			"PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
		command.Env = append(command.Env, environ...)
		output, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%s\n%v: %s", line, err, output)
		}
		return string(output)
	}
	in("git init -q && git add . && git -c user.name=x -c user.email=x@example.com commit -qm x")
	in(regexp.MustCompile(`(?m)^ {10}`).ReplaceAllString(string(found[1]), ""), "REASON=list: 'all' $(touch ran)")
	in("git reset -q --hard && git clean -qfd && git apply \"$RUNNER_TEMP/baseline.patch\"")
	if got := strings.TrimSpace(in("git ls-files --others")); got != filepath.Join("testdata", "fanout", "list.json") {
		t.Errorf("the patch brings %q", got)
	}
	in("fanout-bench gate -- go test ./...")
}
