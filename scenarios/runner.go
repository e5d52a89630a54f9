package scenarios

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/internal/pgkeep"
	"github.com/fanout-bench/fanout-bench/internal/pgpool"
	"github.com/fanout-bench/fanout-bench/internal/probe"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// MinRepeat is the least number of runs that can show a count to be stable.
const MinRepeat = 3

// A Runner measures cells. Server is required for Run. Other zero fields mean their defaults.
// Several goroutines may use a Runner while none changes it.
type Runner struct {
	// Server makes the databases of Run.
	Server Server
	// Repeat is how often each cell is measured after the first run, which warms up and is not
	// counted. The counts of all runs must agree. Default and least: MinRepeat.
	Repeat int
	// Parallel is how many cells are measured at the same time. Default 1. More requires
	// that cells share nothing in this process, such as a cache.
	Parallel int
	// MaxConns is the pool size of each cell. Default 10. The default of pgxpool depends on
	// the machine, and counts must not.
	MaxConns int32
	// Timeout bounds each call of Setup and the operation, in case the code waits for itself,
	// for example for a connection that it holds. Code that ignores the end of its context
	// is abandoned. Default 30 s.
	Timeout time.Duration
	// Stacks makes recordings keep the call stack of each event instead of only its line.
	Stacks bool
	// Strict makes it an error if a context was not passed on, even if the work can be
	// attributed.
	Strict bool
	// Concurrent is for operations with goroutines. It ignores how many connections are held
	// at once, which the scheduler decides, and takes the fewest repeated statements of
	// the runs.
	Concurrent bool
	// Cold measures first runs: without warm-up, with Setup before each run. Setup must
	// recreate whatever survives a run, such as a cache. Its earlier rows may exist.
	Cold bool
	// Shared makes Measure attribute work without a scope to other users of the pools.
	// Otherwise such work is an error, as it always is in Run.
	Shared bool
	// Races accepts runs that differ and takes the largest of each count. It is for code that
	// varies by design, for example when goroutines race for a cache, and only for limits,
	// because such results are equal only by chance.
	Races bool
	// Ignore lists work to leave out of the counts, such as a service's housekeeping: names
	// of statements and checks, and functions by the beginning of their full name, as in
	// [tracer.Recorder.SkipFrames] (this needs a Recorder with Stacks). For work without a
	// scope the innermost function of the application counts. Ignore does not affect how
	// many connections are held at once.
	Ignore []string
}

func (r *Runner) parallel() int {
	return max(r.Parallel, 1)
}

func (r *Runner) check() error {
	if r.Server == nil {
		return errors.New("field Server of the Runner is nil; set a Server that makes databases")
	}
	return r.checkRepeat()
}

func (r *Runner) checkRepeat() error {
	if r.Repeat != 0 && r.Repeat < MinRepeat {
		return fmt.Errorf("field Repeat of the Runner is %d; use at least %d to show that counts do not vary", r.Repeat, MinRepeat)
	}
	return nil
}

// A Result is the cost of one cell, see [Result.Counts].
type Result struct {
	Cell
	Outcome string
	// Recording is the first measured run. The others have the same counts, except for prepares.
	Recording tracer.Recording
	// Prepares is the least number of prepares in a run. It depends on which connection the
	// pool hands out.
	Prepares int
	// First has the counts of the warm-up if it executed another number of statements or
	// checks than the measured runs, for example to fill a cache. Otherwise it is nil.
	First *tracer.Counts
	// Ignored is the most statements and checks that Runner.Ignore left out of a run.
	Ignored int

	most *tracer.Counts // of all runs, under Races
}

// Counts returns the counts of the cell.
func (r Result) Counts() tracer.Counts {
	counts := r.Recording.Counts()
	if r.most != nil {
		counts = *r.most
	}
	counts.Prepare = r.Prepares
	return counts
}

