package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
)

// A history is a repository whose tests copy result.json to their results.
type history struct {
	*testing.T
	folder string
}

func newHistory(t *testing.T) history {
	t.Helper()
	h := history{t, t.TempDir()}
	h.git("init", "-q", "-b", "main")
	return h
}

func (h history) git(args ...string) string {
	h.Helper()
	cmd := exec.CommandContext(h.Context(), "git", append([]string{"-c", "user.name=test", "-c", "user.email=test@example.com"}, args...)...)
	cmd.Dir = h.folder
	output, err := cmd.CombinedOutput()
	if err != nil {
		h.Fatalf("git %q: %v: %s", args, err, output)
	}
	return strings.TrimSpace(string(output))
}

// commit sets the number of statements that the tests count; below 0 there are no tests.
func (h history) commit(sql int) {
	h.Helper()
	text := "not compiling"
	if sql >= 0 {
		text = result(sql)
	}
	if err := os.WriteFile(filepath.Join(h.folder, "result.json"), []byte(text), 0o600); err != nil {
		h.Fatal(err)
	}
	h.git("add", "-A")
	h.git("commit", "-q", "--allow-empty", "-m", "x")
}

// result returns results with a count of statements.
func result(sql int) string {
	count := string(rune('0' + sql))
	return `{"schema":1,"path":"example.com/shop","rows":[
{"scenario":"list","n":1,"version":"example.com/shop","outcome":"ok","sql":` + count + `,"sql_unique":1,"rbac":0,"rbac_unique":0,"round_trips":1,"tx":0,"prepare":0,"acquires":1,"max_held":1,"statements":{"Get":` + count + `},"checks":{}}
],
"scenarios":[
{"name":"list","version":"example.com/shop","unit":"order","test":"TestList","baseline":"testdata/fanout/list.json"}
]}
`
}

// measures is a command that writes the result, or fails.
var measures = []string{"--", "sh", "-c", `grep -q schema result.json && cp result.json "$FANOUT_OUT"`}

func (h history) gate(args ...string) (status int, stdout, stderr string) {
	h.Helper()
	return inFolder(h.T, h.folder, nil, append(append([]string{"gate"}, args...), measures...)...)
}

// TestBaseInHook measures a base while git makes a commit, whose index must stay as it is.
func TestBaseInHook(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	h.commit(3)
	hook := fmt.Sprintf(`#!/bin/sh
export %s=1 %s='%s'
exec '%s' gate --base HEAD -- sh -c 'git status -s >&2 && cp result.json "$FANOUT_OUT"'
`, asCommand, urlVariable, sharedServer(t), os.Args[0])
	hooks := filepath.Join(h.folder, ".git", "hooks")
	if err := errors.Join(os.MkdirAll(hooks, 0o700), os.WriteFile(filepath.Join(hooks, "pre-commit"), []byte(hook), 0o700)); err != nil {
		t.Fatal(err)
	}
	h.commit(2)
	if err := os.WriteFile(filepath.Join(h.folder, "result.json"), []byte(strings.ReplaceAll(result(2), "order", "item")), 0o600); err != nil {
		t.Fatal(err)
	}
	h.git("commit", "-q", "-a", "-m", "x") // it has an index of its own
	if changed, left := h.git("show", "--format=", "--name-only"), h.git("status", "--short"); changed != "result.json" || left != "" {
		t.Errorf("the commit changes %q and leaves %q", changed, left)
	}
}

