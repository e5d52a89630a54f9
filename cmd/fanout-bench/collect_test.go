package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/internal/long"
)

// inExample runs the command in the example service.
func inExample(t *testing.T, environ []string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	return inFolder(t, filepath.Join("..", "..", "examples", "orders"), environ, args...)
}

// inFolder runs the command in a folder.
func inFolder(t *testing.T, folder string, environ []string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errOut bytes.Buffer
	command := exec.CommandContext(t.Context(), os.Args[0], args...)
	command.Dir = folder
	command.Env = append(append(os.Environ(), "FANOUT_REQUIRE_DB=1", asCommand+"=1", urlVariable+"="+sharedServer(t)), environ...)
	command.Stdout, command.Stderr = &out, &errOut
	err := command.Run()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	return command.ProcessState.ExitCode(), out.String(), errOut.String()
}

// TestCollect gates the example service by its tests.
func TestCollect(t *testing.T) {
	t.Parallel()
	status, stdout, stderr := inExample(t, nil, "gate", "--", "go", "test", "./...")
	if status != exit.OK || stdout != "5 measurements equal the baseline.\n" || !strings.Contains(stderr, "Collected 5 measurements of 1 scenario") {
		t.Errorf("status %d; it prints %s and says %s", status, stdout, stderr)
	}
}

// TestLongCollect takes the example service from no baseline to a failing build and back. It links
// the tests once, which is faster than 'go test' for each step.
func TestLongCollect(t *testing.T) {
	long.Test(t)
	t.Parallel()
	bin := t.TempDir()
	link := exec.CommandContext(t.Context(), "go", "test", "-c", "-o", filepath.Join(bin, "orders.test"), ".")
	link.Dir = filepath.Join("..", "..", "examples", "orders")
	if output, err := link.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	path := "PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH")
	folder := t.TempDir() // of a package, as the binary sees it
	step := func(environ []string, status int, wantOut, wantErr []string, args ...string) {
		t.Helper()
		got, stdout, stderr := inFolder(t, folder, append(environ, path), args...)
		if got != status {
			t.Errorf("%q: status %d, want %d; it prints %s and says %s", args, got, status, stdout, stderr)
		}
		for _, want := range wantOut {
			if !strings.Contains(stdout, want) {
				t.Errorf("%q does not print %q:\n%s", args, want, stdout)
			}
		}
		for _, want := range wantErr {
			if !strings.Contains(stderr, want) {
				t.Errorf("%q does not say %q:\n%s", args, want, stderr)
			}
		}
	}
	tests := []string{"--", "orders.test"}
	with := func(args ...string) []string { return append(args, tests...) }
	red := []string{"ITEM_BY_ITEM=1"}

	step(nil, exit.NoData, nil, []string{"accept the new ones with:\nfanout-bench accept -- orders.test"}, with("gate")...)
	step(nil, exit.OK, []string{"new  orders list  1…8  ok: SQL 2, RBAC N"}, []string{"PASS", "Collected 5 measurements of 1 scenario", "Wrote testdata/fanout/list.json"}, with("accept")...)
	step(nil, exit.OK, []string{"5 measurements equal the baseline."}, nil, with("gate")...)
	step(nil, exit.OK, []string{"5 measurements equal the baseline."},
		[]string{"Proved: the gate notices one more statement in orders list, one more statement for each N in orders list, one more check in orders list."}, with("gate", "--prove")...)
	step(red, exit.Regression, []string{
		"REGRESSION  1 cause, in 4 of 5 measurements.", "orders.go:90   Service.List → Service.eachWithItems", "fanout-bench accept --reason '…' -- orders.test",
	}, nil, with("gate")...)
	step(red, exit.Usage, nil, []string{"say why with --reason"}, with("accept")...)
	step(red, exit.OK, nil, nil, with("accept", "--reason", "until the join lands")...)
	step(red, exit.OK, nil, nil, with("gate")...)
	step(nil, exit.Improved, nil, nil, with("gate", "--ratchet")...)
	step([]string{"CI=true"}, exit.Usage, nil, []string{"accept does not run in CI"}, with("accept")...)
	file := filepath.Join("testdata", "fanout", "list.json")
	step(nil, exit.OK, nil, nil, "accept", "--baseline", file, "--budget", "list sql max=40", "--reason", "until the join lands")
	step(nil, exit.NotMeasured, []string{"4 measurements cost less."}, []string{"the gate does not notice one more statement anywhere: budgets allow it"},
		with("gate", "--prove", "--metric", "sql")...)
	step(nil, exit.OK, nil, nil, with("accept")...)
	step(nil, exit.OK, nil, nil, "accept", "--baseline", file, "--budget", "list sql none version=example.com/orders")

	step(nil, exit.OK, []string{"example.com/orders: queries and checks of one request, as they grow with N", "list      order  2    N     0"}, nil, with("run")...)

	saved := filepath.Join(t.TempDir(), "saved.json")
	step(red, exit.OK, nil, nil, with("run", "--save", saved, "--trees")...)
	step(nil, exit.OK, []string{"list      order  "}, nil, "report", saved)
	step(nil, exit.OK, []string{"### ❌ fanout-bench: `Service.List` now runs one more query per order: `ItemsOfOrder` at `orders.go:90`", "Service.eachWithItems", "accept --reason '…' -- COMMAND"}, nil,
		"report", saved, "--format", "markdown")
	step(nil, exit.Regression, []string{"REGRESSION  1 cause"}, nil, "gate", saved)
	step(nil, exit.Regression, []string{"REGRESSION  1 cause"}, nil, append([]string{"gate", saved, "--base-results"}, file)...)
	step(nil, exit.NoData, nil, []string{"the command wrote no results"}, "gate", "--", "orders.test", "-test.run", "NoSuchTest")
	step(nil, exit.NotMeasured, nil, []string{"orders.test failed: exit status 1; scenarios that it did not measure are not judged"}, "gate", "--", "orders.test", "-test.run", "(")
	step(nil, exit.Usage, nil, []string{"remove the command"}, with("accept", "--budget", "list sql max=40", "--reason", "x")...)
	step(nil, exit.Usage, nil, []string{"remove --scenario"}, with("gate", "--scenario", "list")...)
	step([]string{"FANOUT_DATABASE_URL=postgres://nobody@127.0.0.1:1/none"}, exit.NotMeasured, nil, []string{"FAIL"}, with("gate")...)
}

// TestLongCollectIsDeterministic repeats the tests of the example in random order and in parallel.
func TestLongCollectIsDeterministic(t *testing.T) {
	long.Test(t)
	t.Parallel()
	saved := filepath.Join(t.TempDir(), "saved.json")
	var first []byte
	for _, args := range [][]string{
		{"-count=1"}, {"-count=5", "-shuffle=on", "-parallel=8", "-cpu=1,2,8"},
	} {
		command := append([]string{"run", "--save", saved, "--", "go", "test"}, args...)
		if status, _, stderr := inExample(t, nil, append(command, "./...")...); status != exit.OK {
			t.Fatalf("%q: status %d: %s", args, status, stderr)
		}
		text, err := os.ReadFile(saved)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = text
		} else if !bytes.Equal(first, text) {
			t.Errorf("%q measured different counts", args)
		}
	}
}
