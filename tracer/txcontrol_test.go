package tracer_test

import (
	"context"
	"testing"

	"github.com/fanout-bench/fanout-bench/tracer"
)

func TestTransactionControl(t *testing.T) {
	for kind, statements := range map[tracer.Kind][]string{
		tracer.KindTx: {
			"begin", "BEGIN", "begin;", "begin ; -- go", "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY", "begin isolation level repeatable read",
			" \n-- go\n/* now */ begin", "/* a /* b */ c */ begin", "-- name: Begin :exec\nbegin",
			"START TRANSACTION", "start /* a */ transaction",
			"commit", "COMMIT AND CHAIN", "end", "END TRANSACTION",
			"rollback", "ROLLBACK TO SAVEPOINT sp_1", "rollback to sp_1", "abort",
			"savepoint sp_1", `savepoint "a;b"`, "release savepoint sp_1", "release sp_1",
			"SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", "PREPARE TRANSACTION 'a'", "COMMIT PREPARED 'a'",
		},
		tracer.KindQuery: {
			"", "-- begin", "select 'begin'", "select 1 -- commit", `select "begin" from t`, "DO $$ BEGIN COMMIT; END $$", "CALL begin()",
			"SET LOCAL search_path = a", "SET search_path = a", "SET transaction_isolation = 'serializable'", "SHOW transaction_isolation",
			"beginning", "ending", "commit_log", "start", "start replication", "PREPARE p AS SELECT 1",
		},
	} {
		for _, sql := range statements {
			var r tracer.Recorder
			recording := record(t, func(ctx context.Context) { query(ctx, tracer.HooksOf(&r), sql) })
			if got := recording.Events[0].Kind; got != kind {
				t.Errorf("kind of %q is %q, want %q", sql, got, kind)
			}
		}
	}
}
