package tracer

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/tracer/internal/identity"
	"github.com/fanout-bench/fanout-bench/tracer/internal/sqltext"
	"github.com/fanout-bench/fanout-bench/tracer/internal/wire"
)

// A conversation is the traffic of a client and a server on one connection, as a proxy passes it
// on; see beside.Follow. The server answers in order, and after an error skips everything up to
// the next Sync.
type conversation struct {
	recorder *Recorder
	session  *session

	mu       sync.Mutex // guards the following, because both sides send at the same time
	client   wire.Frames
	server   wire.Frames
	witness  wire.Reader        // counts independently what the server completes
	requests []*request         // not answered yet; the last one may be incomplete
	nothing  request            // is answered if there are none; it stays without steps
	latest   map[string]*parsed // of these requests, by name
	prepared prepared           // by earlier requests
	unnamed  string             // SQL of the unnamed statement
	portals  map[string]*portal
	started  bool            // the server accepted the client
	copying  bool            // until the client ends the copy; the server ignores each Sync
	over     bool            // the server ended the session
	lost     bool            // an answer did not fit its request
	upstream *pgx.ConnConfig // config of the server itself
	left     func()          // removes the backend; may be nil
}

// A request is what a client sends up to a Sync, or with a Query.
type request struct {
	steps  []step             // not answered yet
	parsed map[string]*parsed // not executed yet in this request
	first  *call              // has the round trip
	last   *call              // completed last
	sent   bool               // completely
	begun  bool               // the server worked on a part of it
	failed bool               // the server skips the rest
	fault  outcome            // of the failed step
	blamed any                // a *parsed or a *portal, if the error is not of an execution
}

// A step is one message of a request.
type step struct {
	kind   byte
	call   *call   // E, Q and F; nil for non-statements, such as a ping
	parsed *parsed // P and D
	portal *portal // B, D and E
	name   string  // C: name of a statement
}

// parsed is a statement from its Parse to the end of the request.
type parsed struct {
	name, sql string
	at        int   // position in the request
	call      *call // a prepare, if the request does not execute it
	executed  bool
	done      bool // the server accepted it
}

// A portal is a statement with its arguments.
type portal struct {
	parsed    *parsed // of an unanswered request, or nil
	sql       string
	identity  uint64
	call      *call
	parts     bool // its rows are fetched by several Executes
	suspended bool // the last Execute left some rows
	dropped   bool // another portal took its name
}

func init() {
	beside.Follow = func(recorder any, config, server *pgx.ConnConfig) beside.Conversation {
		return recorder.(*Recorder).follow(config, server)
	}
}

// follow is beside.Follow.
func (r *Recorder) follow(config, server *pgx.ConnConfig) *conversation {
	m := &meter{}
	c := &conversation{recorder: r, upstream: server, session: r.open(byProxy, m), latest: make(map[string]*parsed), portals: make(map[string]*portal)}
	c.session.config = config
	c.client.Kept = func(kind byte) bool { return kind != 'd' && kind != 'p' }
	c.server.Kept = func(kind byte) bool { return kind == 'C' || kind == 'E' || kind == 'Z' || kind == 'K' }
	c.witness.Meter = &m.Meter
	return c
}

// Client reads the next bytes of the client.
func (c *conversation) Client(b []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.client.Take(b, c.ask)
}

// errUnreadable is for the client. A server would refuse such a message too.
var errUnreadable = errors.New("the message does not follow PostgreSQL's protocol")

// ask handles a message of the client that the server has not received yet.
func (c *conversation) ask(kind byte, body []byte) error {
	if c.over {
		return nil // the session has ended
	}
	switch kind {
	case 'P':
		return read(c, body, c.parse)
	case 'B':
		return read(c, body, c.bind)
	case 'D':
		return read(c, body, c.describe)
	case 'E':
		return read(c, body, c.execute)
	case 'C':
		return read(c, body, c.close)
	case 'Q':
		return read(c, body, func(q *request, m *pgproto3.Query) { c.query(q, kind, m.String) })
	case 'F':
		return read(c, body, func(q *request, m *pgproto3.FunctionCall) {
			c.query(q, kind, fmt.Sprintf("CALL FUNCTION %d", m.Function))
		})
	case 'S':
		return read(c, body, c.sync)
	case 'c', 'f': // the end of a copy
		if c.copying {
			c.copying = false
		} else {
			c.add(c.sending(), step{kind: 'c'})
		}
		return nil
	case 'd', 'H', 'p', 'X':
		return nil
	}
	return errUnreadable
}

// read passes on a message of a request, and the request.
func read[M any, P interface {
	*M
	pgproto3.FrontendMessage
}](c *conversation, body []byte, handle func(q *request, m P)) error {
	m := P(new(M))
	if m.Decode(body) != nil { // the error may quote the client
		return errUnreadable
	}
	handle(c.sending(), m)
	return nil
}

