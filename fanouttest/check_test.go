package fanouttest_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/bits"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/multitracer"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/fanouttest"
	"github.com/fanout-bench/fanout-bench/fanouttest/testdb"
	"github.com/fanout-bench/fanout-bench/internal/probe"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

var db testdb.Template

func TestMain(m *testing.M) {
	if url := os.Getenv(serviceEnv); url != "" {
		os.Exit(serveOrders(url))
	}
	os.Unsetenv("CI") // some tests set it
	os.Exit(testdb.Main(m))
}

// A fake is a test that may fail.
type fake struct {
	*testing.T
	failed bool
	said   strings.Builder
	ends   bool     // before T, with its own cleanups
	atEnd  []func() // if it does
	after  func()   // called after Check
}

// check runs Check in a test that ends afterwards.
func (f *fake) check(s fanouttest.Scenario) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		fanouttest.Check(f, s)
		if f.after != nil {
			f.after()
		}
	}()
	<-done
	f.end()
}

func (f *fake) Cleanup(end func()) {
	if !f.ends {
		f.T.Cleanup(end)
	}
	f.atEnd = append(f.atEnd, end)
}

func (f *fake) end() {
	for _, end := range slices.Backward(f.atEnd) {
		end()
	}
}

func (f *fake) Helper()      {}
func (f *fake) Failed() bool { return f.failed }
func (f *fake) Logf(format string, args ...any) {
	fmt.Fprintf(&f.said, format+"\n", args...)
}

func (f *fake) Errorf(format string, args ...any) {
	f.Logf(format, args...)
	f.failed = true
}

func (f *fake) Fatalf(format string, args ...any) {
	f.Errorf(format, args...)
	runtime.Goexit()
}

// try runs Check and returns whether the test failed, and its messages.
func try(t *testing.T, s fanouttest.Scenario) (failed bool, said string) {
	t.Helper()
	f := &fake{T: t, ends: true}
	f.check(s)
	return f.failed, f.said.String()
}

// expect runs Check and checks whether the test fails, and its messages.
func expect(t *testing.T, s fanouttest.Scenario, fails bool, says ...string) {
	t.Helper()
	failed, said := try(t, s)
	if failed != fails {
		t.Errorf("failed: %v; it says %s", failed, said)
	}
	for _, text := range says {
		if !strings.Contains(said, text) {
			t.Errorf("no %q in:\n%s", text, said)
		}
	}
}

// inFolder gives the test its own folder, as if go test had started it there.
func inFolder(t *testing.T) {
	t.Helper()
	folder := t.TempDir()
	t.Chdir(folder)
	t.Cleanup(fanouttest.StartIn(folder))
}

// only returns the only result file in a folder.
func only(t *testing.T, folder string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(names) != 1 {
		t.Fatalf("files %q, %v; want one", names, err)
	}
	return names[0]
}

// counting returns a scenario with its own pool that executes count(n) statements.
func counting(t *testing.T, count func(n int) int) (fanouttest.Scenario, *pgxpool.Pool) {
	t.Helper()
	recorder := fanouttest.NewRecorder()
	pool := db.Pool(t, func(config *pgxpool.Config) { recorder.Attach(config.ConnConfig) })
	return fanouttest.Scenario{
		Unit: "item", Recorder: recorder,
		Run: func(ctx context.Context, n int) error {
			for i := range count(n) {
				if _, err := pool.Exec(ctx, "-- name: Get :one\nSELECT $1::int", i); err != nil {
					return err
				}
			}
			return nil
		},
	}, pool
}

func TestLimits(t *testing.T) {
	constant, linear := func(int) int { return 3 }, func(n int) int { return 1 + 2*n }
	for _, c := range []struct {
		name  string
		count func(n int) int
		limit fanouttest.Limit
		says  []string // empty: it passes
	}{
		{"constant", constant, fanouttest.Constant(), nil},
		{"constant, at most 3", constant, fanouttest.AtMost(3), nil},
		{"constant, at most 2", constant, fanouttest.AtMost(2), []string{
			"SQL is over its budget: at most 2 a request", "  SQL 3, over the budget of at most 2 a request: stated in the test\n",
		}},
		{"linear, as constant", linear, fanouttest.Constant(), []string{
			"SQL 1 + 2·N (17 at N=8),", "over the budget of at most 0 per item: stated in the test", "  2 more queries per item after the first: Get\n",
			"fanouttest/check_test.go:", "   counting\n", "raise the limit in Expect",
		}},
		{"linear, as linear", linear, fanouttest.Linear(2), nil},
		{"linear, as less", linear, fanouttest.Linear(1), []string{"at most 1 per item", "1 cause, in 4 of 5 measurements"}},
		{"linear, as more", linear, fanouttest.Linear(3), nil},
		{"linear, at most 17", linear, fanouttest.Linear(2).AtMost(17), nil},
		{"linear, at most 16", linear, fanouttest.Linear(2).AtMost(16), []string{"SQL 1 + 2·N (17 at N=8),", "over the budget of at most 16 a request, 2 per item"}},
		{"quadratic, as linear", func(n int) int { return n * n }, fanouttest.Linear(3), []string{"SQL N² (64 at N=8),", "over the budget of at most 3 per item"}},
		{"N log N, as linear", func(n int) int { return n * bits.Len(uint(n)) }, fanouttest.Linear(4), []string{"SQL 1, 4, 6, 12, 32 (32 at N=8),", "over the budget of at most 4 per item"}},
		{"a jump, as constant", func(n int) int { return 1 + n/8 }, fanouttest.Constant(), []string{
			"at most 0 per item: stated in the test; or a level end, which needs three N, the last at least twice the first",
			"SQL 1, 1, 1, 1, 2 (2 at N=8),",
		}},
		{"level from two on, as constant", func(n int) int { return min(n, 2) }, fanouttest.Constant(), nil},
		{"level from two on, as linear", func(n int) int { return min(4*n, 8) }, fanouttest.Linear(1), nil},
		{"level from two on, at most 2", func(n int) int { return min(n, 2) }, fanouttest.Constant().AtMost(2), nil},
		{"level from two on, at most 1", func(n int) int { return min(n, 2) }, fanouttest.Constant().AtMost(1), []string{
			"SQL 1, then 2 from N=2 on (2 at N=8),", "over the budget of at most 1 a request, 0 per item: stated in the test\n",
		}},
		{"level from four on", func(n int) int { return min(n, 4) }, fanouttest.Constant(), []string{"a level end, which needs three N"}},
		{"anything", linear, fanouttest.Limit{}, []string{"has a limit of \"sql\" without a bound"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := counting(t, c.count)
			s.Expect = fanouttest.Limits{tracer.SQL: c.limit}
			expect(t, s, len(c.says) > 0, c.says...)
		})
	}
}

