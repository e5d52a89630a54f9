package tracer

import (
	"context"
	"errors"
	"strings"
	"time"
	"weak"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/multitracer"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A Recorder is a pgx and pgxpool tracer that adds what it sees to the [Scope] or
// [Counter] in the context. The zero value is ready to use. It is safe for
// concurrent use and may serve any number of connections and pools; use one per
// program or per test, and see [Recorder.Unattributed] and [Recorder.Balance]. It must
// not be copied once it is in use.
type Recorder struct {
	// Sites has each Event tell the line of the application that led to it: its Stack
	// then has that one frame. It takes about half a microsecond per event, as internal/bench
	// measures it, so the default is not to.
	// Set Sites, Stacks and Plumbing before r is used.
	Sites bool
	// Stacks has each Event tell all of the application's code that led to it, see
	// [Event.Stack]. That takes microseconds per event.
	Stacks bool
	// Plumbing lists what to leave out of stacks and sites: functions by the beginning
	// of their full name, which may be that of a package ("example.com/shop/db."), of a
	// type ("example.com/shop/db.(*Retry)") or of a generic function ("….one[").
	// A stack of which nothing would be left stays as it is. The standard library,
	// pgx and this module's packages tracer, scenarios and fanouttest are left out in any case,
	// of sites also the stores that sqlc generates.
	Plumbing []string

	unattributed tally
	meters       meters
	books        books
	callers      callers
}

var (
	_ pgx.QueryTracer       = (*Recorder)(nil)
	_ pgx.BatchTracer       = (*Recorder)(nil)
	_ pgx.CopyFromTracer    = (*Recorder)(nil)
	_ pgx.PrepareTracer     = (*Recorder)(nil)
	_ pgx.ConnectTracer     = (*Recorder)(nil)
	_ pgxpool.AcquireTracer = (*Recorder)(nil)
	_ pgxpool.ReleaseTracer = (*Recorder)(nil)
)

// Attach installs r beside any tracer config already has, and has it read along what
// the server answers: see [Recorder.Balance]. Attaching it again changes nothing. For
// a pool, pass the pool config's ConnConfig before the pool is made. Attach panics if
// config has another Recorder: both would add the same work to the same scope.
//
// A Recorder that is set as the Tracer without Attach counts the same statements, but
// nothing holds it against what the server did, and round trips are estimated.
func (r *Recorder) Attach(config *pgx.ConnConfig) {
	switch attached := recorderIn(config.Tracer); {
	case attached == r:
	case attached != nil:
		panic("tracer: the config has a Recorder already; use that one")
	case config.Tracer == nil:
		config.Tracer = r
	default:
		config.Tracer = multitracer.New(config.Tracer, r)
	}
	config.BuildFrontend = r.watch(config.BuildFrontend)
}

// recorderIn returns the Recorder that t is or is composed of, or nil.
func recorderIn(t pgx.QueryTracer) *Recorder {
	switch t := t.(type) {
	case *Recorder:
		return t
	case *multitracer.Tracer:
		for _, inner := range t.QueryTracers {
			if r := recorderIn(inner); r != nil {
				return r
			}
		}
	}
	return nil
}

func (r *Recorder) TraceQueryStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	s := r.session(conn)
	s.precede(conn)
	b := start{text: s.resolved(data.SQL)}
	b.locate(ctx, s, kindQuery)
	if b.scope != nil {
		b.identity = statementIdentity(b.text, data.Args)
	}
	return r.begin(s, &b).carried(ctx)
}

func (r *Recorder) TraceQueryEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryEndData) {
	s := r.session(conn)
	var flags uint32
	if data.CommandTag.String() == "ROLLBACK" {
		flags = undone
	}
	c := r.end(ctx, s, kindQuery, outcomeOf(conn, data.CommandTag, data.Err), flags)
	s.follow(conn, c)
	s.recycle(c)
}