// Run measures cells of p and yields their results in the given order. For a cell that cannot
// be measured it yields a [*CellError] and goes on; with [ErrOutcome] the result is that of the
// failed run. Any other error ends the sequence, such as [ErrServerGone] or the cause of
// ctx. Run drops its databases when the sequence ends; the last error says if it could not.
func (r *Runner) Run(ctx context.Context, p *Path, cells []Cell) iter.Seq2[Result, error] {
	return func(yield func(Result, error) bool) {
		if len(cells) == 0 {
			return
		}
		if err := errors.Join(r.check(), p.check()); err != nil {
			yield(Result{}, err)
			return
		}
		dbs, err := r.open(ctx, p, len(cells))
		if err != nil {
			yield(Result{}, fmt.Errorf("prepare a database for %s: %w", p.Name, err))
			return
		}
		stopped := r.each(ctx, p, cells, dbs, yield)
		// Drop the databases in any case. After a stop nobody reads the error.
		if err := dbs.close(); err != nil && !stopped {
			yield(Result{}, fmt.Errorf("clean up after %s: %w", p.Name, err))
		}
	}
}

// open prepares the databases of n cells.
func (r *Runner) open(ctx context.Context, p *Path, n int) (*databases, error) {
	base, err := r.Server.Create(ctx, p.Schema)
	if err != nil {
		return nil, err
	}
	dbs := &databases{server: r.Server, base: base, copies: make(chan databaseCopy), drops: make(chan error, n), stop: func() {}}
	if !p.ReadOnly {
		dbs.copyAhead(ctx, r.parallel(), n)
		return dbs, nil
	}
	if dbs.shared, err = pgxpool.NewWithConfig(ctx, pgpool.Pinned(base, int32(fixtureConns*r.parallel()))); err != nil {
		return nil, errors.Join(err, dbs.close())
	}
	dbs.sessions = pgkeep.New(ctx, dbs.shared, r.measured(base, true).ConnConfig)
	return dbs, nil
}

// each measures the cells, yields their results in order, and reports whether the consumer or
// ctx stopped it. It returns after all workers have ended.
func (r *Runner) each(ctx context.Context, p *Path, cells []Cell, dbs *databases, yield func(Result, error) bool) (stopped bool) {
	type answer struct {
		result Result
		err    error
	}
	answers := make([]chan answer, len(cells))
	for i := range answers {
		answers[i] = make(chan answer, 1)
	}
	var workers sync.WaitGroup
	defer workers.Wait()
	work, cancel := context.WithCancel(ctx)
	defer cancel()
	spread(work, &workers, r.parallel(), len(cells), func(i int) {
		result, err := r.measure(work, p, cells[i], dbs)
		answers[i] <- answer{result, err}
	})
	for i, cell := range cells {
		var a answer
		select {
		case a = <-answers[i]:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			yield(Result{}, context.Cause(ctx))
			return true
		}
		if a.err != nil {
			a.err = &CellError{Cell: cell, Err: a.err}
			if !errors.Is(a.err, ErrOutcome) {
				a.result = Result{Cell: cell}
			}
			if err := dbs.alive(ctx); err != nil {
				// Every later cell would fail for the same reason.
				yield(Result{}, fmt.Errorf("%w; %w: %w", a.err, ErrServerGone, err))
				return true
			}
		}
		if !yield(a.result, a.err) {
			return true
		}
	}
	return false
}

func (r *Runner) measure(ctx context.Context, p *Path, cell Cell, dbs *databases) (_ Result, err error) {
	at := slices.IndexFunc(p.Scenarios, func(s Scenario) bool { return s.Name == cell.Scenario })
	if at < 0 {
		return Result{}, fmt.Errorf("path %q has no scenario %q", p.Name, cell.Scenario)
	}
	db, err := dbs.forCell(ctx)
	if err != nil {
		return Result{}, err
	}
	defer func() { err = errors.Join(err, db.close()) }()

	recorder := &tracer.Recorder{Sites: !r.Stacks, Stacks: r.Stacks, SkipFrames: p.SkipFrames}
	config := r.measured(db.config, p.ReadOnly)
	recorder.Attach(config.ConnConfig)
	dbs.sessions.Attach(config)
	// Each cell has a new pool, so that statement caches do not depend on earlier cells.
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return Result{}, err
	}
	env := Env{Version: cell.Version, N: cell.N, Pool: pool, Fixtures: db.fixtures, Recorder: recorder}
	stray := func() error { return unattributed(beside.StraysSince(recorder, nil, r.Ignore), false) }
	result, err := r.repeat(ctx, prepared{cell: cell, scenario: p.Scenarios[at], env: env, sessions: dbs.sessions, strays: stray})
	if err == nil {
		dbs.sessions.Keep(ctx, pool)
	}
	// Closing waits for remaining work of the operation. Only then is all work counted.
	if closeErr := pgpool.Close(pool); err == nil {
		err = cmp.Or(closeErr, stray(), recorder.Balance())
	}
	return result, err
}