// TestLimitsOfEveryCost checks each metric. All grow by one for each N, except transaction
// control and round trips, which grow by more.
func TestLimitsOfEveryCost(t *testing.T) {
	recorder := fanouttest.NewRecorder()
	pool := db.Pool(t, func(config *pgxpool.Config) { recorder.Attach(config.ConnConfig); config.MaxConns = 4 })
	work := fanouttest.Scenario{Recorder: recorder, Sweep: []int{1, 2, 3}, Run: func(ctx context.Context, n int) error {
		for i := range n {
			tx, err := pool.Begin(ctx)
			if err != nil {
				return err
			}
			defer tx.Rollback(ctx)
			if _, err := tx.Exec(ctx, "SELECT $1::int", i); err != nil {
				return err
			}
			_, end := recorder.Check(ctx, "read", "", "", i)
			end(true)
		}
		return nil
	}}
	for _, metric := range report.CostMetrics() {
		t.Run(string(metric), func(t *testing.T) {
			for _, c := range []struct {
				limit fanouttest.Limit
				says  string // empty: it passes
			}{
				{fanouttest.Constant(), "REGRESSION  "},
				{fanouttest.AtMost(1), "REGRESSION  "},
				{fanouttest.Linear(9), ""},
				{fanouttest.AtMost(9), ""},
			} {
				work.Expect = fanouttest.Limits{metric: c.limit}
				expect(t, work, c.says != "", c.says)
			}
		})
	}
	s, _ := counting(t, func(int) int { return 1 })
	s.Expect = fanouttest.Limits{tracer.SQL: fanouttest.AtMost(1), tracer.RBAC: fanouttest.AtMost(0)}
	expect(t, s, false)
}

func TestBaseline(t *testing.T) {
	inFolder(t)
	file := filepath.Join("testdata", "fanout", "counting.json")
	perN := 0
	s, _ := counting(t, func(n int) int { return 2 + perN*n })
	s.Name = "counting"
	update := "go test github.com/fanout-bench/fanout-bench/fanouttest -run '^TestBaseline$' -fanout.update"
	expect(t, s, true, "no baseline yet; now it is SQL 2, RBAC 0\nIf that is as it should be, write "+file+" and commit it:\n  "+update)

	t.Setenv("FANOUT_UPDATE", "1")
	t.Setenv("CI", "true")
	expect(t, s, true, "baselines are not written in CI")
	t.Setenv("CI", "woodpecker")
	expect(t, s, true, "baselines are not written in CI")
	t.Setenv("CI", "0")
	expect(t, s, false, "wrote "+file)
	t.Setenv("CI", "")
	expect(t, s, false, "wrote "+file)
	written, err := os.ReadFile(file)
	must(t, err)
	if strings.Contains(string(written), "check_test.go") {
		t.Errorf("lines, which change with every edit, are in\n%s", written)
	}
	expect(t, s, false)
	if again, err := os.ReadFile(file); err != nil || string(again) != string(written) {
		t.Errorf("the same counts give other bytes: %v", err)
	}
	t.Setenv("FANOUT_UPDATE", "maybe")
	expect(t, s, true, `FANOUT_UPDATE is "maybe"`)
	t.Setenv("FANOUT_UPDATE", "")
	expect(t, s, false)

	perN = 1
	t.Setenv("FANOUT_UPDATE", "0")
	expect(t, s, true, "one more query per item: Get", "SQL 2 → 2 + N (2 → 10 at N=8)", "or accept it:", update)
	perN = 0
	s.Sweep = []int{1, 2, 3, 4, 5}
	expect(t, s, true, "is not in the baseline", "The baseline is about different values of N; write it again: "+update)
	s.Sweep = nil
	for _, c := range []struct{ old, renamed, says string }{
		{`"scenario":"counting"`, `"scenario":"totting"`, `The baseline is of scenario "totting", not "counting"; write it again: `},
		{`"version":"github.com/fanout-bench/fanout-bench/fanouttest"`, `"version":"old"`, `The baseline is of package "old", not "github.com/fanout-bench/fanout-bench/fanouttest"; write it again: `},
	} {
		other := strings.ReplaceAll(string(written), c.old, c.renamed)
		must(t, os.WriteFile(file, []byte(other), 0o600))
		expect(t, s, true, c.says+update)
	}
	for _, conflict := range []string{"<<<<<<< ours\n", strings.Replace(string(written), "],\n\"places\"", "],\n\"budgets\":[{\"scenario\":\"other\",\"metric\":\"sql\",\"max\":3,\"reason\":\"x\"}\n],\n\"places\"", 1)} {
		must(t, os.WriteFile(file, []byte(conflict), 0o600))
		for _, update := range []string{"0", "1"} { // it has the work of people
			t.Setenv("FANOUT_UPDATE", update)
			expect(t, s, true, "counting.json")
		}
		t.Setenv("FANOUT_UPDATE", "0")
		if text, err := os.ReadFile(file); err != nil || string(text) != conflict {
			t.Errorf("it was replaced by %s, %v", text, err)
		}
	}
	for _, c := range []struct{ text, says string }{
		{strings.Replace(string(written), `"schema":1`, `"schema":99`, 1), "schema 99, but this program reads schema 1; write the file again with this version"},
		{strings.Replace(string(written), `"tx":0`, `"tx":0,"tx":0`, 1), `line 2: "tx" stands twice in one object`},
		{strings.Replace(string(written), `"counting"`, "\"count\xedng\"", 1), "line 2: the byte 0xED"},
	} {
		must(t, os.WriteFile(file, []byte(c.text), 0o600))
		expect(t, s, true, c.says, "; to write it again: "+update)
	}
}

