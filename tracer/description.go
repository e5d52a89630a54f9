package tracer

import (
	"github.com/fanout-bench/fanout-bench/tracer/internal/identity"
	"github.com/fanout-bench/fanout-bench/tracer/internal/sqltext"
)

// StatementName returns the name of a statement in reports: the name in an sqlc-style header (--
// name: GetOrder :one), or else the SQL without comments, in at most 84 terminal columns. The
// name depends only on the SQL and contains none of its values: "?" stands for literals,
// parameters and lists of them. IN with a list reads "= ?", as ORMs write it for one value.
// Longer statements are shortened: lists of columns become "…", then other clauses and the end,
// and a hash of the statement makes the name unique.
func StatementName(sql string) string { return sqltext.Name(sql) }

// A description is what a report says about a statement.
type description struct {
	kind   Kind
	name   string
	effect sqltext.Effect
	sql    uint64 // identity of the SQL with its constants
}

// texts caches descriptions: each takes microseconds, and fan-out repeats the same few texts.
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
		case KindQuery, KindSetup: // set_config may change what later statements read
			d.effect = sqltext.EffectOf(text)
		case KindCopy:
			d.effect = sqltext.Effect{Writes: true}
		case KindTx:
			d.effect.Writes = sqltext.RollsBack(text)
		}
		t[key] = d
	}
	return d
}

// identity returns the identity of c, for which only the arguments are known so far.
func (d description) identity(c *call) uint64 {
	if c.identity == 0 || c.kind != kindQuery {
		return c.identity
	}
	return identity.Statement(d.sql, c.identity)
}

func (d description) into(e *Event, c *call) {
	e.Kind, e.Name = d.kind, d.name
	writes := d.effect.Writes || c.has(undone|cut) // the rest of a cut text is unknown
	e.Writes, e.Locks = writes || d.effect.Locks, d.effect.Locks && !writes
	if d.effect.Varies {
		e.Identity = 0
	}
}

// classify returns the kind and text to report for a recorded call.
func classify(kind Kind, text string) (Kind, string) {
	switch kind {
	case KindQuery, KindSetup, KindPrepare:
		if kind == KindQuery && sqltext.IsTx(text) {
			kind = KindTx
		}
		return kind, sqltext.Name(text)
	default:
		return kind, text
	}
}
