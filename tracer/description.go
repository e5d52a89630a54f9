package tracer

import (
	"github.com/fanout-bench/fanout-bench/tracer/internal/identity"
	"github.com/fanout-bench/fanout-bench/tracer/internal/sqltext"
)

// StatementName returns what a report calls the statement: the name in an
// sqlc-style header (-- name: GetOrder :one), else the SQL without comments, in at most 84
// columns of a terminal. It contains no value that the SQL contained, and depends on nothing
// but the SQL. The same statement with other values has the same name: "?" stands for
// literals, parameters and lists of them, and IN with a list reads "= ?", as ORMs write it for
// one value. Of what is longer, lists of columns become "…", then other clauses and the end; a
// hash of the statement follows, so that another one has another name.
func StatementName(sql string) string { return sqltext.Name(sql) }

// A description is what a report says of a statement.
type description struct {
	kind   Kind
	name   string
	effect sqltext.Effect
	sql    uint64 // of a statement, with its constants
}

// texts remembers descriptions: each takes microseconds, and a fan-out repeats the
// same few texts.
type texts map[textKey]description

type textKey struct {
	kind Kind
	text string
}

func (t texts) describe(c *call, text string) description {
	k := kinds[c.kind]
	if c.setup {
		switch k {
		case KindQuery, KindCopy, KindBatch, KindPrepare:
			k = KindSetup
		}
	}
	key := textKey{k, text}
	d, ok := t[key]
	if !ok {
		d.kind, d.name = classify(k, text)
		if c.kind == kindQuery {
			d.sql = identity.Text(d.name + "\x00" + sqltext.Bare(text))
		}
		switch d.kind {
		case KindQuery:
			d.effect = sqltext.EffectOf(text)
		case KindCopy:
			d.effect = sqltext.Effect{Writes: true}
		case KindSetup:
			d.effect = sqltext.EffectOf(text) // it may set what statements of the application read
		case KindTx:
			d.effect.Writes = sqltext.RollsBack(text)
		}
		t[key] = d
	}
	return d
}

// identity is that of c, of which is known only what it was given.
func (d description) identity(c *call) uint64 {
	if c.identity == 0 || c.kind != kindQuery {
		return c.identity
	}
	return identity.Statement(d.sql, c.identity)
}

func (d description) into(e *Event, c *call) {
	e.Kind, e.Name = d.kind, d.name
	writes := d.effect.Writes || c.has(undone|cut) // the rest of it is not known
	e.Writes, e.Locks = writes || d.effect.Locks, d.effect.Locks && !writes
	if d.effect.Varies {
		e.Identity = 0
	}
}

// classify turns what a call was recorded with into what is reported.
func classify(kind Kind, text string) (Kind, string) {
	switch kind {
	case KindQuery:
		if sqltext.IsTx(text) {
			return KindTx, sqltext.Name(text)
		}
		return KindQuery, sqltext.Name(text)
	case KindSetup, KindPrepare:
		return kind, sqltext.Name(text)
	default:
		return kind, text
	}
}
