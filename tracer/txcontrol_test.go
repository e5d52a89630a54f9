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
		{"begin", tracer.KindTx},
		{"BEGIN", tracer.KindTx},
		{"begin;", tracer.KindTx},
		{"begin ; -- go", tracer.KindTx},
		{"BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY", tracer.KindTx},
		{"begin isolation level repeatable read", tracer.KindTx},
		{" \n-- go\n/* now */ begin", tracer.KindTx},
		{"/* a /* b */ c */ begin", tracer.KindTx},
		{"-- name: Begin :exec\nbegin", tracer.KindTx},
		{"START TRANSACTION", tracer.KindTx},
		{"start /* a */ transaction", tracer.KindTx},
		{"commit", tracer.KindTx},
		{"COMMIT AND CHAIN", tracer.KindTx},
		{"end", tracer.KindTx},
		{"END TRANSACTION", tracer.KindTx},
		{"rollback", tracer.KindTx},
		{"ROLLBACK TO SAVEPOINT sp_1", tracer.KindTx},
		{"rollback to sp_1", tracer.KindTx},
		{"abort", tracer.KindTx},
		{"savepoint sp_1", tracer.KindTx},
		{`savepoint "a;b"`, tracer.KindTx},
		{"release savepoint sp_1", tracer.KindTx},
		{"release sp_1", tracer.KindTx},
		{"SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", tracer.KindTx},
		{"PREPARE TRANSACTION 'a'", tracer.KindTx},
		{"COMMIT PREPARED 'a'", tracer.KindTx},

		{"", tracer.KindQuery},
		{"-- begin", tracer.KindQuery},
		{"SET LOCAL search_path = a", tracer.KindQuery},
		{"SET search_path = a", tracer.KindQuery},
		{"SET transaction_isolation = 'serializable'", tracer.KindQuery},
		{"SHOW transaction_isolation", tracer.KindQuery},
		{"select 'begin'", tracer.KindQuery},
		{"select 1 -- commit", tracer.KindQuery},
		{`select "begin" from t`, tracer.KindQuery},
		{"beginning", tracer.KindQuery},
		{"ending", tracer.KindQuery},
		{"commit_log", tracer.KindQuery},
		{"start", tracer.KindQuery},
		{"start replication", tracer.KindQuery},
		{"PREPARE p AS SELECT 1", tracer.KindQuery},
		{"DO $$ BEGIN COMMIT; END $$", tracer.KindQuery},
		{"CALL begin()", tracer.KindQuery},
	} {
		var r tracer.Recorder
		recording := record(t, func(ctx context.Context) { query(ctx, tracer.HooksOf(&r), c.sql) })
		if got := recording.Events[0].Kind; got != c.want {
			t.Errorf("kind of %q is %q, want %q", c.sql, got, c.want)
		}
	}
}
