package tracer

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/multitracer"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/tracer/internal/callsite"
	"github.com/fanout-bench/fanout-bench/tracer/internal/identity"
	"github.com/fanout-bench/fanout-bench/tracer/internal/wire"
)

// A Recorder adds the work of its connections and pools to the [Scope] or [Counter] in the
// context. The zero value is ready for [Recorder.Attach]. A Recorder is safe for concurrent use
// and may serve any number of connections and pools. Use one for each program or test. It must
// not be copied after first use. See also [Recorder.Unattributed] and [Recorder.Balance].
type Recorder struct {
	// Sites records the line of the application that led to each Event, as the only frame of its
	// Stack. It costs about half a microsecond for each event (see internal/bench) and is off by
	// default. Set Sites, Stacks and SkipFrames before r is used.
	Sites bool
	// Stacks records the whole application stack of each Event, see [Event.Stack]. It costs
	// microseconds for each event.
	Stacks bool
	// SkipFrames lists functions to leave out of stacks and sites, by the beginning of their full
	// name: of a package ("example.com/shop/db."), a type ("example.com/shop/db.(*Retry)") or a
	// generic function ("….one["). If nothing would be left, the stack stays complete. The
	// standard library, pgx and this module's packages tracer, scenarios and fanouttest are
	// always left out. Other modules, such as ORMs and goroutine groups, and generated files are
	// left out if the application has other frames.
	SkipFrames []string

	unattributed tally
	sessions     sessions
	ledger       ledger
	callers      callsite.Callers
	measured     openScopes
}

// hooks is the tracer that [Recorder.Attach] installs. Only pgx and pgxpool call its methods.
type hooks struct{ *Recorder }

var (
	_ pgx.QueryTracer       = hooks{}
	_ pgx.BatchTracer       = hooks{}
	_ pgx.CopyFromTracer    = hooks{}
	_ pgx.PrepareTracer     = hooks{}
	_ pgx.ConnectTracer     = hooks{}
	_ pgxpool.AcquireTracer = hooks{}
	_ pgxpool.ReleaseTracer = hooks{}
)

// Attach adds r to the tracers of config, and makes it read what the server answers: see
// [Recorder.Balance]. Attaching r again has no effect. For a pool, pass the ConnConfig of the
// pool's config before you make the pool. Attach panics if config has another Recorder, because
// work would count twice.
//
// A Tracer that is set later must pass on every call that the Tracer of Attach implements, once,
// and a BuildFrontend that is set later must call that of Attach. [Recorder.Balance] reports both
// mistakes.
func (r *Recorder) Attach(config *pgx.ConnConfig) {
	switch attached := recorderIn(config.Tracer); {
	case attached == r:
	case attached != nil:
		panic("tracer: the config already has a Recorder; use that one")
	case config.Tracer == nil:
		config.Tracer = hooks{r}
	default:
		config.Tracer = multitracer.New(config.Tracer, hooks{r})
	}
	config.BuildFrontend = r.watch(config.BuildFrontend, config.Database)
}

// recorderIn returns the Recorder that t belongs to or is composed with, or nil.
func recorderIn(t pgx.QueryTracer) *Recorder {
	switch t := t.(type) {
	case hooks:
		return t.Recorder
	case *multitracer.Tracer:
		for _, inner := range t.QueryTracers {
			if r := recorderIn(inner); r != nil {
				return r
			}
		}
	}
	return nil
}

func (r hooks) TraceQueryStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	_, ctx = r.starts(ctx, r.session(conn), kindQuery, &start{text: data.SQL}, func(text string) uint64 {
		return identity.Arguments(text, data.Args)
	})
	return ctx
}

func (r hooks) TraceQueryEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryEndData) {
	o := outcomeOf(data.CommandTag, data.Err)
	s := r.session(conn)
	r.answered(s, s.ending(ctx, kindQuery), o, flagsOf(data.CommandTag.String()))
}

// TraceCopyFromStart counts the copy at once, because pgx does not call the end if it fails to
// describe the table. A copy that cannot be sent ends here. One that the server cannot describe
// ends with its prepare. Rows are not hashed, so two copies are never duplicates.
func (r hooks) TraceCopyFromStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceCopyFromStartData) context.Context {
	b := start{text: "COPY " + data.TableName.Sanitize()}
	s := r.session(conn)
	c, carried := r.starts(ctx, s, kindCopy, &b, nil)
	if b.Err() != nil || !s.describes() { // pgx then sends nothing
		s.lock()
		r.end(s, c, outcomeNotSent, 0)
		s.unlock()
	}
	return carried
}

func (r hooks) TraceCopyFromEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceCopyFromEndData) {
	o := outcomeOf(data.CommandTag, data.Err)
	s := r.session(conn)
	c := s.ending(ctx, kindCopy)
	r.end(s, c, o, 0)
	s.unlock()
}

