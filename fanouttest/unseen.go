package fanouttest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fanout-bench/fanout-bench/internal/backends"
	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/internal/unseen"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

func init() { backends.Want() }

// A watcher looks for work that no Recorder counts, in the databases that the Recorder connected
// to and those that testdb gave to the test. It looks after the warm-up and after the last run of
// each N, not during Setup; work of the warm-up alone is only noted, and so is a
// database that it cannot inspect.
type watcher struct {
	recorder *tracer.Recorder
	test     string
	shared   bool // disables the watcher
	cold     bool
	ignore   []string

	// A Run that timed out may still run.
	mu        sync.Mutex
	closed    bool
	databases map[backends.Backend]*unseen.Database // nil: cannot be inspected
	runs      int                                   // since the last Setup
	before    map[*unseen.Database]unseen.Look      // nil: the watcher is paused
	suspected bool
	aside     unseen.Work // that is not certain to be of Run, or was there only to warm up
	told      bool        // of it
	blind     error       // why a database could not be inspected
	toldBlind bool
}

// watched returns s with w watching its runs.
func (w *watcher) watched(s scenarios.Scenario) scenarios.Scenario {
	setup := s.Setup
	s.Setup = func(ctx context.Context, env scenarios.Env) (op scenarios.Operation, err error) {
		w.pause(ctx)
		err = phase(func() error { op, err = setup(ctx, env); return err })
		run := op.Run
		op.Run = func(ctx context.Context) error {
			w.resume(ctx)
			return phase(func() error { return run(ctx) })
		}
		return op, err
	}
	return s
}

// pause stops watching until resume.
func (w *watcher) pause(ctx context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	after := w.look(ctx)
	work := w.between(w.before, after, unseen.Look.Since)
	// A look that failed proves nothing; a trial looks again.
	if !work.None() || len(after) < len(w.before) {
		w.suspected = w.suspected || w.runs > 1 || w.cold
		w.aside = work
	}
	w.before, w.runs = nil, 0
}

// resume watches from the first run that counts.
func (w *watcher) resume(ctx context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.runs++
	if w.shared || w.closed || w.runs > 2 {
		return
	}
	w.open(ctx)
	look := w.look(ctx)
	if work := w.between(w.before, look, unseen.Look.Settling); !work.None() && !w.cold {
		w.aside = work
	}
	w.before = look
}

// open connects to databases that are new.
func (w *watcher) open(ctx context.Context) {
	if w.databases == nil {
		w.databases = map[backends.Backend]*unseen.Database{}
	}
	for _, config := range append(beside.Databases(w.recorder), backends.Given(w.test)...) {
		of := backends.Of(config, 0)
		if _, known := w.databases[of]; known {
			continue
		}
		d, err := unseen.Open(context.WithoutCancel(ctx), config)
		if err != nil {
			d = nil
			w.cannot(err)
		}
		w.databases[of] = d
	}
}

// cannot keeps the first reason why a database could not be inspected.
func (w *watcher) cannot(err error) {
	if w.blind == nil {
		w.blind = err
	}
}

func (w *watcher) close(ctx context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	for _, d := range w.databases {
		if d != nil {
			d.Close(context.WithoutCancel(ctx))
		}
	}
}

// look inspects all databases that allow it.
func (w *watcher) look(ctx context.Context) map[*unseen.Database]unseen.Look {
	looks := map[*unseen.Database]unseen.Look{}
	for of, d := range w.databases {
		if d == nil || w.closed {
			continue
		}
		look, err := d.Look(ctx)
		switch {
		case err == nil:
			looks[d] = look
		case errors.Is(err, unseen.ErrHidden):
			w.cannot(err)
		case d.Broken(): // the next open connects again
			d.Close(context.WithoutCancel(ctx))
			delete(w.databases, of)
		}
	}
	return looks
}

// between returns the work between two looks, without the ignored statements.
func (w *watcher) between(before, after map[*unseen.Database]unseen.Look, since func(after, before unseen.Look) unseen.Work) unseen.Work {
	var all unseen.Work
	for d, was := range before {
		is, ok := after[d]
		if !ok {
			continue
		}
		work := since(is, was)
		all.Brief += work.Brief
		for _, b := range work.By {
			if !beside.Ignored(w.ignore, tracer.StatementName(b.SQL)) {
				all.By = append(all.By, b)
			}
		}
	}
	return all
}

// trials is how often Run must do uncounted work while no Check is active: other processes may
// work at any time.
const trials = 5

// pauses is the most that a trial waits within a run.
const pauses = 6 * time.Second

// A trial collects the outcome of such runs.
type trial struct {
	with    int // runs with uncounted work
	work    unseen.Work
	acquits bool // a run without it, or such work between runs
}

var (
	errEnough = errors.New("enough is known")
	errBlind  = errors.New("the database could not be inspected")
)

// add adds the work of a run, and the work of the pause after it.
func (t *trial) add(work, rest unseen.Work) error {
	if work.None() || !rest.None() {
		t.acquits = true
		return errEnough
	}
	t.with++
	t.work.Brief = max(t.work.Brief, work.Brief)
	t.work.By = append(t.work.By, work.By...)
	return nil
}

