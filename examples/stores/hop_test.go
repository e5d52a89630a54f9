package stores

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// A running tells work that gets its context from elsewhere what is being measured. Runs come
// one after the other, so that it is one at a time.
type running struct {
	ctx atomic.Pointer[context.Context]
}

// join returns ctx with the scope of what is running.
func (r *running) join(ctx context.Context) context.Context {
	if of := r.ctx.Load(); of != nil {
		return tracer.Join(ctx, *of)
	}
	return ctx
}

// during has what read leads to join, until it returns.
func (r *running) during(read func(ctx context.Context, n int) ([]string, error)) func(ctx context.Context, n int) ([]string, error) {
	return func(ctx context.Context, n int) ([]string, error) {
		r.ctx.Store(&ctx)
		defer r.ctx.Store(nil)
		return read(ctx, n)
	}
}

func names(ctx context.Context, pool *pgxpool.Pool, n int) ([]string, error) {
	rows, err := pool.Query(ctx, "SELECT name FROM item ORDER BY id LIMIT $1", n)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// TestServer goes over HTTP, behind which the context of a request is another one. A client
// and handler of connect are the same; a gRPC server has an interceptor for it.
func TestServer(t *testing.T) {
	pool, recorder := newPool(t)
	service := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n int
		if _, err := fmt.Sscan(r.URL.Query().Get("n"), &n); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		list, err := names(r.Context(), pool, n)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprint(w, strings.Join(list, "\n"))
	})
	var current running
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		service.ServeHTTP(w, r.WithContext(current.join(r.Context())))
	}))
	defer server.Close()
	check(t, recorder, constant, current.during(func(ctx context.Context, n int) ([]string, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s?n=%d", server.URL, n), nil)
		if err != nil {
			return nil, err
		}
		response, err := server.Client().Do(request)
		if err != nil {
			return nil, err
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err == nil && response.StatusCode != http.StatusOK {
			err = fmt.Errorf("status %d: %s", response.StatusCode, text)
		}
		return strings.Split(string(text), "\n"), err
	}))
}

// TestWorker has a goroutine do the work that has begun long before, with a context of its
// own.
func TestWorker(t *testing.T) {
	pool, recorder := newPool(t)
	type answer struct {
		names []string
		err   error
	}
	var (
		current running
		jobs    = make(chan int)
		answers = make(chan answer)
	)
	go func(ctx context.Context) {
		for n := range jobs {
			list, err := names(current.join(ctx), pool, n)
			answers <- answer{list, err}
		}
	}(context.Background())
	defer close(jobs)
	check(t, recorder, constant, current.during(func(_ context.Context, n int) ([]string, error) {
		jobs <- n
		done := <-answers // what goes on after Run has returned is an error
		return done.names, done.err
	}))
}
