package fanouttest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/probe"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Scenario is work to measure for several N. Recorder and Run are required.
type Scenario struct {
	// Name is the name in files and messages. Default: the name of the test.
	Name string
	// Label separates builds or environments with different costs, such as "enterprise". Each
	// label has its own baseline. Default: "".
	Label string
	// Unit is the thing that N counts, in the singular: "order". Default: "N".
	Unit string
	// Sweep holds the values of N, ascending. Default: 1, 2, 3, 4, 8. At least four values tell a
	// line from a curve.
	Sweep []int
	// Recorder counts the work of Run. Attach it to the pool's config before you make the pool,
	// and pass it to tracer.CountChecks. See NewRecorder.
	Recorder *tracer.Recorder
	// Setup stores n units before Run is called with the same n. It is called once for each N,
	// unless Cold is set, and is not counted. What it stored for other N is still there: give
	// each n its own customer or tenant, and let Run query that one. Nil: there is nothing to
	// store.
	Setup func(ctx context.Context, n int) error
	// Run does the work once and passes ctx on to all of it. It returns an error if the result is
	// wrong, because counts of failed work mean nothing. It is called several times for each N,
	// and three more times to prove the gate; it must do the same work each time. If results are
	// collected, an error or a panic becomes part of them, without anything that looks like a
	// secret.
	Run func(ctx context.Context, n int) error
	// Cold measures first runs, so that work that a cache saves later runs is counted. There is
	// no warm-up: Setup, which is required, is called before each call of Run. It must recreate
	// the service with its caches, and Run must use the new one. Setup is called several times
	// for each n: give each call its own customer, or store the data once. Without Cold, a first
	// run with other counts is noted in the log.
	Cold bool
	// Expect limits the counts. Nil: the baseline beside the test does.
	Expect Limits
	// Shared says that other code uses the pool at the same time without a scope. Check then
	// ignores work without a scope, and work on connections that no Recorder counts. Other tests
	// that call Check do not need it. Default: such work is an error from the first Setup to the
	// last Run, except in Setup's own goroutine.
	Shared bool
	// NoSQL says that Run executes no statements, only checks. With it, a statement is an error.
	// Without it, a sweep without any statement is an error, because the Recorder may not be
	// attached to the driver.
	NoSQL bool
	// Concurrent says that Run starts goroutines. The scheduler then decides how many connections
	// are held at once, so this is not counted; of duplicate statements, the smallest count of
	// the runs is used. Connections are also not counted if Expect does not limit tracer.MaxHeld.
	Concurrent bool
	// Races says that the counts of Run vary by design, for example because goroutines race to
	// fill a cache. Expect, preferably with AtMost, limits the largest count of the runs. A
	// baseline is not possible.
	Races bool
	// Ignore leaves the service's own work out of the counts, such as the election of a leader.
	// An entry is the name of a statement or check, as in messages, or the beginning of a
	// function's full name ("example.com/jobs."). A function matches the stack of a statement, or
	// the executing goroutine if there is no context. The test's log has the number of ignored
	// statements. Connections held at once are not affected.
	Ignore []string
	// Repeat is the number of measured runs for each N. Default and minimum: scenarios.MinRepeat.
	Repeat int
	// Timeout bounds each call of Setup and Run. Default: 30 s.
	Timeout time.Duration
}

func (s Scenario) withDefaults(t TB) Scenario {
	s.Name, s.Unit = cmp.Or(s.Name, t.Name()), cmp.Or(s.Unit, "N")
	if s.Label != "" {
		s.Name += "@" + s.Label
	}
	if len(s.Sweep) == 0 {
		s.Sweep = []int{1, 2, 3, 4, 8}
	}
	return s
}

func (s Scenario) check() error {
	switch {
	case s.Recorder == nil:
		return errors.New("field Recorder is nil; set it to the Recorder of the pool, see NewRecorder")
	case s.Run == nil:
		return errors.New("field Run is nil; set it to the work to measure")
	case s.Cold && s.Setup == nil:
		return errors.New("field Cold needs field Setup, which recreates the service before each run")
	case s.Repeat != 0 && s.Repeat < scenarios.MinRepeat:
		return fmt.Errorf("field Repeat is %d; set at least %d, to show that the counts do not vary", s.Repeat, scenarios.MinRepeat)
	case s.Sweep[len(s.Sweep)-1] > maxN:
		return fmt.Errorf("field Sweep goes to %d; N is at most %d", s.Sweep[len(s.Sweep)-1], maxN)
	case s.Sweep[0] < 0, !slices.IsSorted(s.Sweep), len(slices.Compact(slices.Clone(s.Sweep))) < len(s.Sweep):
		return fmt.Errorf("field Sweep is not ascending from 0 or more: %v", s.Sweep)
	case s.Races && s.Expect == nil:
		return errors.New("field Races is set, so the counts vary and cannot have a baseline; limit them with field Expect")
	case slices.Contains(s.Ignore, ""):
		return errors.New("field Ignore has an empty entry, which would ignore everything; remove it")
	case s.Expect != nil && len(s.Expect) == 0:
		return errors.New("field Expect limits nothing; remove it to use a baseline, or add a limit")
	}
	return s.Expect.check(len(s.Sweep))
}

// maxN is the largest N that a baseline may have.
const maxN = 10_000

// A runError is an error that Run returned.
type runError struct {
	n int
	error
}

func (e *runError) Unwrap() error { return e.error }

