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

// A Balance sets what a [Recorder] counted against what the servers said on the
// connections it is attached to, by the time that [Recorder.Balance] was called.
type Balance struct{ sums sums }

// Err returns nil if everything counted, with what is hidden and unfinished, adds up
// to what was on the wire, statement by statement. If not, no count is to be trusted,
// unless b was taken while statements were under way.
func (b Balance) Err() error { return b.sums.Err() }

// errSince is beside.ErrSince.
func (b Balance) errSince(before Balance) error { return unbalanced(b.sums.faults(before.sums)) }

func init() {
	beside.ErrSince = func(balance, before any) error { return balance.(Balance).errSince(before.(Balance)) }
	beside.Loose = func(recorder any) int { return int(recorder.(*Recorder).ledger.loose.Load()) }
	beside.Rivals = func(balance any) int { return balance.(Balance).sums.Rivals }
	beside.Connections = func(balance any) int { return balance.(Balance).sums.Connections }
}

// sums are what a [Balance] is of. All but Connections are statements that a server
// completed; one that failed is in none of them.
type sums struct {
	// What was counted: in scopes, by what it is; without an open scope, by whether
	// there had been one.
	SQL, Tx, Setup, Unattributed, Late int
	// Hidden is what a server completed while nothing was under way that pgx shows to
	// a tracer: pings, calls of the underlying pgconn.PgConn, what Conn.Deallocate sends.
	Hidden int
	// Unfinished is what a server completed within calls that have not ended, such as
	// those of a batch that was never closed, and what it completed on a connection after
	// the last call there, until a pool gets it back.
	Unfinished int
	// Mixed is what a server completed on connections that goroutines shared beyond what pgx
	// told of it, or less than that. It is in Unfinished too.
	Mixed int
	// Doubled is how many starts and ends reached the Recorder twice, as when a tracer that
	// passes on to it is set beside it.
	Doubled int
	// Untold is what a server completed, but for pings, where the Recorder reads along and
	// is told of nothing, or only of a part: the config has had another Tracer since Attach,
	// or pgconn has connected by it, which has no tracer. It is in Unfinished or in Hidden
	// too.
	Untold int
	// Wire is what the servers completed, all in all. It is counted on its own, from
	// the messages of the protocol.
	Wire int
	// Unwatched counts the statements on connections of which the Recorder does not read what
	// the server answers, as when BuildFrontend was set after Attach. They are in no other
	// figure.
	Unwatched int
	// Rivals is how many statements a proxy has seen while several scopes were open, and Lost
	// on how many connections it could not follow what was said. The former are in
	// Unattributed too.
	Rivals, Lost int
	// Connections is how many there have been that the Recorder was attached to.
	Connections int
	// Mismatches lists the calls for which the two differ, sorted.
	Mismatches []mismatch
}

// A mismatch is about a statement that was counted otherwise than the server said.
type mismatch struct {
	Bucket    string // "sql", "tx", "setup", "unattributed" or "late"
	Name      string
	Counted   int // statements
	Completed int // by the server
	Times     int
}

// Balance returns the balance since r was made. It is read figure by figure, so take it
// while nothing is under way: once all rows and batches are closed and all connections of a
// pool given back.
func (r *Recorder) Balance() Balance { return Balance{r.sums()} }

func (r *Recorder) sums() sums {
	b := &r.ledger
	total, rest, untold, connections := r.sessions.sums()
	ended := b.ended.Load() // before what it is part of
	return sums{
		SQL:          int(b.counted[inSQL].Load()),
		Tx:           int(b.counted[inTx].Load()),
		Setup:        int(b.counted[inSetup].Load()),
		Unattributed: int(b.counted[inUnattributed].Load()),
		Late:         int(b.counted[inLate].Load()),
		Hidden:       int(b.hidden.Load()),
		Unfinished:   int(b.inCalls.Load()-ended) + rest,
		Mixed:        int(b.mixed.Load()),
		Doubled:      int(b.doubled.Load()),
		Untold:       int(b.untold.Load()) + untold,
		Wire:         total,
		Unwatched:    int(b.unwatched.Load()),
		Rivals:       int(b.rivals.Load()),
		Lost:         int(b.lost.Load()),
		Connections:  connections,
		Mismatches:   b.list(),
	}
}

