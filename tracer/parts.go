package tracer

import (
	"slices"

	"github.com/fanout-bench/fanout-bench/tracer/internal/identity"
	"github.com/fanout-bench/fanout-bench/tracer/internal/sqltext"
	"github.com/fanout-bench/fanout-bench/tracer/internal/wire"
)

// A string in the simple protocol may contain several statements. pgx reports it as one.

// split returns sqltext.Parts of the text of c. If the text is cut, every part is the beginning.
func (c *call) split() []string {
	if c.has(cut) {
		if c.more == nil || c.more.parts == 0 {
			return nil
		}
		return slices.Repeat([]string{c.text}, c.more.parts)
	}
	return sqltext.Parts(c.text)
}

// parts returns the statements of c if it is a string of several, or else nil. If the server
// completed another number of statements than the string seems to contain (the body of CREATE
// FUNCTION … BEGIN ATOMIC has semicolons too), that number counts, and each has the whole text.
func (c *call) parts() []string {
	if c.kind != kindQuery || c.setup || !c.sends() && !c.has(expanded) {
		return nil
	}
	parts := c.split()
	o, sent := c.result(), c.statements()
	if !c.exact() || o == outcomeUnfinished || c.has(expanded) {
		return parts
	}
	n := max(len(parts), 1)
	switch {
	case sent == n, sent < n && !o.completed():
		return parts
	case o.completed():
		n = sent
	default:
		n = sent + 1
	}
	if n < 2 {
		return nil
	}
	return slices.Repeat([]string{c.text}, n)
}

func (c *call) statements() int { return wire.Traffic(c.traffic.Load()).Statements() }

// partEvents returns the event of a string of several statements, at index at, followed by those
// of its statements.
func partEvents(e Event, c *call, parts []string, known texts, at int) []Event {
	whole := e
	whole.Kind, whole.Identity = KindBatch, 0
	events := []Event{whole}
	named := sqltext.HasHeader(c.text) // for all of them
	for i, text := range parts {
		part := e
		part.Parent, part.RoundTrips = at, 0
		if e.Identity != 0 {
			part.Identity = identity.Part(e.Identity, i)
		}
		known.describe(c, text).into(&part, c)
		if named {
			part.Name = sqltext.Name(c.text)
		}
		part.Outcome = c.partOutcome(i)
		part.Stack = withoutStore(part.Stack, part.Kind, part.Name)
		events = append(events, part)
	}
	return events
}

// partOutcome returns the outcome of statement i of c.
func (c *call) partOutcome(i int) Outcome {
	o, sent := c.result(), c.statements()
	switch {
	case o != outcomeFailed && o != outcomeUnknown || c.has(expanded):
		return outcomes[o]
	case !c.exact():
		return OutcomeUnknown // it is unknown which one failed
	case i < sent:
		return OutcomeDone
	case i > sent:
		return OutcomeSkipped
	case c.told(o) == outcomeRefused:
		return OutcomeNotSent
	default:
		return outcomes[o]
	}
}
