package tracer_test

import (
	"context"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// The work for an item does not grow with the batch, in any order of results. Quadratic work
// would take minutes here.
func TestLargeBatches(t *testing.T) {
	const n = 100_000
	var inOrder, every2nd []int
	for i := range n {
		inOrder = append(inOrder, i)
		if i%2 == 0 {
			every2nd = append(every2nd, i)
		}
	}
	reversed := slices.Clone(inOrder)
	slices.Reverse(reversed)
	refused := &pgconn.PgError{Code: "22012"}
	for _, c := range []struct {
		name     string
		reported []int
		equal    bool  // all items
		err      error // of the last one reported
		sql      int
	}{
		{name: "read in order", reported: inOrder, sql: n},
		{name: "rows closed in reverse", reported: reversed, sql: n},
		{name: "rows of every second one never closed", reported: every2nd, sql: n},
		{name: "rows of the first one closed last", reported: append(slices.Clone(inOrder[1:]), 0), sql: n},
		{name: "equal items", reported: inOrder, equal: true, sql: n},
		{name: "equal items, rows closed in reverse", reported: reversed, equal: true, sql: n},
		{name: "closed unread", sql: n},
		{name: "an error in the middle", reported: inOrder[:n/2], err: refused, sql: n / 2},
		{name: "an error, and rows before it not closed", reported: every2nd[:n/4], err: refused, sql: n/2 - 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			var r tracer.Recorder
			b := &pgx.Batch{}
			for i := range n {
				if c.equal {
					b.Queue("SELECT 1")
				} else {
					b.Queue(selectOne, i)
				}
			}
			recording := record(t, func(ctx context.Context) {
				ctx = tracer.HooksOf(&r).TraceBatchStart(ctx, nil, pgx.TraceBatchStartData{Batch: b})
				for i, at := range c.reported {
					data := pgx.TraceBatchQueryData{SQL: b.QueuedQueries[at].SQL, Args: b.QueuedQueries[at].Arguments}
					if i == len(c.reported)-1 {
						data.Err = c.err
					}
					tracer.HooksOf(&r).TraceBatchQuery(ctx, nil, data)
				}
				tracer.HooksOf(&r).TraceBatchEnd(ctx, nil, pgx.TraceBatchEndData{Err: c.err})
			})
			if got := recording.Counts().SQL; got != c.sql {
				t.Errorf("%d statements, want %d", got, c.sql)
			}
		})
	}
}