// TestOtherFolder runs the test binary in the folder of another package, whose baselines must not
// be used or written.
func TestOtherFolder(t *testing.T) {
	inFolder(t)
	must(t, os.WriteFile("go.mod", []byte("module example.com/other\n"), 0o600))
	s, _ := counting(t, func(int) int { return 1 })
	for _, update := range []string{"", "1"} {
		t.Setenv("FANOUT_UPDATE", update)
		if failed, said := try(t, s); !failed || !strings.Contains(said, "where the baselines are; run them there") {
			t.Errorf("failed: %v; it says %s", failed, said)
		}
	}
	if _, err := os.Stat("testdata"); err == nil {
		t.Error("a baseline was written")
	}
}

// TestOfBase runs in the worktree of a base, and in another copy of the code.
func TestOfBase(t *testing.T) {
	inFolder(t)
	s, _ := counting(t, func(int) int { return 1 })
	out := t.TempDir()
	t.Setenv("FANOUT_OUT", out)
	t.Setenv("FANOUT_BASE", "gitdir: /worktrees/shop")
	expect(t, s, true, "this test runs in another copy of the code")
	must(t, os.WriteFile("../.git", []byte("gitdir: /worktrees/shop\n"), 0o600))
	expect(t, s, false)
	only(t, out)
}

// TestRootOfCommand collects results of a package in another repository below that of the command.
func TestRootOfCommand(t *testing.T) {
	root := t.TempDir()
	within := filepath.Join(root, "vendored")
	must(t, os.MkdirAll(filepath.Join(within, ".git"), 0o700))
	t.Chdir(within)
	t.Cleanup(fanouttest.StartIn(within))
	for _, c := range []struct{ root, name, want string }{{root, "below", "vendored/testdata/fanout/below.json"}, {t.TempDir(), "beside", "testdata/fanout/beside.json"}} {
		t.Run(c.name, func(t *testing.T) {
			out := t.TempDir()
			t.Setenv("FANOUT_OUT", out)
			t.Setenv("FANOUT_ROOT", c.root)
			s, _ := counting(t, func(int) int { return 1 })
			s.Name = c.name
			expect(t, s, false)
			text, err := os.ReadFile(only(t, out))
			must(t, err)
			if !strings.Contains(string(text), `"baseline":"`+c.want+`"`) {
				t.Errorf("want %s:\n%s", c.want, text)
			}
		})
	}
}

// TestCollectTwins collects results of two modules with one path.
func TestCollectTwins(t *testing.T) {
	root := t.TempDir()
	must(t, os.Mkdir(filepath.Join(root, ".git"), 0o700))
	t.Setenv("FANOUT_OUT", t.TempDir())
	s, _ := counting(t, func(int) int { return 1 })
	for _, c := range []struct {
		name string
		says []string
	}{{"a", nil}, {"b", []string{`is in folder "a" and in "b"; give the modules different paths`}}} {
		folder := filepath.Join(root, c.name)
		must(t, errors.Join(os.Mkdir(folder, 0o700), os.WriteFile(filepath.Join(folder, "go.mod"), []byte("module github.com/fanout-bench/fanout-bench/fanouttest\n"), 0o600)))
		t.Chdir(folder)
		restore := fanouttest.StartIn(folder)
		expect(t, s, c.says != nil, c.says...)
		restore()
	}
}

// TestCollectFinished checks that finished tests are recorded.
func TestCollectFinished(t *testing.T) {
	inFolder(t)
	out := t.TempDir()
	t.Setenv("FANOUT_OUT", out)
	for _, c := range []struct {
		name string
		skip bool
		want int
	}{{"whole", false, 1}, {"skipped", true, 0}} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := counting(t, func(int) int { return 1 })
			fanouttest.Check(t, s)
			if c.skip {
				t.Skip("on purpose: TestCollectFinished checks that a skipped test does not count as finished")
			}
		})
		want := c.want
		if testing.Short() { // tests may then leave out scenarios
			want = 0
		}
		if notes, err := filepath.Glob(filepath.Join(out, "*"+c.name+"*.finished")); err != nil || len(notes) != want {
			t.Errorf("%s: %q, %v", c.name, notes, err)
		}
	}
}

