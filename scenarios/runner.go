package scenarios

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/internal/pgkeep"
	"github.com/fanout-bench/fanout-bench/internal/pgpool"
	"github.com/fanout-bench/fanout-bench/internal/probe"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// MinRepeat is the fewest runs that can show a count to be stable.
const MinRepeat = 3

// A Runner measures cells. For Run, Server is required; zero means the default elsewhere.
// It may be used by several goroutines as long as none changes it.
type Runner struct {
	// Server makes the databases of Run.
	Server Server
	// Repeat is how often each cell is measured after one run to warm up; its
	// runs must agree in every count. Default and least: MinRepeat; less is an error.
	Repeat int
	// Parallel is how many cells are measured at the same time. Default 1. More
	// is for a Path whose cells share nothing in this process, such as a cache;
	// in the database they share nothing anyway.
	Parallel int
	// MaxConns is the size of the pool each cell gets. Default 10; the default
	// of pgxpool depends on the machine, which counts must not.
	MaxConns int32
	// Timeout ends the context of a Setup or an operation that waits for itself, for
	// instance on a pool it has drained. One that does not end with its context is
	// given up on. Default 30 s for each call.
	Timeout time.Duration
	// Stacks has the recordings tell which code led to each event. Without, they tell
	// the line of it.
	Stacks bool
	// Strict makes it an error if a context was not passed on, even where the work could
	// be counted where it belongs.
	Strict bool
	// Concurrent leaves out what is up to the scheduler where an operation works in
	// goroutines: how many connections are held at once. Of avoidable statements it takes
	// the fewest of the runs.
	Concurrent bool
	// Cold measures first runs: Setup is called before each run, and no run comes before
	// those that are counted. Setup has to make anew whatever keeps something from one run
	// to the next, such as a cache, and may find what it stored before.
	Cold bool
	// Shared has Measure take work without a scope for that of others, who use the same
	// pools. Without, such work is an error, as it is of Run, whose pools are its own.
	Shared bool
	// Races takes the largest of each count where runs differ, and not that they do for an
	// error. It is for code that does more or less by design, as when goroutines race for a
	// cache, and only for limits: such a result is the same by chance.
	Races bool
	// Ignore lists what is left out of the counts, such as what a service does for itself: the
	// names of statements and checks, and functions by the beginning of their full name, as in
	// [tracer.Recorder.SkipFrames], which takes a Recorder with Stacks. Of work that no scope
	// gets it is the innermost function of the application. How many connections are held at
	// once stays as it is.
	Ignore []string
}

func (r *Runner) parallel() int {
	return max(r.Parallel, 1)
}

func (r *Runner) check() error {
	if r.Server == nil {
		return errors.New("field Server of the Runner is nil; it makes the databases")
	}
	return r.checkRepeat()
}

func (r *Runner) checkRepeat() error {
	if r.Repeat != 0 && r.Repeat < MinRepeat {
		return fmt.Errorf("field Repeat of the Runner is %d; fewer than %d runs cannot show that a count does not vary", r.Repeat, MinRepeat)
	}
	return nil
}

// A Result is what one cell cost, see [Result.Counts].
type Result struct {
	Cell
	Outcome string
	// Recording is of the first measured run. The others counted the same, but for prepares.
	Recording tracer.Recording
	// Prepares is how many there were in each run, at the least: what a connection that is
	// new to a statement needs depends on which one a pool hands out.
	Prepares int
	// First is what the run to warm up counted, if it executed another number of statements
	// or made another number of checks than those that are measured, as one does that fills
	// a cache. Nil: it did not, or there was none.
	First *tracer.Counts
	// Ignored is how many statements and checks Runner.Ignore has left out of a run, at the
	// most.
	Ignored int

	most *tracer.Counts // of all runs, under Races
}

// Counts returns what the cell cost.
func (r Result) Counts() tracer.Counts {
	counts := r.Recording.Counts()
	if r.most != nil {
		counts = *r.most
	}
	counts.Prepare = r.Prepares
	return counts
}

