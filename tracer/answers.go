package tracer

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/fanout-bench/fanout-bench/tracer/internal/wire"
)

// Server reads the next bytes of the server. An error means that the server does not speak
// PostgreSQL's protocol.
func (c *conversation) Server(b []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.witness.Take(b)
	c.witness.Meter.Take() // each statement is attributed to its call below
	return c.server.Take(b, c.answer)
}

// Close ends the conversation. The server may have done what it has not answered yet.
func (c *conversation) Close() {
	c.mu.Lock()
	c.conclude(outcomeUnknown)
	for _, p := range c.portals {
		c.finish(p)
	}
	c.portals, c.latest = nil, nil
	c.over = true
	left := c.left
	c.mu.Unlock()
	c.session.closed()
	if left != nil {
		left()
	}
}

// answer handles a message of the server that the client has not received yet.
func (c *conversation) answer(kind byte, body []byte) error {
	switch kind {
	case 'K':
		if len(body) >= 4 && c.left == nil {
			c.left = c.recorder.sessions.reached(c.upstream, binary.BigEndian.Uint32(body))
		}
		return nil
	case 'A', 'D', 'N', 'R', 'S', 'c', 'd', 'v': // answers nothing, or is followed by more
		return nil
	}
	q := &c.nothing
	if len(c.requests) > 0 {
		q = c.requests[0]
	}
	head := q.head()
	switch kind {
	case '1', '2', 'T', 'G', 'H', 'W':
		q.begun = true
	}
	fits := strings.IndexByte(answers[head.kind], kind) >= 0
	switch {
	case strings.IndexByte(checked, kind) < 0:
	case !c.expect(fits):
		if kind == 'C' || kind == 'I' {
			c.recorder.ledger.add(inHidden, 1)
		}
		return nil
	case head.kind != 'Q' && strings.IndexByte(lasts, kind) >= 0:
		q.next()
	}
	switch kind {
	case '1':
		c.accepted(head.parsed)
	case '3':
		c.prepared.forget(head.name)
	case 'G':
		if head.kind == 'E' {
			c.copyIn(q)
		}
	case 'C', 'I':
		c.completed(q, head, strings.TrimRight(string(body), "\x00"))
	case 's':
		if head.portal.suspended = true; head.portal.dropped {
			c.finish(head.portal)
		}
	case 'E': // ErrorResponse
		var m pgproto3.ErrorResponse
		if err := m.Decode(body); err != nil {
			return errUnreadable
		}
		c.fail(q, head, &m)
	case 'Z': // ReadyForQuery
		if !c.started {
			c.started = true
		} else if c.expect(q.sent && len(q.steps) == 1) {
			c.ready(q, head, string(body) == "I")
		}
	}
	return nil
}

// answers has what the server may answer to each kind of step, besides errors.
var answers = map[byte]string{
	'P': "1",    // ParseComplete
	'B': "2",    // BindComplete
	'C': "3",    // CloseComplete
	'D': "tTn",  // ParameterDescription, RowDescription, NoData
	'E': "GCIs", // CopyInResponse, CommandComplete, EmptyQueryResponse, PortalSuspended
	'Q': "TGCI", // RowDescription and the same
	'F': "V",    // FunctionCallResponse
}

const (
	checked = "123tTnGCIsV" // all of them
	lasts   = "123TnCIs"    // the last ones of a step, unless that is a Query of several statements
)

// expect records an answer that does not fit the request: the counts can then not be trusted. It
// returns right.
func (c *conversation) expect(right bool) bool {
	if !right && !c.lost {
		c.lost = true
		c.recorder.ledger.add(inLost, 1)
	}
	return right
}

// head returns the step that the server answers next. The end of a copy has no answer.
func (q *request) head() step {
	for len(q.steps) > 0 && q.steps[0].kind == 'c' {
		q.next()
	}
	if len(q.steps) == 0 {
		return step{}
	}
	return q.steps[0]
}

func (q *request) next() {
	q.steps[0] = step{}
	q.steps = q.steps[1:]
}

// accepted records that the server parsed a statement.
func (c *conversation) accepted(p *parsed) {
	p.done = true
	if p.name == "" {
		c.unnamed = p.sql
	} else {
		c.prepared.remember(p.name, p.sql)
	}
	c.recorder.concluded(p.call, outcomeDone, 0)
	if p.call != nil {
		c.forget(p)
	}
}

// forget drops a statement that its request no longer refers to.
func (c *conversation) forget(p *parsed) {
	if c.latest[p.name] == p {
		delete(c.latest, p.name)
	}
}

// completed records the end of a statement.
func (c *conversation) completed(q *request, head step, tag string) {
	switch tag {
	case "DEALLOCATE ALL", "DISCARD ALL":
		c.prepared.forgetAll()
	case "DEALLOCATE":
		c.prepared.forget(deallocated(head))
	}
	switch {
	case head.call == nil, head.call.ended():
		c.expect(head.call != nil || tag == "") // the answer to an empty query has no tag
		c.recorder.ledger.add(inHidden, 1)
	default:
		c.recorder.ledger.add(inUnfinished, 1)
		head.call.traffic.Add(1)
		q.last = head.call
		if head.kind == 'Q' {
			head.call.outcome.Or(flagsOf(tag))
		} else {
			c.recorder.concluded(head.call, outcomeDone, flagsOf(tag))
		}
	}
}