// TestRatchet checks work that costs less than its baseline.
func TestRatchet(t *testing.T) {
	inFolder(t)
	count := 3
	s, _ := counting(t, func(int) int { return count })
	s.Label = "small"
	t.Setenv("FANOUT_UPDATE", "1")
	expect(t, s, false, "wrote "+filepath.Join("testdata", "fanout", "TestRatchet-small-"))
	t.Setenv("FANOUT_UPDATE", "")
	count = 2
	expect(t, s, false, "it costs less than its baseline")
	must(t, flag.Set("fanout.ratchet", "true"))
	defer flag.Set("fanout.ratchet", "false")
	expect(t, s, true, "-fanout.update")
	s.Label = "large" // has no baseline yet
	expect(t, s, true, "no baseline yet")
}

// TestBaselineWithoutAFolder has a file in the place of the folder, and a link to itself in that of the
// baseline.
func TestBaselineWithoutAFolder(t *testing.T) {
	inFolder(t)
	must(t, os.WriteFile("testdata", nil, 0o600))
	s, _ := counting(t, func(int) int { return 1 })
	if failed, said := try(t, s); !failed || !strings.Contains(said, "testdata") || strings.Contains(said, "write it") {
		t.Errorf("read: failed: %v; it says %s", failed, said)
	}
	t.Setenv("FANOUT_UPDATE", "1")
	expect(t, s, true, "testdata")

	// A file that cannot be read may have reasons and budgets.
	name := t.Name() + ".json"
	link := filepath.Join("testdata", "fanout", name)
	if err := errors.Join(os.Remove("testdata"), os.MkdirAll(filepath.Dir(link), 0o700), os.Symlink(name, link)); err != nil {
		t.Fatal(err)
	}
	expect(t, s, true, name)
	if _, err := os.Readlink(link); err != nil {
		t.Errorf("it was replaced: %v", err)
	}
}

// TestUpdateFlag includes counts without a law.
func TestUpdateFlag(t *testing.T) {
	inFolder(t)
	s, _ := counting(t, func(n int) int { return 1 << n })
	s.Sweep = []int{1, 2, 3, 4}
	must(t, flag.Set("fanout.update", "true"))
	defer flag.Set("fanout.update", "false")
	for _, variable := range []string{"", "0"} {
		t.Setenv("FANOUT_UPDATE", variable)
		expect(t, s, false, "wrote ", "SQL does not fit")
	}
}

// TestBaselineFiles checks that no two scenarios share a file, and that file names resemble the
// scenario as far as file systems permit.
func TestBaselineFiles(t *testing.T) {
	inFolder(t)
	t.Setenv("FANOUT_UPDATE", "1")
	s, _ := counting(t, func(int) int { return 1 })
	long := strings.Repeat("x", 101)
	for _, c := range []struct{ name, file string }{
		{"azAZ09-_.b", "azAZ09-_.b.json"},
		{long[:100], long[:100] + ".json"},
		{long, long[:100] + "-????????.json"},
		{"c/d", "c-d-????????.json"},
		{"c:d", "c-d-????????.json"},
		{"`{@[:/", "-------????????.json"},
		{".hidden", "hidden-????????.json"},
	} {
		before, _ := filepath.Glob(filepath.Join("testdata", "fanout", c.file))
		s.Name = c.name
		expect(t, s, false)
		if after, err := filepath.Glob(filepath.Join("testdata", "fanout", c.file)); err != nil || len(after) != len(before)+1 {
			t.Errorf("%s: before %q, after %q, want a further %s: %v", c.name, before, after, c.file, err)
		}
	}
}

