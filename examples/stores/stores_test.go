package stores

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/graph-gophers/dataloader/v7"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/fanout-bench/fanout-bench/fanouttest"
	"github.com/fanout-bench/fanout-bench/fanouttest/testdb"
	"github.com/fanout-bench/fanout-bench/tracer"
	"github.com/fanout-bench/fanout-bench/tracer/testdata/sqlcstore"
)

const items = 100

var db = testdb.Template{Migrate: func(ctx context.Context, pool *pgxpool.Pool) error {
	_, err := pool.Exec(ctx, "CREATE TABLE item (id int PRIMARY KEY, name text NOT NULL);"+
		" INSERT INTO item SELECT i, 'item ' || i FROM generate_series(1, "+strconv.Itoa(items)+") i")
	return err
}}

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

// newPool returns a pool on a database with items, and its Recorder.
func newPool(t *testing.T) (*pgxpool.Pool, *tracer.Recorder) {
	t.Helper()
	recorder := fanouttest.NewRecorder()
	return db.Pool(t, func(config *pgxpool.Config) { recorder.Attach(config.ConnConfig) }), recorder
}

// check checks that read reads the first n items within limits.
func check(t fanouttest.TB, recorder *tracer.Recorder, limits fanouttest.Limits, read func(ctx context.Context, n int) ([]string, error)) {
	t.Helper()
	fanouttest.Check(t, fanouttest.Scenario{
		Unit: "item", Recorder: recorder, Expect: limits,
		Run: func(ctx context.Context, n int) error {
			names, err := read(ctx, n)
			if err == nil && (len(names) != n || names[n-1] != fmt.Sprint("item ", n)) {
				err = fmt.Errorf("items %q, want %d", names, n)
			}
			return err
		},
	})
}

var constant = fanouttest.Limits{tracer.SQL: fanouttest.Constant(), tracer.Acquires: fanouttest.Constant()}

// loop is an unintended N+1 query.
func loop(pool *pgxpool.Pool) func(ctx context.Context, n int) ([]string, error) {
	return func(ctx context.Context, n int) ([]string, error) {
		names := make([]string, n)
		for i := range names {
			if err := pool.QueryRow(ctx, "SELECT name FROM item WHERE id = $1", i+1).Scan(&names[i]); err != nil {
				return nil, err
			}
		}
		return names, nil
	}
}

// A watched test does not fail itself.
type watched struct {
	*testing.T
	said strings.Builder
}

func (w *watched) Fatalf(format string, args ...any) {
	fmt.Fprintf(&w.said, format, args...)
	runtime.Goexit()
}

func TestLoopIsDetected(t *testing.T) {
	pool, recorder := newPool(t)
	w := &watched{T: t}
	var group sync.WaitGroup
	group.Go(func() { check(w, recorder, constant, loop(pool)) })
	group.Wait()
	for _, want := range []string{
		"examples/stores/stores_test.go:", " → loop\n", "one more query per item", "SELECT name FROM item WHERE id = ?", "at most 0 per item",
	} {
		if said := w.said.String(); !strings.Contains(said, want) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
}

func TestAny(t *testing.T) {
	pool, recorder := newPool(t)
	check(t, recorder, constant, func(ctx context.Context, n int) ([]string, error) {
		rows, err := pool.Query(ctx, "SELECT name FROM item WHERE id = ANY($1) ORDER BY id", upTo(n))
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(rows, pgx.RowTo[string])
	})
}

func upTo(n int) []int {
	ids := make([]int, n)
	for i := range ids {
		ids[i] = i + 1
	}
	return ids
}

func TestSQLC(t *testing.T) {
	pool, recorder := newPool(t)
	store := sqlcstore.New(pool)
	t.Run("one by one", func(t *testing.T) {
		check(t, recorder, fanouttest.Limits{tracer.SQL: fanouttest.Linear(1).AtMost(8)}, func(ctx context.Context, n int) ([]string, error) {
			var names []string
			for id := range n {
				item, err := store.GetItem(ctx, int32(id+1))
				if err != nil {
					return nil, err
				}
				names = append(names, item.Name)
			}
			return names, nil
		})
	})
	t.Run("all at once", func(t *testing.T) {
		check(t, recorder, constant, func(ctx context.Context, n int) ([]string, error) {
			list, err := store.ListItems(ctx)
			var names []string
			for _, item := range list[:n] {
				names = append(names, item.Name)
			}
			return names, err
		})
	})
}

func TestDatabaseSQL(t *testing.T) {
	pool, recorder := newPool(t)
	std := stdlib.OpenDBFromPool(pool)
	defer std.Close()
	check(t, recorder, constant, func(ctx context.Context, n int) ([]string, error) {
		tx, err := std.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
		if err != nil {
			return nil, err
		}
		defer func() { _ = tx.Rollback() }()
		rows, err := tx.QueryContext(ctx, "SELECT name FROM item ORDER BY id LIMIT $1", n)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		var names []string
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				return nil, err
			}
			names = append(names, name)
		}
		return names, rows.Err()
	})
}

