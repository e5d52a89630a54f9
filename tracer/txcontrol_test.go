package tracer_test

import (
	"context"
	"testing"

	"github.com/fanout-bench/fanout-bench/tracer"
)

func TestTransactionControl(t *testing.T) {
	for _, c := range []struct {
		sql  string
		want tracer.Kind
	}{
		{"begin", tracer.Tx},
		{"BEGIN", tracer.Tx},
		{"begin;", tracer.Tx},
		{"begin ; -- go", tracer.Tx},
		{"BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY", tracer.Tx},
		{"begin isolation level repeatable read", tracer.Tx},
		{" \n-- go\n/* now */ begin", tracer.Tx},
		{"/* a /* b */ c */ begin", tracer.Tx},
		{"-- name: Begin :exec\nbegin", tracer.Tx},
		{"START TRANSACTION", tracer.Tx},
		{"start /* a */ transaction", tracer.Tx},
		{"commit", tracer.Tx},
		{"COMMIT AND CHAIN", tracer.Tx},
		{"end", tracer.Tx},
		{"END TRANSACTION", tracer.Tx},
		{"rollback", tracer.Tx},
		{"ROLLBACK TO SAVEPOINT sp_1", tracer.Tx},
		{"rollback to sp_1", tracer.Tx},
		{"abort", tracer.Tx},
		{"savepoint sp_1", tracer.Tx},
		{`savepoint "a;b"`, tracer.Tx},
		{"release savepoint sp_1", tracer.Tx},
		{"release sp_1", tracer.Tx},
		{"SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", tracer.Tx},
		{"PREPARE TRANSACTION 'a'", tracer.Tx},
		{"COMMIT PREPARED 'a'", tracer.Tx},

		{"", tracer.Query},
		{"-- begin", tracer.Query},
		{"SET LOCAL search_path = a", tracer.Query},
		{"SET search_path = a", tracer.Query},
		{"SET transaction_isolation = 'serializable'", tracer.Query},
		{"SHOW transaction_isolation", tracer.Query},
		{"select 'begin'", tracer.Query},
		{"select 1 -- commit", tracer.Query},
		{`select "begin" from t`, tracer.Query},
		{"beginning", tracer.Query},
		{"ending", tracer.Query},
		{"commit_log", tracer.Query},
		{"start", tracer.Query},
		{"start replication", tracer.Query},
		{"PREPARE p AS SELECT 1", tracer.Query},
		{"DO $$ BEGIN COMMIT; END $$", tracer.Query},
		{"CALL begin()", tracer.Query},
	} {
		var r tracer.Recorder
		recording := record(t, func(ctx context.Context) { query(ctx, &r, c.sql) })
		if got := recording.Events[0].Kind; got != c.want {
			t.Errorf("kind of %q is %q, want %q", c.sql, got, c.want)
		}
	}
}