// measured returns the configuration of the measured pools.
func (r *Runner) measured(config *pgxpool.Config, readOnly bool) *pgxpool.Config {
	config = pgpool.Pinned(config, cmp.Or(r.MaxConns, 10))
	if readOnly {
		config.ConnConfig.RuntimeParams["default_transaction_read_only"] = "on"
		// Planning costs more than executing on few rows, and by default the server plans
		// each statement anew for the first five executions.
		config.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
	}
	return config
}

// A prepared is a cell that is ready to run.
type prepared struct {
	cell     Cell
	scenario Scenario
	env      Env
	op       Operation
	// added is work to add to the run, or nil.
	added *probe.Probe
	// sessions are for added work. If nil, it opens its own.
	sessions *pgkeep.Keeper
	// strays returns the work without a scope, if that is an error.
	strays func() error
}

// repeat measures one cell. With an error other than ErrOutcome the result is void.
func (r *Runner) repeat(ctx context.Context, p prepared) (Result, error) {
	var first tracer.Counts
	if !r.Cold {
		var err error
		if p.op, err = r.setup(ctx, p); err != nil {
			return Result{}, err
		}
		warm, err := r.once(ctx, p)
		if err != nil {
			return warm, fmt.Errorf("first run, not counted: %w", err)
		}
		first = warm.Recording.Counts()
	}
	var (
		result  Result
		runs    []counted
		ignored int
	)
	for i := range max(r.Repeat, MinRepeat) {
		once, err := r.once(ctx, p)
		if err != nil {
			return once, fmt.Errorf("counted run %d: %w", i+1, err)
		}
		ignored = max(ignored, once.Ignored)
		run := countedIn(once.Recording)
		if i == 0 || preferred(run.Counts, result.Recording.Counts()) {
			result = once
		}
		if r.Concurrent && !r.Races {
			run.SQLUnique = 0 // the order of reads and writes depends on the scheduler
		}
		runs = append(runs, run)
	}
	result.Ignored = ignored
	judged := runs
	if r.Races {
		most := largest(runs)
		result.most, judged = &most, []counted{{Counts: most}}
	}
	if err := verdict(judged, p.scenario.Idle); err != nil {
		return result, cmp.Or(p.strays(), r.kept(err, first)) // what went on may be in some of them
	}
	if !r.Cold && !r.Races && (first.SQL != runs[0].SQL || first.RBAC != runs[0].RBAC) {
		result.First = &first
	}
	result.Prepares = slices.MinFunc(runs, func(a, b counted) int { return cmp.Compare(a.Prepare, b.Prepare) }).Prepare
	return result, r.probe(ctx, p)
}

// probe makes one more run for each probe that ctx asks for. It adds statements only to
// operations with statements.
func (r *Runner) probe(ctx context.Context, p prepared) error {
	runs := probe.From(ctx)
	for _, added := range runs.Probes() {
		p.added = &added
		once, err := r.once(ctx, p)
		switch {
		case errors.Is(err, errNoConnection):
		case err != nil:
			return fmt.Errorf("with %v: %w", added, err)
		default:
			runs.Add(p.cell, added, once.Recording)
		}
	}
	return nil
}