func (r hooks) TracePrepareStart(ctx context.Context, conn *pgx.Conn, data pgx.TracePrepareStartData) context.Context {
	b := start{text: data.SQL}
	if data.Name != "" && !strings.HasPrefix(data.Name, cachePrefix) { // cached ones are used by their SQL
		b.more = &more{prepared: data}
	}
	_, ctx = r.starts(ctx, r.session(conn), kindPrepare, &b, nil)
	return ctx
}

func (r hooks) TracePrepareEnd(ctx context.Context, conn *pgx.Conn, data pgx.TracePrepareEndData) {
	o, why := outcomeDone, breakOf(data.Err)
	switch {
	case data.AlreadyPrepared, why.early, why.broken, why.told == outcomeNotSent:
		o = outcomeNotSent
	case data.Err != nil:
		o = outcomeFailed
	}
	within := around(ctx)
	s := r.session(conn)
	c := s.ending(ctx, kindPrepare)
	r.end(s, c, o, 0)
	if c != nil && c.more != nil {
		if p := &c.more.prepared; s != nil && data.Err == nil && p.Name != "" {
			s.prepared.remember(p.Name, p.SQL)
		}
		c.more.prepared = pgx.TracePrepareStartData{}
	}
	switch outer := s.using(within); {
	case outer == nil, c == nil:
	case outer.kind == kindCopy && data.Err == nil:
		outer.outcome.Or(seated)
	case outer.kind == kindCopy: // pgx does not report its end
		r.end(s, outer, outcomeNotSent, 0)
	case outer.kind == kindQuery && o == outcomeFailed:
		outer.outcome.Or(unprepared)
	}
	s.recycle(c)
	s.unlock()
}

func (r hooks) TraceConnectStart(ctx context.Context, _ pgx.TraceConnectStartData) context.Context {
	r.sessions.connects()
	_, ctx = r.starts(ctx, nil, kindConnect, &start{}, nil)
	return ctx
}

func (r hooks) TraceConnectEnd(ctx context.Context, data pgx.TraceConnectEndData) {
	c, o := callFrom(ctx, kindConnect), outcomeFailed
	var s *session
	if data.Err == nil {
		s, o = r.opened(data.Conn), outcomeDone
	}
	r.sessions.connected(s)
	if s == nil {
		r.end(nil, c, o, 0)
		return
	}
	config := data.Conn.Config()
	partial := !passesOn(config.Tracer)
	forSQL, _ := callsite.InStdlib()
	pooled := callsite.InPoolHook()
	s.lock()
	defer s.unlock()
	if s.config != nil {
		r.ledger.add(inDoubled, 1)
		return
	}
	r.end(nil, c, o, 0)
	s.attribute() // to no call: pgconn's own statements are hidden
	s.config, s.partial, s.pooled = config, partial, pooled
	if forSQL {
		s.way = byPgxInSQL
	}
	closed := r.sessions.reached(config, data.Conn.PgConn().PID())
	runtime.AddCleanup(frontendOf(data.Conn), func(closed func()) { closed() }, closed)
}

// passesOn reports whether t passes on all hooks that are counted besides statements, for a
// connection of a pool if that is what is made. The wire checks statements, see
// session.completed.
func passesOn(t pgx.QueryTracer) bool {
	_, prepares := t.(pgx.PrepareTracer)
	_, acquires := t.(pgxpool.AcquireTracer)
	_, releases := t.(pgxpool.ReleaseTracer)
	return prepares && (acquires && releases || !callsite.InPoolHook())
}

// outcomeOf returns the outcome of a statement for what pgx reports at its end. If a statement of
// a string fails, the tag is that of the statement before it. A scan error has the tag of an
// executed statement.
func outcomeOf(tag pgconn.CommandTag, err error) outcome {
	if err == nil {
		return outcomeDone // early, because errors.As allocates
	}
	var pgErr *pgconn.PgError
	switch {
	case errors.As(err, &pgErr):
		switch wire.SignsOf(pgErr, errors.As(err, new(*pgconn.PrepareError)), false) {
		case wire.Fatal:
			return outcomeNotSent // unless the server has begun
		case wire.Refused:
			if tag.String() == "" {
				return outcomeRefused
			}
		}
		return outcomeFailed
	case pgconn.SafeToRetry(err), isBroken(err):
		return outcomeNotSent
	case breaksOff(err):
		return outcomeUnknown
	case tag.String() != "":
		return outcomeDone
	default:
		return outcomeNotSent // a client's error, such as an argument that it cannot encode
	}
}

// flagsOf returns the flags of a statement that the server completed with a command tag.
func flagsOf(tag string) uint32 {
	if tag == "ROLLBACK" {
		return undone
	}
	return 0
}

// isBroken reports whether err is of a write to a connection that the other side had closed, so
// that the statement may be incomplete.
func isBroken(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "write" && !op.Timeout()
}

// breaksOff reports whether err means that a context or a connection ended.
func breaksOff(err error) bool {
	var network net.Error
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &network)
}
