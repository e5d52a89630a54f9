package tracer

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/multitracer"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A Recorder is a pgx and pgxpool tracer that adds what it sees to the [Scope]
// in the context. The zero value is ready to use. It is safe for concurrent use
// and may serve any number of connections and pools; use one per program or per
// test, and see [Recorder.Unattributed].
type Recorder struct {
	// Stacks has each Event tell which code of the application led to it, see
	// [Event.Stack]. That takes microseconds per event, so the default is not to.
	// Set Stacks and Plumbing before r is used.
	Stacks bool
	// Plumbing lists what to leave out of stacks: functions by the beginning of
	// their full name, which may be that of a package ("example.com/shop/db."), of a
	// type ("example.com/shop/db.(*Retry)") or of a generic function ("….one[").
	// A stack of which nothing would be left stays as it is. The standard library,
	// pgx and this module's packages tracer and scenarios are left out in any case.
	Plumbing []string

	unattributed tally
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

// Attach installs r beside any tracer config already has; attaching it again
// changes nothing. For a pool, pass the pool config's ConnConfig before the pool
// is made. Attach panics if config has another Recorder: both would add the same
// work to the same scope.
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
	sql := resolved(conn, data.SQL)
	return r.begin(ctx, event{kind: Query, text: sql, identity: statementIdentity(sql, data.Args)})
}

func (r *Recorder) TraceQueryEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryEndData) {
	callFrom(ctx).end(outcome(conn, data.CommandTag, data.Err))
}

// TraceCopyFromStart counts the copy at once: where pgx fails to describe the
// table it never calls the end. The rows are not hashed, so two copies are never
// taken for the same work.
func (r *Recorder) TraceCopyFromStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceCopyFromStartData) context.Context {
	return r.begin(ctx, event{kind: Copy, text: "COPY " + data.TableName.Sanitize()})
}

func (r *Recorder) TraceCopyFromEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceCopyFromEndData) {
	callFrom(ctx).end(outcome(conn, data.CommandTag, data.Err))
}

func (r *Recorder) TracePrepareStart(ctx context.Context, _ *pgx.Conn, data pgx.TracePrepareStartData) context.Context {
	c := r.begin(ctx, event{kind: Prepare, text: data.SQL})
	if !strings.HasPrefix(data.Name, "stmtcache_") { // those are used by their SQL
		c.prepared = &data
	}
	return c
}

func (r *Recorder) TracePrepareEnd(ctx context.Context, conn *pgx.Conn, data pgx.TracePrepareEndData) {
	c := callFrom(ctx)
	if c == nil {
		return
	}
	switch {
	case data.AlreadyPrepared, data.Err != nil && pgconn.SafeToRetry(data.Err):
		c.end(NotSent)
	case data.Err != nil:
		c.end(Failed)
	default:
		c.end(Done)
		if c.prepared != nil && c.prepared.Name != "" {
			remember(conn, c.prepared.Name, c.prepared.SQL)
		}
	}
	if data.Err != nil {
		// pgx ends a CopyFrom whose table it could not describe without telling.
		if outer := callFrom(c.Context); outer != nil && outer.kind == Copy {
			outer.end(NotSent)
		}
	}
}

func (r *Recorder) TraceConnectStart(ctx context.Context, _ pgx.TraceConnectStartData) context.Context {
	return r.begin(ctx, event{kind: Connect})
}

func (r *Recorder) TraceConnectEnd(ctx context.Context, data pgx.TraceConnectEndData) {
	if data.Err != nil {
		callFrom(ctx).end(Failed)
		return
	}
	callFrom(ctx).end(Done)
}

// outcome tells what became of a statement from what pgx reports at its end.
// The order matters: a scan error comes with the tag of a statement that was
// executed, and a *pgconn.PrepareError wraps the *pgconn.PgError of the refusal.
func outcome(conn *pgx.Conn, tag pgconn.CommandTag, err error) Outcome {
	var (
		prepareErr *pgconn.PrepareError
		pgErr      *pgconn.PgError
	)
	switch {
	case err == nil, tag.String() != "":
		return Done
	case errors.As(err, &prepareErr):
		return NotSent
	case errors.As(err, &pgErr):
		return Failed
	case pgconn.SafeToRetry(err):
		return NotSent
	case conn.IsClosed(), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return Unknown
	default:
		return NotSent // an error of the client, such as an argument it cannot encode
	}
}
