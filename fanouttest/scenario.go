package fanouttest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

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
	// called once for each N, all on what is there by then: let what it stores for one n
	// belong to a customer, a tenant or the like of its own, and Run ask for that. Nil:
	// there is nothing to store.
	Setup func(ctx context.Context, n int) error
	// Run does the work once, and returns an error if the result is not what it should
	// be: counts of work that failed mean nothing. It is called several times for each
	// N, three times more to prove the gate, and has to do the same work each time. It passes ctx on to all of it.
	Run func(ctx context.Context, n int) error
	// Expect limits the counts. Nil: they are judged by the baseline beside the test.
	Expect Limits
	// Shared says that others use the pool at the same time without a scope, so that such
	// work is not held against this test. Tests that use Check are no such others.
	Shared bool
	// Concurrent says that Run works in goroutines, so that it is up to the scheduler how
	// many connections are held at once: that is not counted then. Nor is it where Expect
	// does not limit tracer.MaxHeld.
	Concurrent bool
	// Repeat is how often the work is measured for each N. Default and least:
	// scenarios.MinRepeat.
	Repeat int
	// Timeout is for each call of Setup and Run. Default: 30 s.
	Timeout time.Duration
}

func (s Scenario) withDefaults(t TB) Scenario {
	if s.Name == "" {
		s.Name = t.Name()
	}
	if s.Label != "" {
		s.Name += "@" + s.Label
	}
	if s.Unit == "" {
		s.Unit = "N"
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
	case s.Repeat != 0 && s.Repeat < scenarios.MinRepeat:
		return fmt.Errorf("field Repeat is %d; fewer than %d runs cannot show that a count does not vary", s.Repeat, scenarios.MinRepeat)
	case s.Sweep[len(s.Sweep)-1] > maxN:
		return fmt.Errorf("field Sweep goes to %d; N is at most %d", s.Sweep[len(s.Sweep)-1], maxN)
	case s.Sweep[0] < 0, !slices.IsSorted(s.Sweep), len(slices.Compact(slices.Clone(s.Sweep))) < len(s.Sweep):
		return fmt.Errorf("field Sweep is not ascending from 0 or more: %v", s.Sweep)
	case s.Expect != nil && len(s.Expect) == 0:
		return errors.New("field Expect limits nothing; leave it out to be judged by a baseline")
	}
	return s.Expect.check(len(s.Sweep))
}

// maxN is the largest N that a baseline may have.
const maxN = 10_000

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
			return scenarios.Operation{Run: func(ctx context.Context) error { return s.Run(ctx, env.N) }}, nil
		},
	}
}

// measure returns the results for each N, and the runs with probes if there are to be such.
func (s Scenario) measure(t TB, version string) ([]scenarios.Result, *probe.Runs, error) {
	t.Helper()
	_, judged := s.Expect[tracer.MaxHeld]
	runner := &scenarios.Runner{
		Repeat: s.Repeat, Timeout: s.Timeout, Shared: s.Shared,
		Concurrent: s.Concurrent || s.Expect != nil && !judged,
	}
	before := s.Recorder.Unattributed()
	t.Cleanup(func() {
		t.Helper()
		if late := lateSince(s.Recorder, before); !s.Shared && len(late) > 0 {
			t.Errorf("fanouttest: work went on after Run had returned, and is in no count: %v", late)
		}
	})
	ctx, probed := probe.Wanted(t.Context(), probes())
	var results []scenarios.Result
	for _, n := range s.Sweep {
		env := scenarios.Env{Version: version, N: n, Recorder: s.Recorder}
		result, err := runner.Measure(ctx, s.measured(), env)
		if err != nil {
			return nil, nil, fmt.Errorf("measure at N=%d: %w", n, errors.Unwrap(err))
		}
		for _, warning := range result.Recording.Warnings() {
			t.Logf("fanouttest: N=%d: %s", n, term.Printable(warning, 0))
		}
		results = append(results, result)
	}
	return results, probed, nil
}

// file returns what was measured, with the limits it is judged by, if there are any.
func (s Scenario) file(subject report.Subject, results []scenarios.Result) report.File {
	f := report.NewFile(subject, results)
	f.Budgets = s.Expect.budgets(subject.Scenarios[0])
	if s.Recorder.Stacks {
		f.Trees = calltree.Trees(results)
	}
	return f
}

// lateSince returns the work of ended scopes that came after before was taken.
func lateSince(r *tracer.Recorder, before []tracer.Unattributed) []tracer.Unattributed {
	return slices.DeleteFunc(r.Unattributed(), func(u tracer.Unattributed) bool { return !u.Late || slices.Contains(before, u) })
}

// probes returns what is to be added to further runs, to prove the gate with.
func probes() []probe.Probe {
	if os.Getenv(outVariable) == "" || os.Getenv(proveVariable) == "" {
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