// kept adds to a verdict's error what is known about state that survives a run.
func (r *Runner) kept(err error, first tracer.Counts) error {
	switch {
	case r.Cold && errors.Is(err, ErrUnstable):
		return fmt.Errorf("%w; with Cold each run must be a first run: Setup must recreate what survives a run, such as a cache", err)
	case errors.Is(err, errEmpty) && first.SQL+first.RBAC > 0:
		return fmt.Errorf("%w; the first run executed %d statements and made %d checks, and left something behind, such as a cache or changed data: "+
			"set Cold to measure first runs, or give each run data of its own", err, first.SQL, first.RBAC)
	}
	return err
}

// setup runs the scenario's Setup.
func (r *Runner) setup(ctx context.Context, p prepared) (Operation, error) {
	op, err := uncounted(ctx, r, p, "setup", func(ctx context.Context) (Operation, error) { return p.scenario.Setup(ctx, p.env) })
	if err != nil {
		return Operation{}, fmt.Errorf("setup: %w", err)
	}
	return op, nil
}

// uncounted calls f, which is guarded, within the time limit. What it sends over the traced
// pool belongs to a scope that nobody reads, and so is no work without a scope.
func uncounted[T any](ctx context.Context, r *Runner, p prepared, name string, f func(ctx context.Context) (T, error)) (T, error) {
	ctx, cancel := r.limited(ctx)
	defer cancel()
	ctx, scope := tracer.Start(ctx, name)
	defer beside.Open(p.env.Recorder, scope)()
	v, err := guarded(ctx, f)
	return v, waiting(ctx, err, scope.End())
}

// once runs the operation and requires the outcome it declares, and that all of
// its work was in the scope.
func (r *Runner) once(ctx context.Context, p prepared) (Result, error) {
	result := Result{Cell: p.cell}
	if r.Cold {
		var err error
		if p.op, err = r.setup(ctx, p); err != nil {
			return result, err
		}
	}
	recording, err := r.record(ctx, p)
	recording, ignored := without(recording, r.Ignore)
	beside.Unfinished(ctx, unfinished(recording))
	if err == nil && recording.Inner > 0 {
		err = fmt.Errorf("%w: %d in all", errInnerScope, recording.Inner)
	}
	if err == nil && r.Strict {
		err = leaked(recording)
	}
	if err != nil {
		return result, err
	}
	if r.Concurrent {
		recording.MaxHeld = 0
	}
	const ok = "ok"
	outcome := ok
	if p.op.Outcome != nil {
		if outcome, err = uncounted(ctx, r, p, "outcome", p.op.Outcome); err != nil {
			return result, fmt.Errorf("read the outcome: %w", err)
		}
	}
	result.Outcome, result.Recording = outcome, recording
	if want := cmp.Or(p.op.Expect, ok); outcome != want {
		return result, fmt.Errorf("%w: got %q, expected %q", ErrOutcome, outcome, want)
	}
	result.Ignored = ignored
	return result, p.strays()
}

// record runs the operation in a scope of its own, and within the time limit.
func (r *Runner) record(ctx context.Context, p prepared) (tracer.Recording, error) {
	ctx, scope := tracer.Start(ctx, p.cell.String())
	defer beside.Open(p.env.Recorder, scope)()
	defer scope.End()
	// It is only canceled after the scope has ended, so that what goes on until then is seen to.
	running, cancel := r.limited(ctx)
	defer cancel()
	_, err := guarded(running, func(ctx context.Context) (struct{}, error) { return struct{}{}, p.op.Run(ctx) })
	if err != nil {
		if errors.Is(err, errPanic) {
			err = &beside.RunPanicError{Err: err}
		}
		recording := scope.End()
		return recording, waiting(running, err, recording)
	}
	if p.added != nil {
		adding, cancel := r.limited(ctx)
		defer cancel()
		_, err = guarded(adding, func(ctx context.Context) (struct{}, error) {
			return struct{}{}, add(ctx, p.added, p.env, scope, p.sessions)
		})
	}
	return scope.End(), err
}

// limited returns the context of one call of code under measurement.
func (r *Runner) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	timeout := cmp.Or(r.Timeout, 30*time.Second)
	return context.WithTimeoutCause(ctx, timeout, &timeoutError{timeout})
}
