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

// A Scenario is work to be measured for several N. Recorder and Run are required.
type Scenario struct {
	// Name is that of the scenario in files and messages. Default: the name of the test.
	Name string
	// Label tells one kind of build or environment from another that costs something else, such
	// as "enterprise": each has a baseline of its own. Default: "", for which there is one, too.
	Label string
	// Unit is what one more of N adds, in the singular: "order". Default: "N".
	Unit string
	// Sweep holds the values of N, ascending. Default: 1, 2, 3, 4, 8. From four on a
	// line is told from a curve for certain.
	Sweep []int
	// Recorder counts what Run does: attach it to the pool before the pool is made, and
	// give it to tracer.CountChecks. See NewRecorder.
	Recorder *tracer.Recorder
	// Setup stores n units, before Run is called with the same n. It is not counted, and
	// called once for each N, unless Cold is set, all on what is there by then: let what it stores for one n
	// belong to a customer, a tenant or the like of its own, and Run ask for that. Nil:
	// there is nothing to store.
	Setup func(ctx context.Context, n int) error
	// Run does the work once, and returns an error if the result is not what it should
	// be: counts of work that failed mean nothing. Where results are collected the error is
	// one, without what looks like a secret. It is called several times for each
	// N, three times more to prove the gate, and has to do the same work each time. It passes ctx on to all of it.
	Run func(ctx context.Context, n int) error
	// Cold says to measure first runs, so that what a cache spares the later ones is counted:
	// Setup is called before each call of Run, and no run comes before those that count. So
	// Setup, which must not be nil, has to make the service anew, with all that keeps
	// something from one run to the next, and Run to use that one. For each n Setup is called
	// several times: let what it stores belong to another customer each time, or be stored
	// once. Without Cold, a first run that costs otherwise is noted in the log.
	Cold bool
	// Expect limits the counts. Nil: they are judged by the baseline beside the test.
	Expect Limits
	// Shared says that others use the pool at the same time without a scope, so that such
	// work is not held against this test. Tests that use Check are no such others. Without,
	// it is found from the first Setup to the last Run, but for what Setup's own goroutine does;
	// and what Run does on connections of the same databases that no Recorder counts.
	Shared bool
	// NoSQL says that Run makes checks and executes no statement. Without, that no statement is
	// counted at any N is an error, as where a driver other than pgx executes them; with it, that
	// one is.
	NoSQL bool
	// Concurrent says that Run works in goroutines, so that it is up to the scheduler how
	// many connections are held at once: that is not counted then, and of statements that
	// could be avoided the fewest of the runs are. Nor is it where Expect does not limit
	// tracer.MaxHeld.
	Concurrent bool
	// Races says that how much Run does varies by design, as where goroutines race for a
	// cache: the largest of the runs is what Expect limits, best by AtMost. There is no
	// baseline of that.
	Races bool
	// Ignore leaves out of the counts what a service does for itself, such as electing who runs
	// jobs: the names of statements and checks as messages have them, and functions by the
	// beginning of their full name ("example.com/jobs."), on whose stack a statement is, or
	// without a context in which it is executed. How many that were is in the log of the test.
	// How many connections are held at once stays as it is.
	Ignore []string
	// Repeat is how often the work is measured for each N. Default and least:
	// scenarios.MinRepeat.
	Repeat int
	// Timeout is for each call of Setup and Run. Default: 30 s.
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
		return errors.New("field Recorder is nil; it is what counts, see NewRecorder")
	case s.Run == nil:
		return errors.New("field Run is nil; it is what is measured")
	case s.Cold && s.Setup == nil:
		return errors.New("field Cold has first runs measured, for which Setup makes the service anew, and field Setup is nil")
	case s.Repeat != 0 && s.Repeat < scenarios.MinRepeat:
		return fmt.Errorf("field Repeat is %d; fewer than %d runs cannot show that a count does not vary", s.Repeat, scenarios.MinRepeat)
	case s.Sweep[len(s.Sweep)-1] > maxN:
		return fmt.Errorf("field Sweep goes to %d; N is at most %d", s.Sweep[len(s.Sweep)-1], maxN)
	case s.Sweep[0] < 0, !slices.IsSorted(s.Sweep), len(slices.Compact(slices.Clone(s.Sweep))) < len(s.Sweep):
		return fmt.Errorf("field Sweep is not ascending from 0 or more: %v", s.Sweep)
	case s.Races && s.Expect == nil:
		return errors.New("field Races is for counts that vary, of which there can be no baseline; limit them with field Expect")
	case slices.Contains(s.Ignore, ""):
		return errors.New("field Ignore has an empty entry, which would leave out everything")
	case s.Expect != nil && len(s.Expect) == 0:
		return errors.New("field Expect limits nothing; leave it out to be judged by a baseline")
	}
	return s.Expect.check(len(s.Sweep))
}