func TestBase(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	h.commit(2)
	h.git("branch", "feature")
	h.commit(5) // not in the feature branch
	h.git("checkout", "-q", "feature")
	h.commit(2)
	if status, stdout, stderr := h.gate("--base", "main"); status != exit.OK || !strings.Contains(stdout, "1 measurement equals the baseline") {
		t.Errorf("the same: status %d: %s%s", status, stdout, stderr)
	}
	h.commit(3)
	if status, stdout, stderr := h.gate("--base", "main"); status != exit.Regression || !strings.Contains(stdout, "SQL rises by 1 at N=1 (baseline 2)") ||
		!strings.Contains(stdout, "\nFix it, or accept it:\n  # --base has no file to accept it in: set a limit in Expect of the test,\n  # or merge it all the same; then it is the base\n") {
		t.Errorf("a regression: status %d: %s%s", status, stdout, stderr)
	}
	summary := filepath.Join(t.TempDir(), "summary.md")
	if status, _, stderr := h.gate("--base", "main", "--summary", summary); status != exit.Regression {
		t.Errorf("a regression: status %d: %s", status, stderr)
	}
	if text, err := os.ReadFile(summary); err != nil || !strings.Contains(string(text), "<summary>If it is meant</summary>") || strings.Contains(string(text), "commit the baseline") {
		t.Errorf("the summary: %v: %s", err, text)
	}
	if trees := h.git("worktree", "list"); strings.Contains(trees, "\n") {
		t.Errorf("left behind: %s", trees)
	}
	if status := h.git("status", "--short"); status != "" {
		t.Errorf("changed: %s", status)
	}
	if status, _, stderr := h.gate("--base", "nowhere"); status != exit.Usage || !strings.Contains(stderr, "git fetch origin +refs/heads/nowhere:refs/remotes/origin/nowhere") {
		t.Errorf("no such branch: status %d: %s", status, stderr)
	}
	shallow := history{t, t.TempDir()}
	shallow.git("clone", "-q", "--depth", "1", "file://"+h.folder, ".")
	shallow.git("fetch", "-q", "--depth", "1", "origin", "main:refs/remotes/origin/main")
	if status, _, stderr := shallow.gate("--base", "origin/main"); status != exit.Usage || !strings.Contains(stderr, "fetch-depth: 0") {
		t.Errorf("a shallow clone: status %d: %s", status, stderr)
	}
	// With --exit-zero only a usage error fails.
	for name, c := range map[string]struct {
		in     history
		args   []string
		status int
		says   string
	}{
		"no such branch":  {h, []string{"--base", "nowhere"}, exit.OK, "git fetch origin"},
		"a shallow clone": {shallow, []string{"--base", "origin/main"}, exit.OK, "fetch-depth: 0"},
		"a cache without": {h, []string{"--base-results", "nowhere.json"}, exit.OK, "no such file"},
		"no repository":   {history{t, t.TempDir()}, []string{"--base", "main"}, exit.OK, "it needs a git repository"},
		"usage":           {h, []string{"--base", "main", "--baseline", "b.json"}, exit.Usage, "use only one of"},
	} {
		if status, stdout, stderr := c.in.gate(append(c.args, "--exit-zero")...); status != c.status || !strings.Contains(stderr, c.says) || stdout != "" {
			t.Errorf("%s: status %d: %s%s", name, status, stdout, stderr)
		}
	}
}