// verdict returns an error if Run executed uncounted work since the last verdict. Other users of
// the database may have done that work, in this process or another. So on suspicion Run must
// repeat it while no other Check is active: each of several more runs has such work, and the
// pauses between them, three times as long, have none.
func (w *watcher) verdict(ctx context.Context, t TB, runner scenarios.Runner, s scenarios.Scenario, env scenarios.Env) error {
	t.Helper()
	w.pause(ctx)
	w.mu.Lock()
	suspected, aside := w.suspected, w.aside
	w.suspected, w.aside = false, unseen.Work{}
	if !suspected {
		w.tell(t, aside)
	}
	w.mu.Unlock()
	if !suspected {
		return nil
	}
	var tried trial
	err := alone(func() error {
		runner.Repeat, runner.Races = trials, true
		runner.Timeout = max(runner.Timeout, 30*time.Second) + pauses
		_, err := runner.Measure(ctx, w.tried(s, &tried), env)
		return err
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case tried.acquits:
		w.tell(t, aside)
		return nil
	case tried.with < trials:
		t.Logf("fanouttest: connections that no Recorder counts executed work, and it is unknown who uses them: %s", term.Printable(fmt.Sprint(cellCause(err)), 300))
		return nil
	}
	return w.failure(tried.work)
}

// tell notes once work that is not judged, and why none can be.
func (w *watcher) tell(t TB, aside unseen.Work) {
	t.Helper()
	if w.blind != nil && !w.toldBlind {
		w.toldBlind = true
		t.Logf("fanouttest: in at least one database, connections that no Recorder counts are not looked for: %s", term.Printable(w.blind.Error(), 300))
	}
	if aside.None() || w.told {
		return
	}
	w.told = true
	t.Logf("fanouttest: not judged, because not every run does it or others do it too: work that no Recorder counts, on other connections to the database: %s; "+
		"if it belongs to this test, %s", described(aside), attach)
}

// attach is advice about connections that nothing counts.
const attach = "attach the Recorder to the config of that pool before you make it, wrap another driver than pgx by Recorder.Connector, " +
	"or make the service use the counted pool"

// tried returns s in the form for a trial.
func (w *watcher) tried(s scenarios.Scenario, tried *trial) scenarios.Scenario {
	setup := s.Setup
	s.Setup = func(ctx context.Context, env scenarios.Env) (scenarios.Operation, error) {
		op, err := setup(ctx, env)
		run := op.Run
		op.Run = func(ctx context.Context) error {
			before, began := w.lookNow(ctx), time.Now()
			if err := run(ctx); err != nil {
				return err
			}
			// Work of a goroutine that Run left behind belongs to the run.
			if err := pass(ctx, min(max(time.Since(began), 10*time.Millisecond), time.Second)); err != nil {
				return err
			}
			after, took := w.lookNow(ctx), time.Since(began)
			if len(before) == 0 || len(after) < len(before) {
				return errBlind
			}
			if err := pass(ctx, min(3*took, 5*time.Second)); err != nil {
				return err
			}
			later := w.lookNow(ctx)
			if len(later) < len(after) {
				return errBlind
			}
			work := w.between(before, after, unseen.Look.Since)
			rest := w.between(after, later, unseen.Look.Settling)
			w.mu.Lock()
			defer w.mu.Unlock()
			return tried.add(work, rest)
		}
		return op, err
	}
	return s
}

// pass waits for d.
func pass(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// lookNow is look for callers without the lock.
func (w *watcher) lookNow(ctx context.Context) map[*unseen.Database]unseen.Look {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open(ctx)
	return w.look(ctx)
}

// failure returns the error about work.
func (w *watcher) failure(work unseen.Work) error {
	return fmt.Errorf("work that no Recorder counts, on other connections to the database: %s; "+
		"they belong to a second pool, for example of a replica or one that the service makes itself, or to another driver than pgx: "+
		"%s; if it is not part of the work, name the statement in Ignore", described(work), attach)
}

// described names whose work it is.
func described(work unseen.Work) string {
	seen := map[unseen.Backend]bool{}
	counts := map[string]int{}
	for _, b := range work.By {
		if seen[b.Connection()] {
			continue
		}
		seen[b.Connection()] = true
		counts[fmt.Sprintf("application_name %q, user %q, last statement %s",
			term.Printable(b.Application, 64), term.Printable(b.User, 64), term.Printable(tracer.StatementName(b.SQL), 60))]++
	}
	var parts []string
	for _, text := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s of %s", term.Count(counts[text], "connection", "connections"), text))
	}
	if work.Brief > 0 {
		parts = append(parts, fmt.Sprintf("%s that a run opens and closes", term.Count(work.Brief, "connection", "connections")))
	}
	return strings.Join(parts, "; ")
}

// cellCause returns err without the name of the cell.
func cellCause(err error) error {
	var cell *scenarios.CellError
	if errors.As(err, &cell) {
		return cell.Err
	}
	return err
}