// maxN is the largest N that a baseline may have.
const maxN = 10_000

// A runError is one that Run has returned.
type runError struct {
	n int
	error
}

func (e *runError) Unwrap() error { return e.error }

// measured returns s as the runner takes it.
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

// again returns s as it is run again for an N that it is set up for, unless Cold has it made anew.
func (s Scenario) again() scenarios.Scenario {
	if !s.Cold {
		s.Setup = nil
	}
	return s.measured()
}

// measure returns the results for each N, and the runs with probes if there are to be such.
// With an error the results are those before.
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
			t.Logf("fanouttest: N=%d: unseen, and not counted, on connections that no pool gave: ×%d, as of pgconn.PgConn or of the connection that Unwrap gives", result.N, n)
		}
		results = append(results, result)
	}
	if err := s.checkSQL(results); err != nil {
		return results, nil, err
	}
	return results, probed, nil
}

// looseOf returns run with most raised to what one run did on connections that no pool gave and
// that pgx shows to no tracer. Of those of a pool the recording tells.
func looseOf(r *tracer.Recorder, run func(ctx context.Context, n int) error, most *atomic.Int64) func(ctx context.Context, n int) error {
	return func(ctx context.Context, n int) error {
		before := beside.Loose(r)
		defer func() { most.Store(max(most.Load(), int64(beside.Loose(r)-before))) }()
		return run(ctx, n)
	}
}

// checkSQL returns an error if no statement was counted, or if some were under NoSQL.
func (s Scenario) checkSQL(results []scenarios.Result) error {
	at := slices.IndexFunc(results, func(r scenarios.Result) bool { return r.Counts().SQL > 0 })
	switch {
	case at < 0 && !s.NoSQL:
		return errors.New("only checks were counted, and no statement at any N: attach the Recorder to the pool that is used, if its driver is pgx; " +
			"where Run is to execute no statement, set NoSQL")
	case at >= 0 && s.NoSQL:
		return fmt.Errorf("field NoSQL says that Run executes no statement, and it does: %d at N=%d", results[at].Counts().SQL, results[at].N)
	}
	return nil
}

// file returns what was measured, with the limits it is judged by, if there are any.
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

// lateSince returns in a few words each the work of ended scopes that came after before was
// taken.
func (s Scenario) lateSince(before map[beside.Stray]int) []string {
	counts := make(map[tracer.Unattributed]int)
	for stray, n := range beside.StraysSince(s.Recorder, before, s.Ignore) {
		if stray.Late {
			counts[tracer.Unattributed{Kind: tracer.Kind(stray.Kind), Name: stray.Name, Site: stray.Site}] += n
		}
	}
	var late []string
	for u, n := range counts {
		u.Count = n
		late = append(late, u.String())
	}
	slices.Sort(late)
	return late
}

// ignored says how much was left out of the runs for each N, and of what no scope got.
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
	return fmt.Sprintf("%s in each run, %d outside of any", strings.Join(parts, ", "), aside)
}

// probes returns what is to be added to further runs, to prove the gate with.
func (s Scenario) probes() []probe.Probe {
	if s.Races || os.Getenv(outVariable) == "" || os.Getenv(proveVariable) == "" {
		return nil
	}
	return probe.All()
}

// outVariable names a folder to write results to, and proveVariable says that those of
// runs with probes go there too.
const (
	outVariable   = "FANOUT_OUT"
	proveVariable = "FANOUT_PROVE"
)