// Run measures cells of p and yields their results in the given order. For a cell
// that cannot be measured it yields a [*CellError] and goes on, with [ErrOutcome] beside the
// result of the run that ended otherwise than declared; any other error
// ends the sequence, [ErrServerGone] among them, as does the end of ctx, whose cause is
// the error then. The databases that the run made are dropped when the sequence ends;
// the last error says if one could not be.
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
		// The databases go in any case; nobody is left to tell after a stop.
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

// each measures the cells, yields their results in order, and reports whether the
// consumer, or the end of ctx, stopped it. All workers have ended when it returns.
func (r *Runner) each(ctx context.Context, p *Path, cells []Cell, dbs *databases, yield func(Result, error) bool) (stopped bool) {
	type answer struct {
		result Result
		err    error
	}
	answers := make([]chan answer, len(cells))
	for i := range answers {
		answers[i] = make(chan answer, 1)
	}
	work, cancel := context.WithCancel(ctx)
	var (
		workers sync.WaitGroup
		taken   atomic.Int64
	)
	for range r.parallel() {
		workers.Go(func() {
			for work.Err() == nil {
				i := int(taken.Add(1)) - 1
				if i >= len(cells) {
					return
				}
				result, err := r.measure(work, p, cells[i], dbs)
				answers[i] <- answer{result, err}
			}
		})
	}
	defer workers.Wait()
	defer cancel()

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
				// Every cell after it would fail for the same reason.
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
	// It and its connections are new for each cell, so that statement caches do not depend
	// on the cells before.
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
	// Closing waits for what the operation may have left running, so only then
	// is it certain that nothing went uncounted.
	if closeErr := pgpool.Close(pool); err == nil {
		err = cmp.Or(closeErr, stray(), recorder.Balance().Err())
	}
	return result, err
}

// measured returns the configuration of the measured pools.
func (r *Runner) measured(config *pgxpool.Config, readOnly bool) *pgxpool.Config {
	config = pgpool.Pinned(config, cmp.Or(r.MaxConns, 10))
	if readOnly {
		config.ConnConfig.RuntimeParams["default_transaction_read_only"] = "on"
		// Planning a statement costs more than executing it on few rows, and the server
		// would do so anew for the first five times, which is all there are.
		config.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
	}
	return config
}

// A prepared cell is ready to be run.
type prepared struct {
	cell     Cell
	scenario Scenario
	env      Env
	// op is made anew for each run under Runner.Cold.
	op Operation
	// added is what is added to the run; nil: nothing is.
	added *probe.Probe
	// sessions are for what is added; nil: it opens its own.
	sessions *pgkeep.Keeper
	// strays returns the work that no scope got, if that is an error.
	strays func() error
}

// repeat measures one cell. A result beside an error other than ErrOutcome is void.
func (r *Runner) repeat(ctx context.Context, p prepared) (Result, error) {
	var first tracer.Counts
	if !r.Cold {
		var err error
		if p.op, err = r.setup(ctx, p); err != nil {
			return Result{}, err
		}
		warm, err := r.once(ctx, p)
		if err != nil {
			return warm, fmt.Errorf("warm-up: %w", err)
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
			return once, fmt.Errorf("run %d: %w", i+1, err)
		}
		ignored = max(ignored, once.Ignored)
		run := countedIn(once.Recording)
		if i == 0 || preferred(run.Counts, result.Recording.Counts()) {
			result = once
		}
		if r.Concurrent && !r.Races {
			run.SQLUnique = 0 // which read comes after which write, the scheduler decides too
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
	result.Prepares = runs[0].Prepare
	for _, c := range runs[1:] {
		result.Prepares = min(result.Prepares, c.Prepare)
	}
	return result, r.probe(ctx, p)
}

// probe makes one more run for each probe that ctx asks for. Statements are not added where
// none is executed.
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

// kept adds to the error of a verdict what is known of the work that was kept from one run
// to the next.
func (r *Runner) kept(err error, first tracer.Counts) error {
	switch {
	case r.Cold && errors.Is(err, ErrUnstable):
		return fmt.Errorf("%w; each is to be a first run: Setup has to make anew what keeps something from one to the next", err)
	case errors.Is(err, errEmpty) && first.SQL+first.RBAC > 0:
		return fmt.Errorf("%w; the run before those that count executed %d statements and made %d checks, so that something is cached: "+
			"Cold has first runs measured", err, first.SQL, first.RBAC)
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