func TestUnmeasurable(t *testing.T) {
	calls := 0
	for _, c := range []struct {
		name   string
		change func(s *fanouttest.Scenario, pool *pgxpool.Pool)
		says   string
	}{
		{"failing work", func(s *fanouttest.Scenario, _ *pgxpool.Pool) {
			s.Run = func(context.Context, int) error { return errors.New("no such item") }
		}, "measure at N=1: first run, not counted: no such item"},
		{"setup fails", func(s *fanouttest.Scenario, _ *pgxpool.Pool) {
			s.Setup = func(context.Context, int) error { return errors.New("disk full") }
		}, "measure at N=1: setup: disk full"},
		{"counts vary", func(s *fanouttest.Scenario, pool *pgxpool.Pool) {
			s.Run = func(ctx context.Context, _ int) error {
				if calls++; calls%2 == 0 {
					_, _ = pool.Exec(ctx, "-- name: Sometimes :exec\nSELECT")
				}
				_, err := pool.Exec(ctx, "SELECT 1")
				return err
			}
		}, "unstable: its runs counted differently: Sometimes 1, 0, 1 at fanouttest/check_test.go:"},
		{"lost context", func(s *fanouttest.Scenario, pool *pgxpool.Pool) {
			s.Run = func(context.Context, int) error {
				_, err := pool.Exec(context.Background(), "-- name: Lost :exec\nSELECT")
				return err
			}
		}, "work outside the measured context; pass the context on to it: Lost ×1 at fanouttest/check_test.go:"},
		{"no counts", func(s *fanouttest.Scenario, _ *pgxpool.Pool) {
			s.Run = func(context.Context, int) error { return nil }
		}, "counted nothing"},
		{"a second pool with another Tracer", func(s *fanouttest.Scenario, pool *pgxpool.Pool) {
			beside := db.Pool(t, func(config *pgxpool.Config) { s.Recorder.Attach(config.ConnConfig); config.ConnConfig.Tracer = nil })
			s.Run = func(ctx context.Context, _ int) error {
				_, err := pool.Exec(ctx, "SELECT 1")
				_, unseen := beside.Exec(ctx, "SELECT 1")
				return errors.Join(err, unseen)
			}
		}, "4 statements on connections that do not report everything to the Recorder"},
		{"calls reported twice", func(s *fanouttest.Scenario, _ *pgxpool.Pool) {
			doubled := db.Pool(t, func(config *pgxpool.Config) {
				s.Recorder.Attach(config.ConnConfig)
				config.ConnConfig.Tracer = multitracer.New(config.ConnConfig.Tracer, config.ConnConfig.Tracer)
			})
			s.Run = func(ctx context.Context, _ int) error { _, err := doubled.Exec(ctx, "SELECT 1"); return err }
		}, "calls reached the Recorder twice"},
		{"racing counts with a baseline", func(s *fanouttest.Scenario, _ *pgxpool.Pool) { s.Races, s.Expect = true, nil }, "field Races is set, so the counts vary and cannot have a baseline"},
		{"no recorder", func(s *fanouttest.Scenario, _ *pgxpool.Pool) { s.Recorder = nil }, "field Recorder is nil"},
		{"no Run", func(s *fanouttest.Scenario, _ *pgxpool.Pool) { s.Run = nil }, "field Run is nil"},
		{"unsorted sweep", func(s *fanouttest.Scenario, _ *pgxpool.Pool) { s.Sweep = []int{2, 1} }, "field Sweep is not ascending"},
		{"too few N", func(s *fanouttest.Scenario, _ *pgxpool.Pool) { s.Sweep = []int{1, 2} }, "needs three values of N; Sweep has 2"},
		{"N too large", func(s *fanouttest.Scenario, _ *pgxpool.Pool) { s.Sweep = []int{1, 2, 20_000} }, "N is at most 10000"},
		{"another recorder", func(s *fanouttest.Scenario, _ *pgxpool.Pool) { s.Recorder = fanouttest.NewRecorder() }, "the Recorder is not attached to the pool"},
		{"too few runs", func(s *fanouttest.Scenario, _ *pgxpool.Pool) { s.Repeat = 2 }, "field Repeat is 2"},
		{"no limit", func(s *fanouttest.Scenario, _ *pgxpool.Pool) { s.Expect = fanouttest.Limits{} }, "field Expect limits nothing"},
		{"unknown metric", func(s *fanouttest.Scenario, _ *pgxpool.Pool) {
			s.Expect = fanouttest.Limits{"latency": fanouttest.Constant()}
		}, `field Expect limits "latency"; valid: [sql rbac`},
		{"negative", func(s *fanouttest.Scenario, _ *pgxpool.Pool) {
			s.Expect = fanouttest.Limits{tracer.SQL: fanouttest.Linear(-1)}
		}, "negative limit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, pool := counting(t, func(int) int { return 1 })
			s.Expect = fanouttest.Limits{tracer.SQL: fanouttest.Constant()}
			c.change(&s, pool)
			expect(t, s, true, c.says)
		})
	}
}

// A failed assertion in Run is reported instead of counts.
func TestFailedAssertionOutranksCounts(t *testing.T) {
	s, _ := counting(t, func(n int) int { return n })
	s.Expect = fanouttest.Limits{tracer.SQL: fanouttest.Constant()}
	f := &fake{T: t}
	run := s.Run
	s.Run = func(ctx context.Context, n int) error { f.Errorf("got 3 items, want %d", n); return run(ctx, n) }
	fanouttest.Check(f, s)
	if said := f.said.String(); !strings.Contains(said, "its counts are not judged") || strings.Contains(said, "budget") {
		t.Errorf("it says %s", said)
	}
}

func TestCollect(t *testing.T) {
	inFolder(t)
	out := t.TempDir()
	t.Setenv("FANOUT_OUT", out)
	for _, name := range []string{"plain", "a/b", "a-b", "../x"} {
		s, _ := counting(t, func(n int) int { return n })
		s.Name = name
		expect(t, s, false)
		expect(t, s, false)
	}
	files, err := filepath.Glob(filepath.Join(out, "*.json"))
	if err != nil || len(files) != 4 {
		t.Errorf("files %q, %v; want one for each scenario", files, err)
	}
	s, _ := counting(t, func(int) int { return 7 })
	s.Name = "plain"
	expect(t, s, true, "has other counts than an earlier result")
	for folder, says := range map[string]string{
		"out":                      "FANOUT_OUT is not an absolute path",
		filepath.Join(out, "none"): "FANOUT_OUT names a folder that does not exist. 'fanout-bench … -- COMMAND' makes it",
		files[0]:                   "FANOUT_OUT names a folder that does not exist",
	} {
		t.Setenv("FANOUT_OUT", folder)
		s.Run = func(context.Context, int) error { t.Error("Run is called"); return nil }
		if failed, said := try(t, s); !failed || !strings.Contains(said, says) || strings.Contains(said, out) {
			t.Errorf("failed: %v; it says %s", failed, said)
		}
	}
}