// TraceCopyFromStart counts the copy at once: where pgx fails to describe the
// table it never calls the end. The rows are not hashed, so two copies are never
// taken for the same work.
func (r *Recorder) TraceCopyFromStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceCopyFromStartData) context.Context {
	s := r.session(conn)
	b := start{text: "COPY " + data.TableName.Sanitize()}
	b.locate(ctx, s, kindCopy)
	return r.begin(s, &b).carried(ctx)
}

func (r *Recorder) TraceCopyFromEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceCopyFromEndData) {
	s := r.session(conn)
	s.recycle(r.end(ctx, s, kindCopy, outcomeOf(conn, data.CommandTag, data.Err), 0))
}

func (r *Recorder) TracePrepareStart(ctx context.Context, conn *pgx.Conn, data pgx.TracePrepareStartData) context.Context {
	s := r.session(conn)
	b := start{text: data.SQL}
	b.locate(ctx, s, kindPrepare)
	if data.Name != "" && !strings.HasPrefix(data.Name, cachePrefix) { // those are used by their SQL
		b.more = &more{prepared: data}
	}
	c := r.begin(s, &b)
	if b.scope != nil && s.firstCached(data.Name, data.SQL) {
		c.outcome.Or(s.cold(b.scope))
	}
	return c.carried(ctx)
}

func (r *Recorder) TracePrepareEnd(ctx context.Context, conn *pgx.Conn, data pgx.TracePrepareEndData) {
	s := r.session(conn)
	o := outcomeDone
	switch {
	case data.AlreadyPrepared, data.Err != nil && pgconn.SafeToRetry(data.Err):
		o = outcomeNotSent
	case data.Err != nil:
		o = outcomeFailed
	}
	c := r.end(ctx, s, kindPrepare, o, 0)
	if c == nil {
		return
	}
	if o == outcomeDone && c.more != nil && c.more.prepared.Name != "" {
		s.remember(c.more.prepared.Name, c.more.prepared.SQL)
	}
	if data.Err != nil {
		// pgx ends a CopyFrom whose table it could not describe without telling.
		if copied := s.describing(c); copied != nil {
			s.recycle(r.end(copied.carried(ctx), s, kindCopy, outcomeNotSent, 0))
		}
	}
	s.recycle(c)
}

func (r *Recorder) TraceConnectStart(ctx context.Context, _ pgx.TraceConnectStartData) context.Context {
	var b start
	b.locate(ctx, nil, kindConnect)
	return r.begin(nil, &b).carried(ctx)
}

func (r *Recorder) TraceConnectEnd(ctx context.Context, data pgx.TraceConnectEndData) {
	if data.Err != nil {
		r.end(ctx, nil, kindConnect, outcomeFailed, 0)
		return
	}
	s := r.session(data.Conn)
	s.assign() // to nobody: pgconn's own statements are hidden
	if c := r.end(ctx, nil, kindConnect, outcomeDone, 0); c != nil && s != nil && c.scope != nil {
		s.openedIn = weak.Make(c.scope)
	}
}

// outcomeOf tells what became of a statement from what pgx reports at its end.
// The order matters: a *pgconn.PrepareError wraps the *pgconn.PgError of the refusal,
// a string of statements that fails has the tag of the one before, and a scan error
// that of a statement that was executed.
func outcomeOf(conn *pgx.Conn, tag pgconn.CommandTag, err error) outcome {
	if err == nil {
		return outcomeDone // errors.As would have what it fills on the heap
	}
	return failure(conn, tag, err)
}

func failure(conn *pgx.Conn, tag pgconn.CommandTag, err error) outcome {
	var (
		prepareErr *pgconn.PrepareError
		pgErr      *pgconn.PgError
	)
	switch {
	case errors.As(err, &prepareErr):
		return outcomeNotSent
	case errors.As(err, &pgErr):
		return outcomeFailed
	case pgconn.SafeToRetry(err):
		return outcomeNotSent
	case conn.IsClosed(), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return outcomeUnknown
	case tag.String() != "":
		return outcomeDone
	default:
		return outcomeNotSent // an error of the client, such as an argument it cannot encode
	}
}

var programStart = time.Now()

// now is nanoseconds since the program began.
func now() int64 { return int64(time.Since(programStart)) }