// TestBaseWithoutMeasurements compares with a commit that does not compile, which is an error, and
// with one without tests, where everything is new.
func TestBaseWithoutMeasurements(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	h.commit(-1)
	h.git("checkout", "-q", "-b", "feature")
	h.commit(2)
	if status, _, stderr := h.gate("--base", "main"); status != exit.NotMeasured || !strings.Contains(stderr, "the merge base with main could not be measured") {
		t.Errorf("status %d: %s", status, stderr)
	}
	status, stdout, stderr := inFolder(t, h.folder, nil, "gate", "--base", "main", "--", "sh", "-c", `grep -q schema result.json && cp result.json "$FANOUT_OUT"; true`)
	if status != exit.OK || !strings.Contains(stdout, "1 measurement is not in the baseline") || !strings.Contains(stderr, "everything is new") {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
}

// TestBaseIncomplete compares with a commit whose tests fail, where one measures nothing. Its
// measurements are new only if the commit does not have the test.
func TestBaseIncomplete(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(h.folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("failing", "")
	write("order_test.go", "package shop\n\nfunc TestOther(t *testing.T) {}\n")
	write("other.json", strings.NewReplacer(`"list"`, `"other"`, "TestList", "TestOther", "testdata/fanout/list.json", "other/testdata/fanout/other.json", `"version":"example.com/shop"`, `"version":"example.com/shop/other"`).Replace(result(1)))
	h.commit(-1)
	h.git("branch", "without")
	write("order_test.go", "package shop\n\nfunc TestList(t *testing.T) {}\n")
	h.commit(-1)
	h.git("rm", "-q", "failing")
	h.commit(2)
	all := []string{"--", "sh", "-c", `for f in *.json; do grep -q schema $f && cp $f "$FANOUT_OUT"; done; ! test -e failing`}
	for name, c := range map[string]struct {
		status int
		says   string
	}{
		"without": {exit.OK, "New, not compared: 1 scenario, example.com/shop list"},
		"main~1":  {exit.NotMeasured, "not measured: shop list: the base has no result to compare with"},
	} {
		if status, stdout, stderr := inFolder(t, h.folder, nil, append([]string{"gate", "--base", name}, all...)...); status != c.status || !strings.Contains(stdout+stderr, c.says) {
			t.Errorf("%s: status %d: %s%s", name, status, stdout, stderr)
		}
	}
	saved := filepath.Join(t.TempDir(), "base.json")
	h.git("checkout", "-q", "without")
	if status, _, stderr := inFolder(t, h.folder, nil, append([]string{"run", "--save", saved}, all...)...); status != exit.NotMeasured {
		t.Fatalf("status %d: %s", status, stderr)
	}
	h.git("checkout", "-q", "main")
	if status, stdout, _ := inFolder(t, h.folder, nil, append([]string{"gate", "--base-results", saved}, all...)...); status != exit.NotMeasured || !strings.Contains(stdout, "the base has no result to compare with") {
		t.Errorf("saved: status %d: %s", status, stdout)
	}
}

// TestBaseIsLocal measures a base beside a worktree that is out of reach, a hook that fails, and in
// a folder that the base does not have.
func TestBaseIsLocal(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	h.commit(2)
	away := filepath.Join(t.TempDir(), "away")
	h.git("worktree", "add", "-q", "--detach", away)
	if err := os.Rename(away, away+"2"); err != nil {
		t.Fatal(err)
	}
	hooks := filepath.Join(h.folder, ".git", "hooks")
	if err := errors.Join(os.MkdirAll(hooks, 0o700), os.WriteFile(filepath.Join(hooks, "post-checkout"), []byte("#!/bin/sh\nexit 1\n"), 0o700)); err != nil {
		t.Fatal(err)
	}
	if status, _, stderr := h.gate("--base", "HEAD"); status != exit.OK {
		t.Errorf("status %d: %s", status, stderr)
	}
	if err := os.Rename(away+"2", away); err != nil {
		t.Fatal(err)
	}
	if trees := h.git("worktree", "list"); strings.Count(trees, "\n") != 1 {
		t.Errorf("the worktrees are now %s", trees)
	}
	h.git("-C", away, "status")
	goMod := "module example.com/shop\n\nrequire example.com/lib v0.0.0\n\nreplace example.com/lib => " + h.folder + "/lib\n"
	if err := errors.Join(os.Mkdir(filepath.Join(h.folder, "lib"), 0o700), os.WriteFile(filepath.Join(h.folder, "go.mod"), []byte(goMod), 0o600)); err != nil {
		t.Fatal(err)
	}
	h.commit(2)
	if status, _, stderr := h.gate("--base", "HEAD"); status != exit.NotMeasured || !strings.Contains(stderr, "use a relative path") {
		t.Errorf("an absolute path: status %d: %s", status, stderr)
	}
	h.git("rm", "-q", "-f", "go.mod")
	h.commit(2)
	added := filepath.Join(h.folder, "added")
	if err := errors.Join(os.Mkdir(added, 0o700), os.WriteFile(filepath.Join(added, "result.json"), []byte(result(1)), 0o600)); err != nil {
		t.Fatal(err)
	}
	if status, _, stderr := inFolder(t, added, nil, append([]string{"gate", "--base", "HEAD"}, measures...)...); status != exit.OK || !strings.Contains(stderr, "so everything is new") {
		t.Errorf("an added folder: status %d: %s", status, stderr)
	}
}

// TestBaseSubmodules measures a base with a submodule that the branch removed, and one that the user
// has not fetched and that is out of reach.
func TestBaseSubmodules(t *testing.T) {
	t.Parallel()
	removed, private := newHistory(t), newHistory(t)
	removed.commit(1)
	private.commit(1)
	origin := newHistory(t)
	local := []string{"-c", "protocol.file.allow=always"}
	origin.git(append(local, "submodule", "--quiet", "add", removed.folder, "removed")...)
	origin.git(append(local, "submodule", "--quiet", "add", private.folder, "private")...)
	origin.commit(2)
	origin.git("rm", "-q", "removed")
	origin.commit(2)
	user := history{t, t.TempDir()}
	user.git("clone", "-q", origin.folder, ".")
	if err := os.Rename(private.folder, private.folder+"2"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Rename(private.folder+"2", private.folder) })
	environ := []string{"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=protocol.file.allow", "GIT_CONFIG_VALUE_0=always"}
	status, stdout, stderr := inFolder(t, user.folder, environ, "gate", "--base", "HEAD~1", "--",
		"sh", "-c", `cp result.json "$FANOUT_OUT"; ls removed private >&2; git status --short >&2`)
	if status != exit.OK || !strings.Contains(stderr, "removed:\nresult.json\n") || strings.Contains(stderr, "private:\nresult.json") {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
	if config := user.git("config", "--local", "--list"); strings.Contains(config, "submodule.private.") {
		t.Errorf("the configuration is now %s", config)
	}
}

// TestBisect finds the commit that costs more, and skips commits that do not compile.
func TestBisect(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	for _, sql := range []int{2, 2, -1, 2, 2, 4, 4, -1, 4} {
		h.commit(sql)
	}
	want := h.git("rev-parse", "HEAD~3")
	good := filepath.Join(t.TempDir(), "good.json")
	h.git("checkout", "-q", "HEAD~8")
	if status, _, stderr := inFolder(t, h.folder, nil, append([]string{"run", "--save", good}, measures...)...); status != exit.OK {
		t.Fatalf("status %d: %s", status, stderr)
	}
	h.git("checkout", "-q", "main")
	h.git("bisect", "start", "HEAD", "HEAD~8")
	command := filepath.Join(commandInPath(t, ""), "fanout-bench")
	found := h.git(append([]string{"bisect", "run", command, "gate", "--bisect", "--base-results", good}, measures...)...)
	if !strings.Contains(found, want+" is the first bad commit") {
		t.Errorf("want %s:\n%s", want, found)
	}
}

// TestBaselinesMerge merges two branches that each add a scenario, and one that changes another.
func TestBaselinesMerge(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	accept := func(scenario, counts string) {
		t.Helper()
		text := fmt.Sprintf(`{"schema":1,"path":"example.com/shop","rows":[
{"scenario":%[1]q,"n":1,"version":"example.com/shop","outcome":"ok","sql":%[2]s,"sql_unique":1,"rbac":0,"rbac_unique":0,"round_trips":1,"tx":0,"prepare":0,"acquires":1,"max_held":1,"statements":{"Get":%[2]s},"checks":{}}
],
"scenarios":[
{"name":%[1]q,"version":"example.com/shop","unit":"order","test":"TestList","baseline":"testdata/fanout/%[1]s.json"}
]}
`, scenario, counts)
		if status, _, stderr := inFolder(t, h.folder, []string{"RESULT=" + text, "CI="}, "accept", "--reason", "test", "--", "sh", "-c", `echo "$RESULT" >"$FANOUT_OUT/x.json"`); status != exit.OK {
			t.Fatalf("status %d: %s", status, stderr)
		}
		h.git("add", "-A")
		h.git("commit", "-q", "-m", scenario)
	}
	accept("list", "2")
	for _, branch := range []string{"cancel", "place"} {
		h.git("checkout", "-q", "-b", branch, "main")
		accept(branch, "1")
	}
	h.git("checkout", "-q", "main")
	accept("list", "3")
	h.git("merge", "-q", "--no-edit", "cancel")
	h.git("merge", "-q", "--no-edit", "place")
	for _, scenario := range []string{"list", "cancel", "place"} {
		if _, err := os.Stat(filepath.Join(h.folder, "testdata", "fanout", scenario+".json")); err != nil {
			t.Error(err)
		}
	}
}