// A batch saves round trips but no statements.
func TestBatchInTransaction(t *testing.T) {
	pool, recorder := newPool(t)
	limits := fanouttest.Limits{
		tracer.SQL: fanouttest.Linear(1), tracer.RoundTrips: fanouttest.Constant(), tracer.TxControl: fanouttest.AtMost(2), tracer.MaxHeld: fanouttest.AtMost(1),
	}
	check(t, recorder, limits, func(ctx context.Context, n int) ([]string, error) {
		names := make([]string, n)
		err := pgx.BeginTxFunc(ctx, pool, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
			batch := &pgx.Batch{}
			for i := range n {
				batch.Queue("SELECT name FROM item WHERE id = $1", i+1).QueryRow(func(row pgx.Row) error { return row.Scan(&names[i]) })
			}
			return tx.SendBatch(ctx, batch).Close()
		})
		return names, err
	})
}

// Each request has its own loader. A longer-lived one would answer from its cache, and counts
// would depend on earlier requests.
func TestDataloader(t *testing.T) {
	pool, recorder := newPool(t)
	check(t, recorder, constant, func(ctx context.Context, n int) ([]string, error) {
		loader := dataloader.NewBatchedLoader(byID(pool), dataloader.WithBatchCapacity[int, string](n), dataloader.WithWait[int, string](time.Minute))
		names, errs := loader.LoadMany(ctx, upTo(n))()
		if len(errs) > 0 {
			return nil, errs[0]
		}
		return names, nil
	})
}

// The loader processes each key in its own goroutine, so ids arrive in any order, and each result
// must be at the position of its id.
func byID(pool *pgxpool.Pool) dataloader.BatchFunc[int, string] {
	return func(ctx context.Context, ids []int) []*dataloader.Result[string] {
		names := make(map[int]string, len(ids))
		rows, err := pool.Query(ctx, "SELECT id, name FROM item WHERE id = ANY($1)", ids)
		if err == nil {
			var id int
			var name string
			_, err = pgx.ForEachRow(rows, []any{&id, &name}, func() error {
				names[id] = name
				return nil
			})
		}
		results := make([]*dataloader.Result[string], len(ids))
		for i, id := range ids {
			results[i] = &dataloader.Result[string]{Data: names[id], Error: err}
			if _, found := names[id]; err == nil && !found {
				results[i].Error = pgx.ErrNoRows
			}
		}
		return results
	}
}

// The request needs the context of the test, because httptest.NewRequest does not set it.
func TestHandler(t *testing.T) {
	pool, recorder := newPool(t)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.URL.Query().Get("n"))
		rows, err := pool.Query(r.Context(), "SELECT name FROM item ORDER BY id LIMIT $1", n)
		if err == nil {
			var names []string
			if names, err = pgx.CollectRows(rows, pgx.RowTo[string]); err == nil {
				fmt.Fprint(w, strings.Join(names, "\n"))
				return
			}
		}
		http.Error(w, err.Error(), http.StatusInternalServerError)
	})
	check(t, recorder, constant, func(ctx context.Context, n int) ([]string, error) {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("/items?n=%d", n), nil))
		if w.Code != http.StatusOK {
			return nil, fmt.Errorf("status %d: %s", w.Code, w.Body)
		}
		return strings.Split(w.Body.String(), "\n"), nil
	})
}