// TestCollectFailure checks that an error of Run becomes a result that is safe to show.
func TestCollectFailure(t *testing.T) {
	inFolder(t)
	out := t.TempDir()
	t.Setenv("FANOUT_OUT", out)
	s, _ := counting(t, func(int) int { return 1 })
	s.Name = "failing"
	run, failed := s.Run, 0
	s.Run = func(ctx context.Context, n int) error {
		if n == 3 {
			failed++
			return fmt.Errorf("connect to postgres://me:hunter2@db/x?sslmode=off with password='hunter2', token: hunter2\x1b[31m\n%d%s", failed, strings.Repeat("x", 1000))
		}
		return run(ctx, n)
	}
	for range 2 { // with another error each time
		if failed, said := try(t, s); !failed || !strings.Contains(said, "measure at N=3: first run, not counted: connect to") || strings.Contains(said, "different counts") {
			t.Errorf("failed: %v; it says %s", failed, said)
		}
	}
	file, err := os.Open(only(t, out))
	must(t, err)
	defer file.Close()
	rows, err := report.Read(file)
	if err != nil || len(rows.Rows) != 3 {
		t.Fatalf("got %+v, %v; want the rows of N=1, 2 and 3", rows.Rows, err)
	}
	row := rows.Rows[2]
	if row.N != 3 || row.Outcome != "error" || row.Has(tracer.SQL) || row.Has(tracer.RBAC) || len(row.Failure) > 700 ||
		!strings.HasPrefix(row.Failure, "Run returned an error: connect to postgres://me:***@db/x?sslmode=off with password=***, token: ***") {
		t.Errorf("%v: %s, %+v", row, row.Failure, row.Counts)
	}
}

// TestCollectPanic checks that a panic of Run is a result as an error is: a request that ends
// otherwise than declared.
func TestCollectPanic(t *testing.T) {
	inFolder(t)
	out := t.TempDir()
	t.Setenv("FANOUT_OUT", out)
	s, _ := counting(t, func(int) int { return 1 })
	s.Name = "panicking"
	run := s.Run
	s.Run = func(ctx context.Context, n int) error {
		if n == 3 {
			panic("no item")
		}
		return run(ctx, n)
	}
	expect(t, s, true, "measure at N=3: first run, not counted: panic: no item, in ")
	file, err := os.Open(only(t, out))
	must(t, err)
	defer file.Close()
	rows, err := report.Read(file)
	must(t, err)
	if len(rows.Rows) != 3 || rows.Scenarios[0].Unmeasured != "" {
		t.Fatalf("got %+v; want the rows of N=1, 2 and 3", rows)
	}
	if row := rows.Rows[2]; row.N != 3 || row.Outcome != "panic" || row.Has(tracer.SQL) || !strings.HasPrefix(row.Failure, "Run panicked: no item, in fanouttest_test.TestCollectPanic.") {
		t.Errorf("%v: %s, %+v", row, row.Failure, row.Counts)
	}
}

// TestCollectUnmeasured checks that a failed measurement collects the reason and no counts, and
// that a successful try replaces it.
func TestCollectUnmeasured(t *testing.T) {
	inFolder(t)
	background := beside(t)
	for name, c := range map[string]struct {
		change func(s *fanouttest.Scenario, pool *pgxpool.Pool, f *fake)
		reason string
	}{
		"counts that vary": {func(s *fanouttest.Scenario, pool *pgxpool.Pool, _ *fake) {
			run, runs := s.Run, 0
			s.Run = func(ctx context.Context, n int) error {
				if runs++; n == 4 && runs%2 == 0 {
					if _, err := pool.Exec(ctx, "SELECT 'flicker'"); err != nil {
						return err
					}
				}
				return run(ctx, n)
			}
		}, "at N=4: unstable: its runs counted differently: "},
		"work without a scope": {func(s *fanouttest.Scenario, pool *pgxpool.Pool, _ *fake) {
			s.Setup = func(context.Context, int) error {
				background(func() { _, _ = pool.Exec(context.Background(), "SELECT 'elect'") })
				return nil
			}
		}, "at N=1: first run, not counted: work outside the measured context; pass the context on to it: SELECT ? ×1 at "},
		"a failing Setup": {func(s *fanouttest.Scenario, _ *pgxpool.Pool, _ *fake) {
			s.Setup = func(_ context.Context, n int) error {
				if n < 3 {
					return nil
				}
				return errors.New("disk full\npassword=hunter2")
			}
		}, "at N=3: setup: disk full password=***"},
		"a panicking Setup": {func(s *fanouttest.Scenario, _ *pgxpool.Pool, _ *fake) {
			s.Setup = func(context.Context, int) error { panic("no") }
		}, "at N=1: setup: panic: no, in "},
		"a field": {func(s *fanouttest.Scenario, _ *pgxpool.Pool, _ *fake) { s.Sweep = []int{2, 1} }, "field Sweep is not ascending"},
		"a failed test": {func(s *fanouttest.Scenario, _ *pgxpool.Pool, f *fake) {
			run := s.Run
			s.Run = func(ctx context.Context, n int) error { f.Errorf("got 3 items"); return run(ctx, n) }
		}, "the test has failed, so its counts are not judged"},
		"late work": {func(s *fanouttest.Scenario, pool *pgxpool.Pool, f *fake) {
			run := s.Run
			var last context.Context
			s.Run = func(ctx context.Context, n int) error { last = ctx; return run(ctx, n) }
			f.after = func() { _, _ = pool.Exec(context.WithoutCancel(last), "SELECT 'late'") }
		}, "work went on after Run returned, so it is not counted; make Run wait for it: SELECT ? ×1 at "},
	} {
		t.Run(name, func(t *testing.T) {
			out := t.TempDir()
			t.Setenv("FANOUT_OUT", out)
			collected := func() report.File {
				t.Helper()
				file, err := os.Open(only(t, out))
				must(t, err)
				defer file.Close()
				f, err := report.Read(file)
				must(t, err)
				return f
			}
			s, pool := counting(t, func(n int) int { return n })
			good := s
			f := &fake{T: t, ends: true}
			c.change(&s, pool, f)
			for range 2 { // the same again changes nothing
				f.check(s)
				if got := collected(); !f.failed || len(got.Rows) > 0 || len(got.Scenarios) != 1 || !strings.HasPrefix(got.Scenarios[0].Unmeasured, c.reason) {
					t.Fatalf("failed: %v; got %+v; it says %s", f.failed, got, f.said.String())
				}
				f.failed, f.atEnd = false, nil
			}
			expect(t, good, false)
			if got := collected(); len(got.Rows) != 5 || got.Scenarios[0].Unmeasured != "" {
				t.Errorf("the good try does not count: %+v", got)
			}
		})
	}
}