// Err is Balance.Err.
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

// faults says what is wrong of b and was not before.
func (b sums) faults(before sums) []string {
	var parts []string
	if b.Unfinished < 0 && b.Unfinished < before.Unfinished {
		parts = append(parts, fmt.Sprintf("%d more statements counted in calls than were completed there", -b.Unfinished))
	}
	if n := b.Mixed - before.Mixed; n != 0 {
		parts = append(parts, fmt.Sprintf(
			"%s more completed than pgx told on connections that goroutines shared; let one at a time use a connection or a transaction", plural(n, "statement")))
	}
	if n := b.Doubled - before.Doubled; n > 0 {
		parts = append(parts, fmt.Sprintf(
			"%s reached the Recorder twice, or another Recorder too; two are in the Tracer of the config, or one in two ways: leave one out", plural(n, "call")))
	}
	if n := b.Untold - before.Untold; n > 0 {
		parts = append(parts, fmt.Sprintf(
			"%s on connections whose Tracer does not pass everything on to the Recorder, or that pgconn opened without pgx; set no other Tracer after Attach, or one that implements all that a Recorder does, and give pgconn a config that no Recorder is attached to", plural(n, "statement")))
	}
	if n := b.Unwatched - before.Unwatched; n > 0 {
		parts = append(parts, fmt.Sprintf(
			"%s on connections of which the Recorder does not read what the server answers; set BuildFrontend before Attach", plural(n, "statement")))
	}
	if n := b.Rivals - before.Rivals; n > 0 {
		parts = append(parts, fmt.Sprintf(
			"%s came through a counting URL while several tests were measured, and nobody can tell whose it was; give each test a Recorder, a counting URL and a service of its own, or do not run them in parallel", plural(n, "statement")))
	}
	if n := b.Lost - before.Lost; n > 0 {
		parts = append(parts, fmt.Sprintf(
			"the answers on %s through a counting URL cannot be told apart; please report what the client is", plural(n, "connection")))
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

// A bucket is one of the figures of what was counted.
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

// A ledger adds up what a Recorder counted and what the wire said meanwhile.
type ledger struct {
	counted [bucketCount]atomic.Int64
	inCalls atomic.Int64 // completed within calls
	ended   atomic.Int64 // of that, within calls that have ended
	mixed   atomic.Int64 // by the wire more than pgx told, within crowded calls that have ended
	hidden  atomic.Int64
	// unwatched are the statements of which nothing is known but what pgx told.
	unwatched atomic.Int64
	doubled   atomic.Int64 // starts and ends that came twice
	untold    atomic.Int64 // see session.completed
	loose     atomic.Int64 // of that which is hidden: on connections of no pool, and no pings; and what Unwrap has given
	rivals    atomic.Int64 // statements that nobody knows the scope of, as several are open
	lost      atomic.Int64 // conversations in which a server answered what was not asked

	mu         sync.Mutex
	mismatches map[mismatch]int
}

// enter adds a call that has ended. Where pgx and the server tell otherwise how much was
// done, the server knows; that nothing was done of what ended well it cannot say. Of calls
// that goroutines made on one connection at the same time pgx tells what became of each,
// and the server only of all together: a difference stays in Unfinished.
func (b *ledger) enter(c *call) {
	if c.kind != kindQuery && c.kind != kindCopy {
		if c.has(crowded) {
			b.mixed.Add(int64(c.statements()))
		} else {
			b.ended.Add(int64(c.statements()))
		}
		return
	}
	switch {
	case c.way == byDriver:
		return // there is nothing to hold it against
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
	b.ended.Add(int64(sent))
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
	b.ended.Add(int64(sent))
	if counted > sent {
		b.differ(c, counted, sent)
		return
	}
	// Items that are strings of several statements, or whose results nobody was told of
	// before the connection ended.
	b.counted[bucketOf(c, "")].Add(int64(sent - counted))
}

// bucketOf returns where a statement of c belongs.
func bucketOf(c *call, text string) bucket {
	switch {
	case c.setup:
		return inSetup
	case c.late:
		return inLate
	case c.stray && c.counter == nil:
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