// sending returns the request that the client is sending.
func (c *conversation) sending() *request {
	if n := len(c.requests); n > 0 && !c.requests[n-1].sent {
		return c.requests[n-1]
	}
	q := &request{}
	c.requests = append(c.requests, q)
	return q
}

// add records a step that the server must answer, unless it skips it.
func (c *conversation) add(q *request, s step) {
	if q.failed {
		c.skip(q, s)
	} else {
		q.steps = append(q.steps, s)
	}
}

func (c *conversation) parse(q *request, m *pgproto3.Parse) {
	c.settle(q, q.parsed[m.Name])
	p := &parsed{name: m.Name, sql: m.Query, at: len(q.parsed)}
	if q.parsed == nil {
		q.parsed = make(map[string]*parsed)
	}
	q.parsed[m.Name], c.latest[m.Name] = p, p
	c.add(q, step{kind: 'P', parsed: p})
}

func (c *conversation) describe(q *request, m *pgproto3.Describe) {
	s := step{kind: 'D'}
	if m.ObjectType == 'S' {
		s.parsed = c.latest[m.Name]
	} else {
		s.portal = c.portals[m.Name]
	}
	c.add(q, s)
}

func (c *conversation) bind(q *request, m *pgproto3.Bind) {
	c.drop(m.DestinationPortal)
	p := &portal{parsed: c.latest[m.PreparedStatement]}
	switch {
	case p.parsed != nil:
		p.sql = p.parsed.sql
	case m.PreparedStatement == "":
		p.sql = c.unnamed
	default:
		p.sql = c.prepared.resolved(m.PreparedStatement)
	}
	args := []any{m.ParameterFormatCodes}
	for _, arg := range m.Parameters {
		args = append(args, arg)
	}
	p.identity = identity.Arguments(p.sql, args)
	c.portals[m.DestinationPortal] = p
	c.add(q, step{kind: 'B', portal: p})
}

// execute begins a statement, or continues one whose rows are fetched in parts.
func (c *conversation) execute(q *request, m *pgproto3.Execute) {
	p := c.portals[m.Portal]
	if p == nil { // a cursor
		p = &portal{sql: "EXECUTE " + pgx.Identifier{m.Portal}.Sanitize()}
	}
	if p.parsed != nil {
		p.parsed.executed = true
	}
	switch {
	case p.call != nil && p.parts && !p.call.ended():
	case sqltext.IsEmpty(p.sql):
		p.call = nil
	default:
		p.call = c.begin(q, kindQuery, p.sql, p.identity)
	}
	p.parts = m.MaxRows > 0
	q.first = cmp.Or(q.first, p.call)
	c.add(q, step{kind: 'E', call: p.call, portal: p})
}

func (c *conversation) close(q *request, m *pgproto3.Close) {
	s := step{kind: 'C'}
	if m.ObjectType == 'S' {
		c.settle(q, q.parsed[m.Name])
		s.name = m.Name
	} else {
		c.drop(m.Name)
	}
	c.add(q, s)
}

// query handles a message that ends its request.
func (c *conversation) query(q *request, kind byte, sql string) {
	c.settleAll(q)
	s := step{kind: kind}
	if kind == 'F' {
		s.call = c.begin(q, kindQuery, sql, 0)
	} else if !sqltext.IsEmpty(sql) {
		s.call = c.begin(q, kindQuery, sql, identity.Arguments(sql, nil))
	}
	c.add(q, s)
	q.sent = !q.failed
}

func (c *conversation) sync(q *request, _ *pgproto3.Sync) {
	if !c.copying {
		c.settleAll(q)
		q.steps = append(q.steps, step{kind: 'S'})
		q.sent = true
	}
}

// settle decides the purpose of a Parse, unless p is nil. A statement that its request does not
// execute is a prepare, with a round trip of its own.
func (c *conversation) settle(q *request, p *parsed) {
	if p == nil {
		return
	}
	delete(q.parsed, p.name)
	if p.executed {
		return
	}
	p.call = c.begin(q, kindPrepare, p.sql, 0)
	switch {
	case p.done:
		c.recorder.concluded(p.call, outcomeDone, 0)
	case q.failed:
		c.skip(q, step{kind: 'P', parsed: p})
	}
}

func (c *conversation) settleAll(q *request) {
	inOrder := func(a, b *parsed) int { return a.at - b.at }
	for _, p := range slices.SortedFunc(maps.Values(q.parsed), inOrder) {
		c.settle(q, p)
	}
}

// drop closes the portal of a name.
func (c *conversation) drop(name string) {
	if p := c.portals[name]; p != nil {
		p.dropped = true
		c.finish(p)
		delete(c.portals, name)
	}
}

// finish ends a statement without fetching all its rows, once the server has answered.
func (c *conversation) finish(p *portal) {
	if p.suspended {
		c.recorder.concluded(p.call, outcomeDone, 0)
	}
}