// deallocated returns the name of the statement that a DEALLOCATE names.
func deallocated(s step) string {
	if s.call == nil {
		return ""
	}
	words := strings.Fields(strings.TrimRight(s.call.text, "; \t\r\n"))
	if len(words) == 0 {
		return ""
	}
	name := words[len(words)-1]
	if quoted, ok := strings.CutPrefix(name, `"`); ok {
		return strings.ReplaceAll(strings.TrimSuffix(quoted, `"`), `""`, `"`)
	}
	return strings.ToLower(name)
}

// copyIn records that a copy begins in a request of several messages. The server ignores each
// Sync until the end of the copy.
func (c *conversation) copyIn(q *request) {
	ended := func(s step) bool { return s.kind == 'c' }
	for q.sent && !slices.ContainsFunc(q.steps, ended) {
		q.steps = q.steps[:len(q.steps)-1]
		q.sent = false
		if len(c.requests) > 1 {
			next := c.requests[1]
			q.steps = append(q.steps, next.steps...)
			q.sent = next.sent
			c.requests = append(c.requests[:1], c.requests[2:]...)
		}
	}
	c.copying = !slices.ContainsFunc(q.steps, ended)
}

// fail records an error.
func (c *conversation) fail(q *request, head step, m *pgproto3.ErrorResponse) {
	signs := wire.SignsOf(pgconn.ErrorResponseToPgError(m), head.kind == 'P', head.kind == 'E')
	fatal := signs == wire.Fatal
	if len(c.requests) == 0 {
		c.expect(fatal || !c.started)
		c.over = c.over || fatal
		return
	}
	c.copying = false
	if head.kind == 'Q' || head.kind == 'F' {
		if head.call != nil {
			if q.begun {
				signs |= wire.Begun
			}
			head.call.outcome.Or(uint32(signs))
		}
		q.failed = true
	} else {
		c.failStep(q, head, signs)
	}
	if fatal {
		c.end()
	}
}

// failStep records an error about one message of a request. The server skips the rest.
func (c *conversation) failStep(q *request, head step, signs wire.Signs) {
	q.fault = outcomeFailed
	switch {
	case signs == wire.Refused:
		q.fault = outcomeRefused
	case signs == wire.Fatal && !q.begun && q.last == nil:
		q.fault = outcomeNotSent
	}
	switch {
	case head.parsed != nil:
		q.blamed = head.parsed
	case head.portal != nil:
		q.blamed = head.portal
	case head.kind == 'S': // at the end of the transaction
		if q.last != nil {
			q.last.settle(outcomeFailed, 0)
		}
		return
	}
	q.failed = true
	steps := q.steps
	q.steps = nil
	for i, s := range steps {
		if s.kind == 'S' {
			q.steps = steps[i:]
			break
		}
		c.expect(s.kind != 'Q' && s.kind != 'F') // the server skips this step too; a Sync is still to come
		c.skip(q, s)
	}
}

// skip records a step that the server skips: it failed, or follows a failed step.
func (c *conversation) skip(q *request, s step) {
	o := outcomeSkipped
	switch s.kind {
	case 'E':
		if q.blamed != nil && (q.blamed == any(s.portal) || q.blamed == any(s.portal.parsed)) {
			o, q.blamed = q.fault, nil
		}
	case 'P':
		switch {
		case q.blamed != any(s.parsed):
			c.forget(s.parsed)
		case q.fault == outcomeNotSent:
			o = outcomeNotSent
		default:
			o = outcomeFailed
		}
		s.call = s.parsed.call
	}
	c.recorder.concluded(s.call, o, 0)
}

// end records that the server ended the session.
func (c *conversation) end() {
	c.over = true
	if call := c.requests[0].head().call; call != nil { // of a Q or F
		c.recorder.concluded(call, call.corrected(outcomeFailed), 0)
	}
	c.conclude(outcomeNotSent)
}

// conclude ends what the server has not answered.
func (c *conversation) conclude(o outcome) {
	for _, q := range c.requests {
		for _, s := range q.steps {
			c.recorder.concluded(s.call, o, 0)
			if s.parsed != nil {
				c.recorder.concluded(s.parsed.call, o, 0)
			}
		}
	}
	c.requests = nil
}

// ready ends the request that the server has answered.
func (c *conversation) ready(q *request, head step, idle bool) {
	if q.first != nil {
		q.first.traffic.Add(1 << 32)
	}
	if call := head.call; call != nil {
		o := outcomeDone
		if q.failed {
			o = call.corrected(outcomeFailed)
		}
		c.recorder.concluded(call, o, 0)
	}
	if head.kind == 'Q' { // which drops it
		c.unnamed = ""
	}
	c.requests[0] = nil
	c.requests = c.requests[1:]
	if len(c.requests) == 0 {
		clear(c.latest)
	}
	if !idle {
		return
	}
	for name, p := range c.portals { // they end with the transaction
		if p.suspended || p.call != nil && p.call.ended() {
			c.finish(p)
			delete(c.portals, name)
		}
	}
}
