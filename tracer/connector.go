package tracer

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fanout-bench/fanout-bench/internal/backends"
	"github.com/fanout-bench/fanout-bench/tracer/internal/identity"
	"github.com/fanout-bench/fanout-bench/tracer/internal/sqldriver"
	"github.com/fanout-bench/fanout-bench/tracer/internal/sqltext"
)

// Connector returns a connector for sql.OpenDB that counts the statements on the connections of c
// in r. It accepts any driver, also for databases other than PostgreSQL:
//
//	c, err := pq.NewConnector(url)
//	db := sql.OpenDB(recorder.Connector(c))
//
// For a driver that is only registered by name, call OpenConnector(dsn) of sql.Open(name,
// dsn).Driver(), if that is a driver.DriverContext. For pgx use Attach, which sees more.
//
// Statements and transactions count as with [Recorder.Attach], with the same names, lines and
// leaks. The driver's own messages, such as prepares and pings, and the server's answers are not
// visible. So [Counts.Absent] contains round trips, prepares, acquires and connections held, and
// [Recorder.Balance] cannot verify the counts. This has the following effects:
//   - PostgreSQL's error fields tell whether the server refused a statement, if the driver passes
//     them on, as pgx, lib/pq and bun's pgdriver do. With these drivers a statement does not count
//     after an error of the client; with other drivers it counts.
//   - A statement that fails with driver.ErrBadConn was not sent. database/sql repeats it.
//   - If a statement in a string of several fails, all of them count.
//
// The connections implement the optional interfaces of package driver that those of c implement,
// and behave like database/sql for the others. sql.Conn.Raw cannot return the driver's own
// connection: its value has a method Unwrap() driver.Conn. Work on that connection is not
// visible.
//
// Connector returns c if r already counts it, and panics if another Recorder does.
func (r *Recorder) Connector(c driver.Connector) driver.Connector {
	switch o := sqldriver.ObserverOf(c).(type) {
	case nil:
		own := &observer{recorder: r, tells: tellsServer(c)}
		own.connector = sqldriver.Wrap(c, own)
		return own.connector
	case *observer:
		if o.recorder == r {
			return c
		}
	}
	panic("tracer: the connector already has a Recorder; use that one")
}

// An observer receives the calls of a driver.
type observer struct {
	recorder  *Recorder
	connector driver.Connector // the observed one
	tells     bool             // its errors show whether they come from the server
}

// telling lists the packages of drivers whose errors show whether they come from the server.
var telling = []string{"github.com/jackc/pgx/", "github.com/lib/pq", "github.com/uptrace/bun/driver/pgdriver"}

func tellsServer(c driver.Connector) bool {
	t := reflect.TypeOf(c.Driver())
	if t == nil {
		return false
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return slices.ContainsFunc(telling, func(path string) bool { return strings.HasPrefix(t.PkgPath(), path) })
}

func (o *observer) Opened(ctx context.Context, c driver.Conn) sqldriver.Session {
	d := &observed{observer: o, session: o.recorder.open(byDriver, nil), left: func() {}}
	d.session.connector = o.connector
	if backends.Wanted() {
		if b, ok := backendOf(ctx, c); ok {
			d.left = backends.Opened(b)
		}
	}
	return d
}

// backendOf asks PostgreSQL for the backend of a connection. Other databases return an error.
func backendOf(ctx context.Context, c driver.Conn) (backends.Backend, bool) {
	row, err := sqldriver.Ask(ctx, c, "SELECT pg_backend_pid(), current_database()::text")
	if err != nil || len(row) != 2 {
		return backends.Backend{}, false
	}
	pid, ok := row[0].(int64)
	return backends.Backend{PID: uint32(pid), Database: fmt.Sprintf("%s", row[1])}, ok // a string or bytes
}

// observed is the session of a driver's connection.
type observed struct {
	*observer
	session *session
	left    func() // removes the registered backend
}

// Unwrapped notes that there may be work that nobody is told of.
func (d *observed) Unwrapped() { d.recorder.ledger.add(inLoose, 1) }

func (d *observed) Begin(ctx context.Context, k sqldriver.Kind, text string, args []driver.NamedValue) (context.Context, sqldriver.Call) {
	over := ctx.Err() != nil
	kind := kindQuery
	switch k {
	case sqldriver.Prepare:
		kind = kindPrepare
	case sqldriver.Copy:
		kind, text = kindCopy, sqltext.Name(text)
	}
	c, ctx := d.recorder.starts(ctx, d.session, kind, &start{text: text}, func(text string) uint64 {
		return identity.Arguments(text, valuesOf(args))
	})
	return ctx, &observedCall{d, c, k, over}
}

func valuesOf(args []driver.NamedValue) []any {
	var values []any
	for _, arg := range args {
		if arg.Name != "" {
			values = append(values, arg.Name)
		}
		values = append(values, arg.Value)
	}
	return values
}

func (d *observed) Reset() {
	d.session.lock()
	defer d.session.unlock()
	d.session.forget()
}

func (d *observed) Closed() {
	d.session.closed()
	d.left()
}

// An observedCall is one call of a driver.
type observedCall struct {
	*observed
	call *call
	kind sqldriver.Kind
	over bool // its context had already ended
}

func (c *observedCall) End(err error, answered bool) {
	o := c.outcome(err, answered)
	var flags uint32
	if c.kind == sqldriver.Tx && err != nil {
		flags = undone
		if o == outcomeNotSent && c.tells && !unsent(err) {
			o = outcomeDone // for example, the commit rolled back
		}
	}
	c.session.lock()
	c.session.attribute()
	c.recorder.answered(c.session, c.call, o, flags)
}

// outcome returns the outcome of the call for an error of a driver.
func (c *observedCall) outcome(err error, answered bool) outcome {
	if err == nil {
		return outcomeDone
	}
	server := serverError(err)
	o := outcomeOf(pgconn.CommandTag{}, cmp.Or(server, err))
	switch {
	case c.over && server == nil && !answered:
		return outcomeNotSent
	case unsent(err) && answered, errors.Is(err, sqldriver.ErrPanicked):
		return outcomeUnknown
	case unsent(err):
		return outcomeNotSent
	case server != nil && (c.kind == sqldriver.Prepare || answered):
		return outcomeFailed
	case o != outcomeNotSent, server != nil:
		return o
	case answered:
		return outcomeDone // the error came later
	case c.tells:
		return outcomeNotSent
	}
	return outcomeFailed
}

// unsent reports whether err means that the driver sent nothing.
func unsent(err error) bool {
	return errors.Is(err, driver.ErrSkip) || errors.Is(err, driver.ErrBadConn) || pgconn.SafeToRetry(err) || isBroken(err)
}

// serverError returns the PostgreSQL server's error that err wraps, or nil.
func serverError(err error) error {
	var (
		pgx    *pgconn.PgError
		pq     interface{ Get(field byte) string }   // lib/pq
		pg     interface{ Field(field byte) string } // bun's pgdriver
		fields func(field byte) string
	)
	switch {
	case errors.As(err, &pgx):
		return err
	case errors.As(err, &pq):
		fields = pq.Get
	case errors.As(err, &pg):
		fields = pg.Field
	}
	if fields == nil || len(fields('C')) != 5 {
		return nil
	}
	position, _ := strconv.ParseInt(fields('P'), 10, 32)
	return &pgconn.PgError{
		Severity: fields('S'), SeverityUnlocalized: fields('V'), Code: fields('C'), Message: fields('M'),
		Position: int32(position), Where: fields('W'), File: fields('F'),
	}
}
