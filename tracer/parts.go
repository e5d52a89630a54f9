package tracer

import (
	"slices"

	"github.com/fanout-bench/fanout-bench/tracer/internal/identity"
	"github.com/fanout-bench/fanout-bench/tracer/internal/sqltext"
	"github.com/fanout-bench/fanout-bench/tracer/internal/wire"
)

// A string of the simple protocol may hold several statements, of which pgx tells
// no more than of one.

// split is sqltext.Parts of the text of c. Where only the beginning of that is kept, each has it.
func (c *call) split() []string {
	if c.has(cut) {
		if c.more == nil || c.more.parts == 0 {
			return nil
		}
		return slices.Repeat([]string{c.text}, c.more.parts)
	}
	return sqltext.Parts(c.text)
}

// parts returns the statements of c if it is a string of several, else nil. Where the
// server has completed more, or fewer, than can be read from the string, as the body of
// CREATE FUNCTION … BEGIN ATOMIC has semicolons too, they are as many as it has
// completed, and each has the text of all.
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

// partEvents returns the event of a string of several statements, at index at, and
// those of the statements.
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

// partOutcome is what became of the statement i of c.
func (c *call) partOutcome(i int) Outcome {
	o, sent := c.result(), c.statements()
	switch {
	case o != outcomeFailed && o != outcomeUnknown || c.has(expanded):
		return outcomes[o]
	case !c.exact():
		return OutcomeUnknown // which of them failed
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
