package tracer

import (
	"context"
	"database/sql/driver"
	"errors"
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

// Connector returns a connector for sql.OpenDB that opens the connections of c and has r count
// what they are asked for. It takes any driver, also of other databases than PostgreSQL:
//
//	c, err := pq.NewConnector(url)
//	db := sql.OpenDB(recorder.Connector(c))
//
// A driver that is known by its name only has sql.Open(name, dsn).Driver(), whose
// OpenConnector(dsn) returns one, if it is a driver.DriverContext. For pgx, use Attach,
// which sees more.
//
// Statements and transactions count as with [Recorder.Attach], with the same names, lines and
// leaks. What the driver itself sends, such as a prepare, a ping or what it sets up a
// connection with, is not seen, nor is what the server answers. So [Counts.Absent] has
// round trips, prepares, acquires and connections held, and [Recorder.Balance] nothing to hold
// the counts against. That decides as follows:
//   - An error is told to be that of a refused statement by what PostgreSQL says, as pgx, lib/pq
//     and bun's pgdriver pass it on. With these an error that is not of the server is one of
//     the client, and the statement does not count; with others it counts.
//   - A statement whose connection is said to be bad, by driver.ErrBadConn, was not sent:
//     database/sql does it again.
//   - A string of several statements counts with all of them when one fails.
//
// The connections have each optional interface of package driver that those of c have, and do
// in place of the others what database/sql would. sql.Conn.Raw cannot give the driver's own
// connection: it gives one whose method Unwrap() driver.Conn returns that. What is done with
// it is not seen.
//
// Connector returns c if r counts it already, and panics if another Recorder does.
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
	panic("tracer: the connector has a Recorder already; use that one")
}

// An observer is told of a driver.
type observer struct {
	recorder  *Recorder
	connector driver.Connector // that tells it
	tells     bool             // by its errors which of them are those of the server
}

// telling are the packages of drivers whose errors of the server can be told from others.
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
	d := &observed{session: o.recorder.open(byDriver, nil), tells: o.tells, left: func() {}}
	d.session.connector = o.connector
	if backends.Wanted() {
		if b, ok := backendOf(ctx, c); ok {
			d.left = backends.Opened(b)
		}
	}
	return d
}

// backendOf asks PostgreSQL which backend serves a connection. Other databases refuse.
func backendOf(ctx context.Context, c driver.Conn) (backends.Backend, bool) {
	row, err := sqldriver.Ask(ctx, c, "SELECT pg_backend_pid(), current_database()::text")
	if err != nil || len(row) != 2 {
		return backends.Backend{}, false
	}
	pid, ok := row[0].(int64)
	return backends.Backend{PID: uint32(pid), Database: asText(row[1])}, ok
}

func asText(v driver.Value) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	}
	return ""
}

// observed is a session of a driver.
type observed struct {
	session *session
	tells   bool
	left    func() // the backend that is known to others
}

// Unwrapped notes that there may be work that nobody is told of.
func (d *observed) Unwrapped() { d.session.recorder.ledger.loose.Add(1) }

func (d *observed) Begin(ctx context.Context, k sqldriver.Kind, text string, args []driver.NamedValue) (context.Context, sqldriver.Call) {
	over := isOver(ctx)
	kind := kindQuery
	switch k {
	case sqldriver.Prepare:
		kind = kindPrepare
	case sqldriver.Copy:
		kind, text = kindCopy, sqltext.Name(text)
	}
	c, ctx := d.session.begin(ctx, kind, text, func(text string) uint64 {
		if kind != kindQuery {
			return 0
		}
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

// An observedCall is one that a driver was asked for.
type observedCall struct {
	*observed
	call *call
	kind sqldriver.Kind
	over bool // its context had ended before
}

func (c *observedCall) End(err error, answered bool) {
	o := c.outcome(err, answered)
	var flags uint32
	if c.kind == sqldriver.Tx && err != nil {
		flags = undone
		if o == outcomeNotSent && c.tells && !unsent(err) {
			o = outcomeDone // such as an error that says that the commit has rolled back
		}
	}
	c.session.end(c.call, o, flags)
}

// outcome tells what became of the call from the error of a driver.
func (c *observedCall) outcome(err error, answered bool) outcome {
	if err == nil {
		return outcomeDone
	}
	told := err
	server := serverError(err)
	if server != nil {
		told = server
	}
	o := failure(pgconn.CommandTag{}, told)
	switch {
	case c.over && server == nil && !answered:
		return outcomeNotSent
	case unsent(err) && answered, errors.Is(err, sqldriver.ErrPanicked):
		return outcomeUnknown
	case unsent(err):
		return outcomeNotSent
	case server != nil && c.kind == sqldriver.Prepare:
		return outcomeFailed
	case server != nil && answered:
		return outcomeFailed
	case o != outcomeNotSent, server != nil:
		return o
	case answered:
		return outcomeDone // the error came after
	case c.tells:
		return outcomeNotSent
	}
	return outcomeFailed
}

// unsent reports whether err says that the driver has sent nothing.
func unsent(err error) bool {
	return errors.Is(err, driver.ErrSkip) || errors.Is(err, driver.ErrBadConn) || pgconn.SafeToRetry(err) || isBroken(err)
}

// serverError returns the error of a PostgreSQL server that a driver passes on, or nil.
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
