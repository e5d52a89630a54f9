package tracer

import (
	"strings"

	sqllexer "github.com/DataDog/go-sqllexer"
)

// A string of the simple protocol may hold several statements, of which pgx tells
// no more than of one.

// partsOf returns the statements of sql, with constants blanked, or nil if it is one.
func partsOf(sql string) []string {
	if body := strings.TrimRight(sql, "; \t\r\n"); !strings.Contains(body, ";") {
		return nil
	}
	var (
		parts []string
		part  strings.Builder
		depth int
		lexer = sqllexer.New(masked(sql), sqllexer.WithDBMS(sqllexer.DBMSPostgres))
	)
	flush := func() {
		if text := strings.TrimSpace(part.String()); text != "" {
			parts = append(parts, text)
		}
		part.Reset()
	}
	for {
		token := lexer.Scan()
		switch {
		case token.Type == sqllexer.EOF, token.Type == sqllexer.ERROR:
			flush()
			if len(parts) < 2 {
				return nil
			}
			return parts
		case token.Value == "(":
			depth++
		case token.Value == ")":
			depth--
		case token.Value == ";" && depth <= 0: // CREATE RULE … DO (…; …) is one statement
			flush()
			continue
		}
		part.WriteString(token.Value)
	}
}

// parts returns the statements of c if it is a string of several. Only the wire
// tells for certain: the body of CREATE FUNCTION … BEGIN ATOMIC has semicolons too.
func (c *call) parts() []string {
	if c.kind != kindQuery || c.setup || !c.sends() {
		return nil
	}
	parts := partsOf(c.text)
	if parts == nil || c.watched && c.result() != outcomeUnfinished && c.completedParts(parts, c.statements()) == nil {
		return nil
	}
	return parts
}

func (c *call) statements() int { return traffic(c.traffic.Load()).statements() }

// completedParts returns the first sent of parts if that can have become of c, else
// nil. All of them may have been completed and the commit that follows have failed.
func (c *call) completedParts(parts []string, sent int) []string {
	n := len(parts)
	switch o := c.result(); {
	case o.completed() && sent == n,
		o == outcomeFailed && sent <= n,
		o == outcomeUnknown && sent <= n:
		return parts[:sent:sent]
	}
	return nil
}

// partsDone returns the statements of c that the server has completed, which says it
// completed sent of them, or nil if that contradicts how c ended.
func (c *call) partsDone(sent int) []string {
	parts := partsOf(c.text)
	if parts == nil {
		parts = []string{c.text}
	}
	return c.completedParts(parts, sent)
}

// partEvents returns the event of a string of several statements, at index at, and
// those of the statements.
func partEvents(e Event, c *call, parts []string, known texts, at int) []Event {
	whole := e
	whole.Kind, whole.Identity = Batch, 0
	events := []Event{whole}
	named := header.MatchString(c.text) // for all of them
	for i, text := range parts {
		part := e
		part.Parent, part.RoundTrips = at, 0
		if c.identity != 0 {
			part.Identity = mix(c.identity, uint64(i)+1)
		}
		known.describe(c, text).into(&part, c)
		if named {
			part.Name = StatementName(c.text)
		}
		part.Outcome = c.partOutcome(i)
		part.Stack = withoutStore(part.Stack, part.Kind, part.Name)
		events = append(events, part)
	}
	return events
}

// partOutcome is what became of the statement i of c.
func (c *call) partOutcome(i int) Outcome {
	o := c.result()
	if o != outcomeFailed {
		return outcomes[o]
	}
	switch sent := c.statements(); {
	case !c.watched:
		return Unknown // which of them failed
	case i < sent:
		return Done
	case i == sent:
		return Failed
	default:
		return Skipped
	}
}
