package tracer

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
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
	beside.Loose = func(recorder any) int { return recorder.(*Recorder).ledger.get(inLoose) }
	beside.Hooks = func(recorder any) int { return recorder.(*Recorder).ledger.get(inHooks) }
	beside.Rivals = func(balance any) int { return balance.(sums).of[inRivals] }
	beside.Connections = func(balance any) int { return balance.(sums).of[inConnections] }
}

// A figure is one of the sums of a Recorder. All but inDoubled, inLost, inHooks and inConnections
// count statements that a server completed. Failed statements are in none of those.
type figure int

const (
	// Counted statements by kind, if they have a scope. Unattributed ones have no scope; late
	// ones have a scope that had ended.
	inSQL figure = iota
	inTx
	inSetup
	inUnattributed
	inLate
	// inHidden counts statements that a server completed outside of the calls that pgx shows to
	// tracers: pings, calls of pgconn.PgConn, and the work of Conn.Deallocate.
	inHidden
	// inUnfinished counts statements within calls that have not ended, such as an unclosed batch,
	// and statements after the last call on a connection until a pool gets it back.
	inUnfinished
	// inWire counts all statements that the servers completed. It is counted independently, from
	// the messages of the protocol. The figures before add up to it.
	inWire
	// inMixed is the difference between the server and pgx on connections that goroutines shared,
	// within calls that have ended. It is part of inUnfinished.
	inMixed
	// inDoubled counts starts and ends that reached the Recorder twice, for example because it is
	// installed both directly and behind another tracer.
	inDoubled
	// inUntold counts statements, except pings, on connections that the Recorder reads but is not
	// told about, or not fully: the config got another Tracer after Attach, or pgconn, which has
	// no tracer, used the config to connect. They are part of inUnfinished or inHidden.
	inUntold
	// inUnwatched counts statements on connections whose answers the Recorder does not read, for
	// example because BuildFrontend was set after Attach. They are in no other figure.
	inUnwatched
	// inRivals counts statements that a proxy saw while several scopes were open; they are part of
	// inUnattributed. inLost counts connections whose messages the proxy could not follow.
	inRivals
	inLost
	// inLoose is the part of inHidden on connections outside pools, without pings; and Unwrap calls.
	inLoose
	inHooks       // begun by a pool's hooks outside of scopes; they belong to nobody
	inConnections // that the Recorder was attached to
	figureCount
)

// sums are what a Recorder counted and what the servers reported on its connections.
type sums struct {
	of         [figureCount]int
	mismatches map[mismatch]int // how often the two counts differ for a call
}

// A mismatch is a statement that the Recorder counted differently from the server.
type mismatch struct {
	Bucket    string // "sql", "tx", "setup", "unattributed" or "late"
	Name      string
	Counted   int // statements
	Completed int // by the server
}

// Balance returns nil if the counted, hidden and unfinished statements since r was made add up to
// those that the servers reported on its connections, for each statement. If it returns an error,
// do not trust any count. The figures are not read atomically: call it while no work is under
// way, with all rows and batches closed and all connections back in their pools.
func (r *Recorder) Balance() error { return r.sums().Err() }

func (r *Recorder) sums() sums {
	s := r.sessions.sums()
	for f := range s.of {
		s.of[f] += r.ledger.get(figure(f))
	}
	r.ledger.mu.Lock()
	defer r.ledger.mu.Unlock()
	s.mismatches = maps.Clone(r.ledger.mismatches)
	return s
}

