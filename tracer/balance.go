package tracer

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/tracer/internal/sqltext"
)

func init() {
	beside.Balance = func(recorder any) any { return recorder.(*Recorder).sums() }
	beside.ErrSince = func(balance, before any) error { return unbalanced(balance.(sums).faults(before.(sums))) }
	beside.Loose = func(recorder any) int { return int(recorder.(*Recorder).ledger.loose.Load()) }
	beside.Hooks = func(recorder any) int { return int(recorder.(*Recorder).ledger.hooks.Load()) }
	beside.Rivals = func(balance any) int { return balance.(sums).Rivals }
	beside.Connections = func(balance any) int { return balance.(sums).Connections }
}

// sums are what a Recorder counted and what the servers reported on its connections. All but
// Connections count statements that a server completed. Failed statements are in none of them.
type sums struct {
	// Counted statements by kind, if they have a scope. Unattributed ones have no scope; Late
	// ones have a scope that had ended.
	SQL, Tx, Setup, Unattributed, Late int
	// Hidden counts statements that a server completed outside of the calls that pgx shows to
	// tracers: pings, calls of pgconn.PgConn, and the work of Conn.Deallocate.
	Hidden int
	// Unfinished counts statements within calls that have not ended, such as an unclosed batch,
	// and statements after the last call on a connection until a pool gets it back.
	Unfinished int
	// Mixed is the difference between the server and pgx on connections that goroutines shared.
	// It is part of Unfinished.
	Mixed int
	// Doubled counts starts and ends that reached the Recorder twice, for example because it is
	// installed both directly and behind another tracer.
	Doubled int
	// Untold counts statements, except pings, on connections that the Recorder reads but is not
	// told about, or not fully: the config got another Tracer after Attach, or pgconn, which has
	// no tracer, used the config to connect. They are part of Unfinished or Hidden.
	Untold int
	// Wire counts all statements that the servers completed. It is counted independently, from
	// the messages of the protocol.
	Wire int
	// Unwatched counts statements on connections whose answers the Recorder does not read, for
	// example because BuildFrontend was set after Attach. They are in no other figure.
	Unwatched int
	// Rivals counts statements that a proxy saw while several scopes were open; they are part of
	// Unattributed. Lost counts connections whose messages the proxy could not follow.
	Rivals, Lost int
	// Connections counts the connections that the Recorder was attached to.
	Connections int
	// Mismatches lists, sorted, the calls for which the two counts differ.
	Mismatches []mismatch
}

// A mismatch is a statement that the Recorder counted differently from the server.
type mismatch struct {
	Bucket    string // "sql", "tx", "setup", "unattributed" or "late"
	Name      string
	Counted   int // statements
	Completed int // by the server
	Times     int
}

// Balance returns nil if the counted, hidden and unfinished statements since r was made add up to
// those that the servers reported on its connections, for each statement. If it returns an error,
// do not trust any count. The figures are not read atomically: call it while no work is under
// way, with all rows and batches closed and all connections back in their pools.
func (r *Recorder) Balance() error { return r.sums().Err() }

func (r *Recorder) sums() sums {
	b := &r.ledger
	served := r.sessions.sums()
	return sums{
		SQL:          int(b.counted[inSQL].Load()),
		Tx:           int(b.counted[inTx].Load()),
		Setup:        int(b.counted[inSetup].Load()),
		Unattributed: int(b.counted[inUnattributed].Load()),
		Late:         int(b.counted[inLate].Load()),
		Hidden:       int(b.hidden.Load()),
		Unfinished:   int(b.unfinished.Load()) + served.rest,
		Mixed:        int(b.mixed.Load()),
		Doubled:      int(b.doubled.Load()),
		Untold:       int(b.untold.Load()) + served.untold,
		Wire:         served.statements,
		Unwatched:    int(b.unwatched.Load()),
		Rivals:       int(b.rivals.Load()),
		Lost:         int(b.lost.Load()),
		Connections:  served.connections,
		Mismatches:   b.list(),
	}
}

// Err is Recorder.Balance.
func (b sums) Err() error {
	parts := b.faults(sums{})
	sum := b.SQL + b.Tx + b.Setup + b.Unattributed + b.Late + b.Hidden + b.Unfinished
	if sum != b.Wire || len(b.Mismatches) > 0 {
		parts = append([]string{fmt.Sprintf("%d statements counted, %d completed", sum, b.Wire)}, parts...)
	}
	return unbalanced(parts)
}

func unbalanced(parts []string) error {
	if len(parts) == 0 {
		return nil
	}
	return errors.New("the counts do not add up to what the server did: " + strings.Join(parts, "; "))
}

// faults returns what is wrong with b and was not with before.
func (b sums) faults(before sums) []string {
	var parts []string
	if b.Unfinished < 0 && b.Unfinished < before.Unfinished {
		parts = append(parts, fmt.Sprintf("calls have %d more statements counted than the server completed", -b.Unfinished))
	}
	if n := b.Mixed - before.Mixed; n != 0 {
		parts = append(parts, fmt.Sprintf(
			"goroutines shared connections, which executed %s more than pgx reported; use a connection or a transaction in one goroutine at a time", plural(n, "statement")))
	}
	for _, f := range []struct {
		n            int
		noun, format string
	}{
		{b.Doubled - before.Doubled, "call", "%s reached the Recorder twice, or also another Recorder; the Tracer of the config contains two, or the same one twice: remove one"},
		{b.Untold - before.Untold, "statement", "%s on connections that do not report everything to the Recorder: their Tracer was set after Attach and does not implement all that a Recorder does, or pgconn opened them without pgx; do not replace the Tracer after Attach, and connect pgconn with a config without a Recorder"},
		{b.Unwatched - before.Unwatched, "statement", "%s on connections whose answers the Recorder does not read; set BuildFrontend before Attach"},
		{b.Rivals - before.Rivals, "statement", "%s came through a counting URL while several tests were measured, so their test is unknown; give each test its own Recorder, counting URL and service, or do not run them in parallel"},
		{b.Lost - before.Lost, "connection", "the answers on %s through a counting URL do not fit the requests; please report which client you use"},
	} {
		if f.n > 0 {
			parts = append(parts, fmt.Sprintf(f.format, plural(f.n, f.noun)))
		}
	}
	for _, d := range b.Mismatches {
		i := slices.IndexFunc(before.Mismatches, func(o mismatch) bool { o.Times = d.Times; return o == d })
		if i >= 0 {
			d.Times -= before.Mismatches[i].Times
		}
		if d.Times > 0 {
			parts = append(parts, fmt.Sprintf("%s %s: %d counted, %d completed, ×%d", d.Bucket, d.Name, d.Counted, d.Completed, d.Times))
		}
	}
	return parts
}