// measured returns s in the form of the runner.
func (s Scenario) measured() scenarios.Scenario {
	return scenarios.Scenario{
		Name: s.Name, Unit: s.Unit, Sweep: s.Sweep,
		Setup: func(ctx context.Context, env scenarios.Env) (scenarios.Operation, error) {
			if s.Setup != nil {
				if err := s.Setup(ctx, env.N); err != nil {
					return scenarios.Operation{}, err
				}
			}
			return scenarios.Operation{Run: func(ctx context.Context) error {
				if err := s.Run(ctx, env.N); err != nil {
					return &runError{env.N, err}
				}
				return nil
			}}, nil
		},
	}
}

// again returns s to run again for the same N, without Setup unless Cold is set.
func (s Scenario) again() scenarios.Scenario {
	if !s.Cold {
		s.Setup = nil
	}
	return s.measured()
}

// measure returns the results for each N and, if requested, the runs with probes. If it fails, it
// also returns the results so far.
func (s Scenario) measure(ctx context.Context, t TB, version string) ([]scenarios.Result, *probe.Runs, error) {
	t.Helper()
	_, judged := s.Expect[tracer.MaxHeld]
	runner := &scenarios.Runner{
		Repeat: s.Repeat, Timeout: s.Timeout, Shared: s.Shared, Ignore: s.Ignore, Races: s.Races, Cold: s.Cold,
		Concurrent: s.Concurrent || s.Expect != nil && !judged,
	}
	w := &watcher{recorder: s.Recorder, test: t.Name(), shared: s.Shared, cold: s.Cold, ignore: s.Ignore}
	defer w.close(ctx)
	unprobed := ctx
	ctx, probed := probe.Wanted(ctx, s.probes())
	var (
		results []scenarios.Result
		loose   atomic.Int64
	)
	s.Run = looseOf(s.Recorder, s.Run, &loose)
	hooks := beside.Hooks(s.Recorder)
	for _, n := range s.Sweep {
		env := scenarios.Env{Version: version, N: n, Recorder: s.Recorder}
		result, err := runner.Measure(ctx, w.watched(s.measured()), env)
		if err == nil {
			err = w.verdict(unprobed, t, *runner, s.again(), env)
		}
		if err != nil {
			return results, nil, fmt.Errorf("measure at N=%d: %w", n, cellCause(err))
		}
		for _, warning := range result.Recording.Warnings() {
			t.Logf("fanouttest: N=%d: %s", n, term.Printable(warning, 0))
		}
		if n := loose.Swap(0); n > 0 {
			t.Logf("fanouttest: N=%d: not counted because pgx's tracers do not see it, on connections outside a pool: statements ×%d, for example by pgconn.PgConn or the connection of Unwrap", result.N, n)
		}
		results = append(results, result)
	}
	if beside.Hooks(s.Recorder) > hooks {
		t.Logf("fanouttest: not counted: statements of the pool's hooks outside of runs, such as AfterRelease")
	}
	if err := s.checkSQL(results); err != nil {
		return results, nil, err
	}
	return results, probed, nil
}

// looseOf returns run, which raises most to the number of statements that pgx hides from tracers
// on connections outside a pool. The recording has those of a pool.
func looseOf(r *tracer.Recorder, run func(ctx context.Context, n int) error, most *atomic.Int64) func(ctx context.Context, n int) error {
	return func(ctx context.Context, n int) error {
		before := beside.Loose(r)
		defer func() { most.Store(max(most.Load(), int64(beside.Loose(r)-before))) }()
		return run(ctx, n)
	}
}

// checkSQL returns an error if no statement was counted, or if NoSQL is set and some were.
func (s Scenario) checkSQL(results []scenarios.Result) error {
	at := slices.IndexFunc(results, func(r scenarios.Result) bool { return r.Counts().SQL > 0 })
	switch {
	case at < 0 && !s.NoSQL:
		return errors.New("checks were counted, but no statement at any N: attach the Recorder to the pool that Run uses, if its driver is pgx; " +
			"if Run executes no statement, set NoSQL")
	case at >= 0 && s.NoSQL:
		return fmt.Errorf("field NoSQL is set, but Run executes statements: %d at N=%d; unset it", results[at].Counts().SQL, results[at].N)
	}
	return nil
}

// file returns the results, with the limits of Expect if there are any.
func (s Scenario) file(subject report.Subject, results []scenarios.Result) report.File {
	f := report.NewFile(subject, results)
	for i := range f.Rows {
		f.Rows[i].Races = s.Races
	}
	f.Budgets = s.Expect.budgets(subject.Scenarios[0], f)
	if s.Recorder.Stacks {
		f.Trees = calltree.Trees(results)
	}
	return f
}

// ignored describes how much Ignore left out of the runs for each N, and of work without a scope.
func (s Scenario) ignored(results []scenarios.Result, before map[beside.Stray]int) string {
	var parts []string
	for _, result := range results {
		parts = append(parts, fmt.Sprintf("%d at N=%d", result.Ignored, result.N))
	}
	aside := 0
	for stray, n := range beside.Strays(s.Recorder) {
		if n -= before[stray]; beside.Ignored(s.Ignore, stray.Name, stray.Function) {
			aside += n
		}
	}
	return fmt.Sprintf("%s in each run, %d outside of runs", strings.Join(parts, ", "), aside)
}

// probes returns the work to add to further runs, to prove the gate.
func (s Scenario) probes() []probe.Probe {
	if s.Races || os.Getenv(outVariable) == "" || os.Getenv(proveVariable) == "" {
		return nil
	}
	return probe.All()
}

// outVariable names the folder to write results to. proveVariable asks for runs with probes.
// rootVariable is the folder to which the collecting command's paths are relative. baseVariable
// has the text of the file .git of the worktree in which the command measures a base.
const (
	outVariable   = "FANOUT_OUT"
	proveVariable = "FANOUT_PROVE"
	rootVariable  = "FANOUT_ROOT"
	baseVariable  = "FANOUT_BASE"
)