// A failed measurement does not change its baseline.
func TestUnmeasuredKeepsItsBaseline(t *testing.T) {
	inFolder(t)
	t.Setenv("FANOUT_UPDATE", "1")
	s, _ := counting(t, func(n int) int { return n })
	s.Name, s.Setup = "unset", func(context.Context, int) error { return errors.New("disk full") }
	expect(t, s, true, "setup: disk full; its baseline is not written")
}

// TestCollectAgain runs a failed test again: the successful try counts, in either order.
func TestCollectAgain(t *testing.T) {
	inFolder(t)
	out := t.TempDir()
	t.Setenv("FANOUT_OUT", out)
	count := 5
	s, _ := counting(t, func(int) int { return count })
	s.Expect = fanouttest.Limits{tracer.SQL: fanouttest.AtMost(3)}
	for _, c := range []struct {
		count int
		fails bool
		kept  string
	}{{5, true, `"sql":5`}, {3, false, `"sql":3`}, {5, true, `"sql":3`}, {3, false, `"sql":3`},
		{2, true, `"unmeasured":"the test ran more than once with different counts`}, {3, false, `"sql":3`}} {
		count = c.count
		expect(t, s, c.fails)
		if text, err := os.ReadFile(only(t, out)); err != nil || !strings.Contains(string(text), c.kept) {
			t.Errorf("%d: no %s in the result (%v):\n%s", c.count, c.kept, err, text)
		}
	}
}

// With proof requested, runs with probes are collected too.
func TestCollectProbed(t *testing.T) {
	inFolder(t)
	out := t.TempDir()
	t.Setenv("FANOUT_OUT", out)
	t.Setenv("FANOUT_PROVE", "1")
	s, _ := counting(t, func(n int) int { return n })
	s.Name, s.Expect = "proven", fanouttest.Limits{tracer.SQL: fanouttest.Linear(1).AtMost(8)}
	expect(t, s, false)
	for file, want := range map[string]int{"": 0, "statement": 1, "statement-per-n": 8, "check": 1} {
		text, err := os.ReadFile(only(t, filepath.Join(out, file)))
		must(t, err)
		if got := strings.Count(string(text), `"`+probe.Name+`":`+fmt.Sprint(want)); want > 0 && got == 0 || want == 0 && strings.Contains(string(text), probe.Name) {
			t.Errorf("%q: not %d added at the largest N:\n%s", file, want, text)
		}
	}
}

// Parallel tests may share a pool and a Recorder.
func TestSharedPool(t *testing.T) {
	recorder := fanouttest.NewRecorder()
	pool := db.Pool(t, func(config *pgxpool.Config) { recorder.Attach(config.ConnConfig); config.MaxConns = 4 })
	t.Run("group", func(t *testing.T) {
		for i := range 8 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				fanouttest.Check(t, fanouttest.Scenario{
					Recorder: recorder, Sweep: []int{1, 2, 3},
					Run: func(ctx context.Context, n int) error {
						for range n + i {
							if _, err := pool.Exec(ctx, "SELECT 1"); err != nil {
								return err
							}
						}
						return nil
					},
					Expect: fanouttest.Limits{tracer.SQL: fanouttest.Linear(1).AtMost(3 + i), tracer.Acquires: fanouttest.AtMost(3 + i)},
				})
			})
		}
	})
}

// Repeated prepares are logged and not judged.
func TestPreparedInEachRun(t *testing.T) {
	s, pool := counting(t, nil)
	runs := 0
	s.Run = func(ctx context.Context, _ int) error {
		runs++
		_, err := pool.Exec(ctx, fmt.Sprintf("SELECT $1::int + %d", runs), 1)
		return err
	}
	s.Expect = fanouttest.Limits{tracer.SQL: fanouttest.AtMost(1), tracer.RoundTrips: fanouttest.AtMost(1)}
	expect(t, s, false, "each run prepares statements again, 1 at N=8")
}

// Setup is not counted in any context. Data of earlier calls is still there.
func TestSetup(t *testing.T) {
	s, pool := counting(t, func(int) int { return 1 })
	var stored []int
	s.Setup = func(_ context.Context, n int) error {
		stored = append(stored, n)
		_, err := pool.Exec(context.Background(), "SELECT 1")
		return err
	}
	s.Expect = fanouttest.Limits{tracer.SQL: fanouttest.AtMost(1)}
	fanouttest.Check(t, s)
	if fmt.Sprint(stored) != "[1 2 3 4 8]" {
		t.Errorf("stored %v", stored)
	}
}