// A bucket is one figure of the counted statements.
type bucket int

const (
	inSQL bucket = iota
	inTx
	inSetup
	inUnattributed
	inLate
	bucketCount
)

var bucketNames = [bucketCount]string{"sql", "tx", "setup", "unattributed", "late"}

// A ledger sums up what a Recorder counted, and what the wire reported.
type ledger struct {
	counted    [bucketCount]atomic.Int64
	unfinished atomic.Int64 // completed within calls that have not ended
	mixed      atomic.Int64 // what the wire reported beyond pgx, within crowded calls that have ended
	hidden     atomic.Int64
	// unwatched counts statements that only pgx reports.
	unwatched atomic.Int64
	doubled   atomic.Int64 // starts and ends that arrived twice
	untold    atomic.Int64 // see session.completed
	loose     atomic.Int64 // the part of hidden on connections outside pools, without pings; and Unwrap calls
	hooks     atomic.Int64 // statements of a pool's hooks outside of scopes, which belong to nobody
	rivals    atomic.Int64 // statements that arrived while several scopes were open
	lost      atomic.Int64 // conversations with an answer that did not fit

	mu         sync.Mutex
	mismatches map[mismatch]int
}

// enter adds a call that has ended. If pgx and the server disagree on how much was done, the
// server is right. It cannot report work of a call that completed without any. For calls of
// several goroutines on one connection, pgx reports each outcome and the server only the sum: a
// difference stays in Unfinished.
func (b *ledger) enter(c *call) {
	if c.kind != kindQuery && c.kind != kindCopy {
		if c.has(crowded) {
			b.mixed.Add(int64(c.statements()))
		} else {
			b.unfinished.Add(-int64(c.statements()))
		}
		return
	}
	switch {
	case c.way == byDriver:
		return // nothing to compare with
	case !c.watched:
		b.unwatched.Add(1)
		return
	}
	sent := c.statements()
	if c.has(crowded) {
		sent = 0
		if c.result().completed() {
			sent = max(len(c.split()), 1)
		}
		b.mixed.Add(int64(c.statements() - sent))
	}
	b.unfinished.Add(-int64(sent))
	if sent == 0 && c.result().completed() {
		b.counted[bucketOf(c, c.text)].Add(1)
		b.differ(c, 1, sent)
		return
	}
	var parts []string
	if sent > 1 {
		parts = c.parts()
	}
	for i := range sent {
		text := c.text
		if i < len(parts) {
			text = parts[i]
		}
		b.counted[bucketOf(c, text)].Add(1)
	}
}

// enterBatch adds a batch that has ended, with its items.
func (b *ledger) enterBatch(c *call) {
	items := c.more.batch.items
	if !c.watched {
		b.unwatched.Add(int64(len(items)))
		return
	}
	for _, item := range items {
		if item.call.result().completed() {
			b.counted[bucketOf(item.call, item.call.text)].Add(1)
		}
	}
	counted := c.more.batch.completed()
	sent := c.statements()
	if c.has(crowded) {
		b.mixed.Add(int64(sent - counted))
		sent = counted
	}
	b.unfinished.Add(-int64(sent))
	if counted > sent {
		b.differ(c, counted, sent)
		return
	}
	// Items that are strings of several statements, or whose results were not reported before the
	// connection ended.
	b.counted[bucketOf(c, "")].Add(int64(sent - counted))
}

// bucketOf returns the bucket of a statement of c.
func bucketOf(c *call, text string) bucket {
	switch {
	case c.setup:
		return inSetup
	case c.late:
		return inLate
	case c.scope == nil && c.counter == nil:
		return inUnattributed
	case c.kind == kindQuery && sqltext.IsTx(text):
		return inTx
	}
	return inSQL
}

const maxMismatches = 64

func (b *ledger) differ(c *call, counted, sent int) {
	_, name := classify(kinds[c.kind], headOf(c.text))
	d := mismatch{Bucket: bucketNames[bucketOf(c, c.text)], Name: cmp.Or(name, string(kinds[c.kind])), Counted: counted, Completed: sent}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.mismatches == nil {
		b.mismatches = make(map[mismatch]int)
	}
	if _, known := b.mismatches[d]; known || len(b.mismatches) < maxMismatches {
		b.mismatches[d]++
	}
}

func (b *ledger) list() []mismatch {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []mismatch
	for d, n := range b.mismatches {
		d.Times = n
		list = append(list, d)
	}
	slices.SortFunc(list, func(x, y mismatch) int {
		return cmp.Or(cmp.Compare(x.Bucket, y.Bucket), cmp.Compare(x.Name, y.Name),
			cmp.Compare(x.Counted, y.Counted), cmp.Compare(x.Completed, y.Completed))
	})
	return list
}
