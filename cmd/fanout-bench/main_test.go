package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
)

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	testscript.Main(elsewhere{m}, commands())
}

// ofCI lists the variables of CI that the command reads.
var ofCI = []string{"CI", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"}

// elsewhere runs tests without these variables, so that commands do not write to the CI job that
// runs the tests.
type elsewhere struct{ m *testing.M }

func (e elsewhere) Run() int {
	for _, name := range ofCI {
		os.Unsetenv(name)
	}
	// Commands of the tests would inherit that nohup ignores it.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	return pgtest.Main(e.m)
}

// asCommand makes the test binary run as the command.
const asCommand = "FANOUT_BENCH_TEST_AS_COMMAND"

// TestScripts runs the scripts in testdata. UPDATE_SCRIPTS=1 rewrites the outputs they expect.
func TestScripts(t *testing.T) {
	server := sharedServer(t)
	testscript.Run(t, testscript.Params{
		Dir:           "testdata",
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(env *testscript.Env) error {
			env.Setenv(urlVariable, server)
			root, err := filepath.Abs("../..")
			env.Setenv("NL", "\n")
			env.Setenv("ROOT", root)
			env.Setenv("CLAIMS", filepath.Join(root, "results", "claims"))
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status":           status,
			"for-each-command": forEachCommand,
		},
	})
}

// sharedServer returns the URL of the server that the tests share, which is much faster than a
// server for each command.
func sharedServer(t *testing.T) string {
	t.Helper()
	return pgtest.Pool(t, "").Config().ConnString()
}

// status N COMMAND… runs the command and requires its exit status.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N COMMAND [ARG…]")
	}
	got := 0
	var failed *exec.ExitError
	switch err := ts.Exec(args[1], args[2:]...); {
	case errors.As(err, &failed):
		got = failed.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if want := args[0]; want != strconv.Itoa(got) {
		ts.Fatalf("exit status %d, want %s", got, want)
	}
}

// for-each-command STATUS FILE MESSAGE requires that commands reject the baseline FILE and do not
// change it.
func forEachCommand(ts *testscript.TestScript, neg bool, args []string) {
	before := ts.ReadFile(args[1])
	for _, command := range []string{"gate", "accept"} {
		status(ts, neg, []string{args[0], "fanout-bench", command, "--baseline", args[1]})
		if message := ts.ReadFile("stderr"); !strings.Contains(message, args[2]) {
			ts.Fatalf("%s said %q, not %q", command, message, args[2])
		}
	}
	if ts.ReadFile(args[1]) != before {
		ts.Fatalf("%s was changed", args[1])
	}
}

// TestDocsShowWhatIsPrinted compares the output in README and docs with that of the scripts.
func TestDocsShowWhatIsPrinted(t *testing.T) {
	for _, shown := range []struct{ page, script, name string }{
		{"README.md", "run.txt", "table"},
		{"docs/case-study.md", "verify.txt", "table"}, {"docs/case-study.md", "compare.txt", "worse"},
		{"docs/case-study.md", "explain.txt", "tree"}, {"docs/case-study.md", "explain.txt", "incident"},
		{"docs/gate.md", "planted.txt", "read"}, {"docs/load.md", "capacity.txt", "river"},
	} {
		page, err := os.ReadFile(filepath.Join("../..", shown.page))
		if err != nil {
			t.Fatal(err)
		}
		archive, err := txtar.ParseFile(filepath.Join("testdata", shown.script))
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == shown.name })
		if i < 0 || !bytes.Contains(page, archive.Files[i].Data) {
			t.Errorf("%s differs from %s of testdata/%s", shown.page, shown.name, shown.script)
		}
	}
}

// TestLinks checks that the link targets of README and docs exist.
func TestLinks(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	links := regexp.MustCompile(`\]\(([^)#:]+)[^):]*\)|src="([^":]+)"`)
	for _, page := range append(pages, "../../README.md", "../../results/README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range links.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), link[1]+link[2])); err != nil {
				t.Errorf("%s links to %s, which does not exist", page, link[1]+link[2])
			}
		}
	}
}
