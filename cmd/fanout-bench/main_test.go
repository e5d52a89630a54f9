package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"
)

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	testscript.Main(m, map[string]func(){"fanout-bench": main})
}

// asCommand makes the test binary run as the command itself.
const asCommand = "FANOUT_BENCH_TEST_AS_COMMAND"

// TestScripts runs the command as a user does; set UPDATE_SCRIPTS=1 to rewrite
// what the scripts expect.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata",
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(env *testscript.Env) error {
			// Where the tests of this module get their server, the command does too.
			env.Setenv(urlVariable, os.Getenv(urlVariable))
			claims, err := filepath.Abs("../../results/claims")
			env.Setenv("CLAIMS", claims)
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"status": status},
	})
}

// status N COMMAND… runs the command and requires its exit status.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N COMMAND [ARG…]")
	}
	got := 0
	var exit *exec.ExitError
	switch err := ts.Exec(args[1], args[2:]...); {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if want := args[0]; want != strconv.Itoa(got) {
		ts.Fatalf("exit status %d, want %s", got, want)
	}
}

// TestReadmeShowsWhatIsPrinted keeps the output shown in the README that of the
// scripts, which run the command.
func TestReadmeShowsWhatIsPrinted(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for script, name := range map[string]string{"run.txt": "table", "compare.txt": "worse", "verify.txt": "table"} {
		archive, err := txtar.ParseFile(filepath.Join("testdata", script))
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == name })
		if i < 0 || !bytes.Contains(readme, archive.Files[i].Data) {
			t.Errorf("README.md does not show %s of testdata/%s as it is", name, script)
		}
	}
}
