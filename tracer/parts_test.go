package tracer_test

import (
	"context"
	"testing"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// pgx reports a string of several statements as one.
func TestParts(t *testing.T) {
	for _, c := range []struct{ sql, want string }{
		{"select 1", "query select ?"},
		{"select 1;", "query select ?"},
		{"select 1 ; ;\n", "query select ?"},
		{"; select 1", "query select ?"},
		{"select ';'", "query select ?"},
		{`select 1 as "a;b"`, `query select ? as "a;b"`},
		{"select 1 -- a; b", "query select ?"},
		{"select $$a; b$$", "query select ?"},
		{"DO $$ BEGIN PERFORM 1; PERFORM 2; END $$", "query DO ?"},
		{"CREATE RULE r AS ON INSERT TO a DO (DELETE FROM b; DELETE FROM c)", "query CREATE RULE r AS ON INSERT TO a DO (DELETE FROM b; DELETE FROM c)"},
		{"select 1; select 2", "batch , query select ?, query select ?"},
		{"begin; commit", "batch , tx begin, tx commit"},
		{"begin; insert into item values (1); commit", "batch , tx begin, query insert into item values (?), tx commit"},
		{`select 1 as "begin;"; commit`, `batch , query select ? as "begin;", tx commit`},
		{"commit; select 1", "batch , tx commit, query select ?"},
		{"-- name: Both :exec\nselect 1; select 2", "batch , query Both, query Both"},
	} {
		var r tracer.Recorder
		recording := record(t, func(ctx context.Context) { query(ctx, tracer.HooksOf(&r), c.sql) })
		got := ""
		for i, e := range recording.Events {
			if i > 0 {
				got += ", "
				if e.Parent != 0 {
					t.Errorf("%q: parent of event %d is %d, want the string", c.sql, i, e.Parent)
				}
			}
			got += string(e.Kind) + " " + e.Name
		}
		if got != c.want {
			t.Errorf("%q\n got %s\nwant %s", c.sql, got, c.want)
		}
	}
}