// Err is Recorder.Balance.
func (b sums) Err() error {
	parts := b.faults(sums{})
	sum := 0
	for _, n := range b.of[:inWire] {
		sum += n
	}
	if sum != b.of[inWire] || len(b.mismatches) > 0 {
		parts = append([]string{fmt.Sprintf("%d statements counted, %d completed", sum, b.of[inWire])}, parts...)
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
	if n := b.of[inUnfinished]; n < 0 && n < before.of[inUnfinished] {
		parts = append(parts, fmt.Sprintf("calls have %d more statements counted than the server completed", -n))
	}
	if n := b.of[inMixed] - before.of[inMixed]; n != 0 {
		parts = append(parts, fmt.Sprintf(
			"goroutines shared connections, which executed %s more than pgx reported; use a connection or a transaction in one goroutine at a time", plural(n, "statement")))
	}
	for _, f := range []struct {
		figure       figure
		noun, format string
	}{
		{inDoubled, "call", "%s reached the Recorder twice, or also another Recorder; the Tracer of the config contains two, or the same one twice: remove one"},
		{inUntold, "statement", "%s on connections that do not report everything to the Recorder: their Tracer was set after Attach and does not implement all that a Recorder does, or pgconn opened them without pgx; do not replace the Tracer after Attach, and connect pgconn with a config without a Recorder"},
		{inUnwatched, "statement", "%s on connections whose answers the Recorder does not read; set BuildFrontend before Attach"},
		{inRivals, "statement", "%s came through a counting URL while several tests were measured, so their test is unknown; give each test its own Recorder, counting URL and service, or do not run them in parallel"},
		{inLost, "connection", "the answers on %s through a counting URL do not fit the requests; please report which client you use"},
	} {
		if n := b.of[f.figure] - before.of[f.figure]; n > 0 {
			parts = append(parts, fmt.Sprintf(f.format, plural(n, f.noun)))
		}
	}
	for _, d := range slices.SortedFunc(maps.Keys(b.mismatches), mismatch.compare) {
		if n := b.mismatches[d] - before.mismatches[d]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %s: %d counted, %d completed, ×%d", d.Bucket, d.Name, d.Counted, d.Completed, n))
		}
	}
	return parts
}

func (d mismatch) compare(o mismatch) int {
	return cmp.Or(cmp.Compare(d.Bucket, o.Bucket), cmp.Compare(d.Name, o.Name),
		cmp.Compare(d.Counted, o.Counted), cmp.Compare(d.Completed, o.Completed))
}

var bucketNames = [...]string{inSQL: "sql", inTx: "tx", inSetup: "setup", inUnattributed: "unattributed", inLate: "late"}

// A ledger sums up what a Recorder counted, and what the wire reported.
type ledger struct {
	counts [figureCount]atomic.Int64

	mu         sync.Mutex
	mismatches map[mismatch]int
}

func (b *ledger) add(f figure, n int) { b.counts[f].Add(int64(n)) }

func (b *ledger) get(f figure) int { return int(b.counts[f].Load()) }

// enter adds a call that has ended. If pgx and the server disagree on how much was done, the
// server is right. It cannot report work of a call that completed without any. For calls of
// several goroutines on one connection, pgx reports each outcome and the server only the sum: a
// difference stays in Unfinished.
func (b *ledger) enter(c *call) {
	statement := c.kind == kindQuery || c.kind == kindCopy
	if !c.watched { // nothing to compare with
		if statement && c.way != byDriver {
			b.add(inUnwatched, 1)
		}
		return
	}
	sent := c.statements()
	if c.has(crowded) {
		sent = 0
		if statement && c.result().completed() {
			sent = max(len(c.split()), 1)
		}
		b.add(inMixed, c.statements()-sent)
	}
	b.add(inUnfinished, -sent)
	counted := sent
	switch {
	case !statement:
		counted = 0
	case sent == 0 && c.result().completed():
		counted = 1
		b.differ(c, counted, sent)
	}
	var parts []string
	if sent > 1 {
		parts = c.parts()
	}
	for i := range counted {
		text := c.text
		if i < len(parts) {
			text = parts[i]
		}
		b.add(bucketOf(c, text), 1)
	}
}

// enterBatch adds a batch that has ended, with its items.
func (b *ledger) enterBatch(c *call) {
	items := c.more.batch.items
	if !c.watched {
		b.add(inUnwatched, len(items))
		return
	}
	counted, sent := 0, c.statements()
	for _, item := range items {
		if item.call.result().completed() {
			b.add(bucketOf(item.call, item.call.text), 1)
			counted++
		}
	}
	if c.has(crowded) {
		b.add(inMixed, sent-counted)
		sent = counted
	}
	b.add(inUnfinished, -sent)
	if counted > sent {
		b.differ(c, counted, sent)
		return
	}
	// Items that are strings of several statements, or whose results were not reported before the
	// connection ended.
	b.add(bucketOf(c, ""), sent-counted)
}

// bucketOf returns the figure of a counted statement of c.
func bucketOf(c *call, text string) figure {
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
