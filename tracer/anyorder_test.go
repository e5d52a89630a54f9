package tracer

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/tracer/internal/wire"
)

// greeted returns a connection to a server that only sends a greeting.
func greeted(t *testing.T, r *Recorder) *pgx.Conn {
	t.Helper()
	config := Scripted(t)
	r.Attach(config)
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// A foreignContext is an application's context type that is not comparable.
type foreignContext struct {
	context.Context
	_ []any
}

// FuzzAnyOrder calls pgx's hooks in any order: starts without ends and ends without starts,
// twice, with the context or connection of another call, or none. The counts mean nothing then,
// but the Recorder does not panic or leak.
func FuzzAnyOrder(f *testing.F) {
	f.Add([]byte{})
	for op := range 18 { // each twice on each connection, then its end twice
		b := []byte{byte(op), 0, 2, byte(op), 1, 2, byte(op), 2, 3, byte(op), 3, 3}
		f.Add(append(b, byte(op)^1, 2, 7, byte(op)^1, 2, 7, byte(op)^1, 3, 8))
	}
	f.Add([]byte("\x00\x02\x02\x00\x02\x02\x0e\x02\x00\x01\x02\x07\x01\x02\x27\x0f\x00\x00\x10\x00\x00"))
	f.Add([]byte("\x0a\x00\x00\x04\x02\x07")) // an acquire without a context, and a copy in it
	f.Fuzz(func(t *testing.T, script []byte) {
		r := &Recorder{}
		inScope, scope := Start(t.Context(), "open")
		ended, over := Start(t.Context(), "ended")
		over.End()
		counted, _ := Count(t.Context())
		tooLate, cancel := context.WithCancel(inScope)
		cancel()
		var (
			conns    = []*pgx.Conn{nil, {}, greeted(t, r), greeted(t, &Recorder{})}
			contexts = []context.Context{nil, t.Context(), inScope, ended, counted, tooLate, foreignContext{Context: inScope}}
			given    = len(contexts)
			failures = []error{nil, busyError{}, &pgconn.PgError{}, &pgconn.PrepareError{}, io.EOF, context.Canceled, pgx.ErrNoRows, errors.New("of the client")}
			batch    = &pgx.Batch{}
			tag      = pgconn.NewCommandTag("ROLLBACK")
			pool     *pgxpool.Pool
			checks   []func(bool)
		)
		batch.Queue("BEGIN")
		batch.Queue("SELECT 1; SELECT 2")
		for ; len(script) >= 3; script = script[3:] {
			conn := conns[int(script[1])%len(conns)]
			ctx := contexts[int(script[2]%16)%len(contexts)]
			err := failures[int(script[2]>>4)%len(failures)]
			if err != nil {
				tag = pgconn.CommandTag{}
			}
			next := ctx
			switch script[0] % 18 {
			case 0:
				next = HooksOf(r).TraceQueryStart(ctx, conn, pgx.TraceQueryStartData{SQL: "p", Args: []any{1, func() {}}})
			case 1:
				HooksOf(r).TraceQueryEnd(ctx, conn, pgx.TraceQueryEndData{CommandTag: tag, Err: err})
			case 2:
				next = HooksOf(r).TraceBatchStart(ctx, conn, pgx.TraceBatchStartData{Batch: batch})
			case 3:
				HooksOf(r).TraceBatchEnd(ctx, conn, pgx.TraceBatchEndData{Err: err})
			case 4:
				next = HooksOf(r).TraceCopyFromStart(ctx, conn, pgx.TraceCopyFromStartData{TableName: pgx.Identifier{"t"}})
			case 5:
				HooksOf(r).TraceCopyFromEnd(ctx, conn, pgx.TraceCopyFromEndData{CommandTag: tag, Err: err})
			case 6:
				next = HooksOf(r).TracePrepareStart(ctx, conn, pgx.TracePrepareStartData{Name: "p", SQL: "SELECT 1"})
			case 7:
				HooksOf(r).TracePrepareEnd(ctx, conn, pgx.TracePrepareEndData{AlreadyPrepared: script[1] > 127, Err: err})
			case 8:
				next = HooksOf(r).TraceConnectStart(ctx, pgx.TraceConnectStartData{})
			case 9:
				HooksOf(r).TraceConnectEnd(ctx, pgx.TraceConnectEndData{Conn: conn, Err: err})
			case 10:
				next = HooksOf(r).TraceAcquireStart(ctx, pool, pgxpool.TraceAcquireStartData{})
			case 11:
				HooksOf(r).TraceAcquireEnd(ctx, pool, pgxpool.TraceAcquireEndData{Conn: conn, Err: err})
			case 12:
				HooksOf(r).TraceRelease(pool, pgxpool.TraceReleaseData{Conn: conn})
			case 13:
				HooksOf(r).TraceBatchQuery(ctx, conn, pgx.TraceBatchQueryData{SQL: "BEGIN", CommandTag: tag, Err: err})
			case 14:
				var end func(bool)
				next, end = r.Check(ctx, "read", conn, ctx, failures)
				checks = append(checks, end)
			case 15:
				for _, end := range checks {
					end(err == nil)
				}
			case 16: // what a server says
				if s := r.session(conn); s.watched() {
					s.meter.said(script[2:])
				}
			case 17: // and a client
				if s := r.session(conn); s.watched() {
					_, _ = (&wire.Writer{Writer: io.Discard, Meter: &s.meter.Meter, Deallocated: s.deallocated}).Write(script)
				}
			}
			if len(contexts) > given+8 {
				contexts = append(contexts[:given], contexts[given+1:]...)
			}
			contexts = append(contexts, next)
		}
		recording := scope.End()
		_, _, _ = recording.Counts(), recording.Leaks(), recording.Warnings()
		_, _ = r.Unattributed(), r.Balance()
		for _, conn := range conns {
			if s := r.session(conn); s != nil && len(s.open) > maxOpen {
				t.Errorf("%d calls are open", len(s.open))
			}
		}
	})
}