// The number of connections held by goroutines varies, and so does the number of prepares.
func TestConcurrentWork(t *testing.T) {
	inFolder(t)
	t.Setenv("FANOUT_UPDATE", "1")
	for name, change := range map[string]func(s *fanouttest.Scenario){
		"limited":    func(s *fanouttest.Scenario) { s.Expect = fanouttest.Limits{tracer.SQL: fanouttest.Linear(1)} },
		"a baseline": func(s *fanouttest.Scenario) { s.Concurrent = true },
	} {
		t.Run(name, func(t *testing.T) {
			s, pool := counting(t, nil)
			s.Repeat = 10
			s.Run = func(ctx context.Context, n int) error {
				errs := make(chan error)
				for i := range n {
					go func() { _, err := pool.Exec(ctx, "SELECT $1::int", i); errs <- err }()
				}
				var all error
				for range n {
					all = errors.Join(all, <-errs)
				}
				return all
			}
			change(&s)
			fanouttest.Check(t, s)
		})
	}
}

// Work after the end of Run is an error.
func TestLateWork(t *testing.T) {
	f := &fake{T: t}
	t.Run("", func(t *testing.T) {
		s, pool := counting(t, func(int) int { return 1 })
		s.Expect = fanouttest.Limits{tracer.SQL: fanouttest.Constant()}
		s.Sweep = []int{1, 2, 3}
		run, runs := s.Run, 0
		released, done := make(chan struct{}), make(chan struct{})
		s.Run = func(ctx context.Context, n int) error {
			if runs++; runs == 12 { // the last one
				go func() {
					defer close(done)
					<-released
					_, _ = pool.Exec(context.WithoutCancel(ctx), "SELECT 'late'")
				}()
			}
			return run(ctx, n)
		}
		f.T = t
		fanouttest.Check(f, s)
		close(released)
		<-done
	})
	if said := f.said.String(); !f.failed || !strings.Contains(said, "work went on after Run returned, so it is not counted; make Run wait for it: SELECT ? ×1 at fanouttest/check_test.go:") {
		t.Errorf("failed: %v; it says %s", f.failed, said)
	}
}

// inProcess makes TestMessages do the failing work.
const inProcess = "FANOUT_TEST_MESSAGES"

// TestMessages checks that the messages of Check name the line of its caller. It needs a test
// that really fails, in its own process.
func TestMessages(t *testing.T) {
	if os.Getenv(inProcess) == "" {
		command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestMessages$", "-test.v")
		command.Env = append(os.Environ(), inProcess+"=1", "FANOUT_UPDATE=1")
		output, err := command.CombinedOutput()
		if err == nil {
			t.Errorf("it does not fail: %s", output)
		}
		for _, text := range []string{
			"N=1: a context was not passed on", "wrote testdata", "SQL does not fit", "SQL irregular", "its counts are not judged", "work went on after Run returned", "field Run is nil",
		} {
			if line := regexp.MustCompile(`(?m)^ +(\S+):\d+: fanouttest: .*` + text).FindSubmatch(output); line == nil || string(line[1]) != "check_test.go" {
				t.Errorf("%q is said at %q in\n%s", text, line, output)
			}
		}
		return
	}
	inFolder(t)
	t.Run("written", func(t *testing.T) {
		s, pool := counting(t, func(n int) int { return 1 << n })
		s.Sweep = []int{1, 2, 3, 4}
		run := s.Run
		s.Run = func(ctx context.Context, n int) error {
			tx, err := pool.Begin(ctx)
			if err != nil {
				return err
			}
			return errors.Join(tx.Rollback(context.Background()), run(ctx, n))
		}
		fanouttest.Check(t, s)
	})
	t.Run("late", func(t *testing.T) {
		s, pool := counting(t, func(int) int { return 1 })
		s.Expect = fanouttest.Limits{tracer.SQL: fanouttest.Constant()}
		var last context.Context
		run := s.Run
		s.Run = func(ctx context.Context, n int) error { last = ctx; return run(ctx, n) }
		t.Fail()
		fanouttest.Check(t, s)
		_, _ = pool.Exec(context.WithoutCancel(last), "SELECT 'late'")
	})
	t.Run("refused", func(t *testing.T) {
		fanouttest.Check(t, fanouttest.Scenario{Recorder: fanouttest.NewRecorder()})
	})
}

func TestNamesAreTakenOnce(t *testing.T) {
	for i, name := range []string{"mine", "Mine"} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			s, _ := counting(t, func(int) int { return 1 })
			s.Name, s.Expect = name, fanouttest.Limits{tracer.SQL: fanouttest.Constant()}
			failed, said := try(t, s)
			if failed != (i == 1) || failed && !strings.Contains(said, `scenario "Mine" already belongs to TestNamesAreTakenOnce/0`) {
				t.Errorf("failed: %v; it says %s", failed, said)
			}
		})
	}
}

// Work without a scope on a shared pool is ignored only with Shared.
func TestShared(t *testing.T) {
	for _, shared := range []bool{false, true} {
		s, pool := counting(t, func(int) int { return 1 })
		s.Shared = shared
		s.Expect = fanouttest.Limits{tracer.SQL: fanouttest.Constant()}
		run := s.Run
		s.Run = func(ctx context.Context, n int) error {
			_, err := pool.Exec(context.Background(), "SELECT 'of somebody else'")
			return errors.Join(err, run(ctx, n))
		}
		expect(t, s, !shared)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
