package tracer_test

import (
	"context"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// Repeats are classified as repeated, or by the reason why not.
func TestWhyEqualIsNotRepeated(t *testing.T) {
	const none, repeated, writes, locks = tracer.Repeat(""), tracer.Repeated, tracer.WritesAgain, tracer.LocksAgain
	const afterWrite, afterFailure = tracer.AfterWrite, tracer.AfterFailure
	const read = "SELECT name FROM item WHERE id = 1"
	for _, c := range []struct {
		name string
		sql  []string
		want []tracer.Repeat
	}{
		{"reads", []string{read, read, "SELECT name FROM item WHERE id = 2", read}, []tracer.Repeat{none, repeated, none, repeated}},
		{"inserts", []string{"INSERT INTO log VALUES (1)", "INSERT INTO log VALUES (1)", "INSERT INTO log VALUES (2)"}, []tracer.Repeat{none, writes, none}},
		{"updates", []string{"UPDATE item SET n = n + 1", "UPDATE item SET n = n + 1"}, []tracer.Repeat{none, writes}},
		{"an expression that writes", []string{"WITH d AS (DELETE FROM item RETURNING id) SELECT id FROM d", "WITH d AS (DELETE FROM item RETURNING id) SELECT id FROM d"}, []tracer.Repeat{none, writes}},
		{"settings", []string{"SET search_path = shop", "SET search_path = shop"}, []tracer.Repeat{none, writes}},
		{"sequences", []string{"SELECT nextval('item_id')", "SELECT nextval('item_id')"}, []tracer.Repeat{none, writes}},
		{"row locks", []string{read + " FOR UPDATE", read + " FOR UPDATE"}, []tracer.Repeat{none, locks}},
		{"weaker row locks", []string{read + " FOR NO KEY UPDATE SKIP LOCKED", read + " FOR NO KEY UPDATE SKIP LOCKED"}, []tracer.Repeat{none, locks}},
		{"shared row locks", []string{read + " FOR KEY SHARE", read + " FOR KEY SHARE", read + " FOR SHARE"}, []tracer.Repeat{none, locks, none}},
		{"table locks", []string{"LOCK TABLE item", "LOCK TABLE item"}, []tracer.Repeat{none, locks}},
		{"advisory locks", []string{"SELECT pg_advisory_xact_lock(7)", "SELECT pg_advisory_xact_lock(7)"}, []tracer.Repeat{none, locks}},
		{"a lock taken to write", []string{"UPDATE item SET n = 1 WHERE id IN (SELECT id FROM item FOR UPDATE)", "UPDATE item SET n = 1 WHERE id IN (SELECT id FROM item FOR UPDATE)"}, []tracer.Repeat{none, writes}},
		{"an upsert", []string{"INSERT INTO item VALUES (1) ON CONFLICT DO UPDATE SET n = 1", "INSERT INTO item VALUES (1) ON CONFLICT DO UPDATE SET n = 1"}, []tracer.Repeat{none, writes}},
		{"reads between writes", []string{read, "INSERT INTO log VALUES (1)", read, "INSERT INTO log VALUES (1)", read, read}, []tracer.Repeat{none, none, afterWrite, writes, afterWrite, repeated}},
		{"a read between locks", []string{read, "LOCK TABLE item", read}, []tracer.Repeat{none, none, afterWrite}},
		{"reads around what is undone", []string{read, "ROLLBACK", read}, []tracer.Repeat{none, none, afterWrite}},
		{"what fails and is tried again", []string{"fails", "fails", read, "fails"}, []tracer.Repeat{none, afterFailure, none, afterFailure}},
		{"what varies", []string{"SELECT random()", "SELECT random()"}, []tracer.Repeat{none, none}},
	} {
		var r tracer.Recorder
		got := record(t, func(ctx context.Context) {
			for _, sql := range c.sql {
				if sql != "fails" {
					query(ctx, tracer.HooksOf(&r), sql)
					continue
				}
				ctx := tracer.HooksOf(&r).TraceQueryStart(ctx, nil, pgx.TraceQueryStartData{SQL: "SELECT 1/0"})
				tracer.HooksOf(&r).TraceQueryEnd(ctx, nil, pgx.TraceQueryEndData{Err: &pgconn.PgError{Code: "22012"}})
			}
		}).Repeats()
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
