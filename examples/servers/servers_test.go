package servers

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/labstack/echo/v4"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/fanout-bench/fanout-bench/fanouttest"
	"github.com/fanout-bench/fanout-bench/fanouttest/testdb"
	"github.com/fanout-bench/fanout-bench/tracer"
)

var db = testdb.Template{Migrate: func(ctx context.Context, pool *pgxpool.Pool) error {
	_, err := pool.Exec(ctx, "CREATE TABLE item (id int PRIMARY KEY, name text NOT NULL);"+
		" INSERT INTO item SELECT i, 'item ' || i FROM generate_series(1, 100) i")
	return err
}}

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

// A read returns the names of the first n items.
type read func(ctx context.Context, n int) ([]string, error)

func newRead(t *testing.T) (read, *tracer.Recorder) {
	recorder := fanouttest.NewRecorder()
	pool := db.Pool(t, func(config *pgxpool.Config) { recorder.Attach(config.ConnConfig) })
	return func(ctx context.Context, n int) ([]string, error) {
		rows, err := pool.Query(ctx, "SELECT name FROM item ORDER BY id LIMIT $1", n)
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(rows, pgx.RowTo[string])
	}, recorder
}

func check(t *testing.T, recorder *tracer.Recorder, limit fanouttest.Limit, ask read) {
	t.Helper()
	fanouttest.Check(t, fanouttest.Scenario{
		Unit: "item", Recorder: recorder, Expect: fanouttest.Limits{tracer.SQL: limit},
		Run: func(ctx context.Context, n int) error {
			names, err := ask(ctx, n)
			if err == nil && (len(names) != n || names[n-1] != fmt.Sprint("item ", n)) {
				err = fmt.Errorf("items %q, want %d", names, n)
			}
			return err
		},
	})
}

// routers are handlers of /items/N, which answer with a name on each line.
var routers = map[string]func(read) http.Handler{
	"net/http": func(read read) http.Handler {
		mux := http.NewServeMux()
		mux.HandleFunc("GET /items/{n}", func(w http.ResponseWriter, r *http.Request) { answer(w, r, r.PathValue("n"), read) })
		return mux
	},
	"chi": func(read read) http.Handler {
		router := chi.NewRouter()
		router.Get("/items/{n}", func(w http.ResponseWriter, r *http.Request) { answer(w, r, chi.URLParam(r, "n"), read) })
		return router
	},
	"echo": func(read read) http.Handler {
		router := echo.New()
		router.GET("/items/:n", func(c echo.Context) error {
			answer(c.Response(), c.Request(), c.Param("n"), read)
			return nil
		})
		return router
	},
	"Huma": func(read read) http.Handler {
		type output struct{ Body []byte }
		router := chi.NewRouter()
		huma.Get(humachi.New(router, huma.DefaultConfig("items", "1")), "/items/{n}", func(ctx context.Context, in *struct {
			N int `path:"n"`
		}) (*output, error) {
			names, err := read(ctx, in.N)
			return &output{[]byte(strings.Join(names, "\n"))}, err
		})
		return router
	},
}

func answer(w http.ResponseWriter, r *http.Request, text string, read read) {
	n, err := strconv.Atoi(text)
	var names []string
	if err == nil {
		names, err = read(r.Context(), n)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprint(w, strings.Join(names, "\n"))
}

// A handler is a transport that has an http.Handler answer in process: with the context of the
// client, so that there is nothing to join.
type handler struct{ http.Handler }

func (h handler) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result(), nil
}

// A way is a client, the URL that it takes, and what Run has to do.
type way struct {
	client *http.Client
	url    string
	during func(read) read
}

// ways are one to h in process, and one to a server, whose context is joined.
func ways(t *testing.T, h http.Handler) map[string]way {
	var current running
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(current.join(r.Context())))
	}))
	t.Cleanup(server.Close)
	return map[string]way{
		"in process": {&http.Client{Transport: handler{h}}, "http://items.test", func(ask read) read { return ask }},
		"over a hop": {server.Client(), server.URL, current.during},
	}
}

func TestRouters(t *testing.T) {
	for name, router := range routers {
		items, recorder := newRead(t)
		for way, by := range ways(t, router(items)) {
			t.Run(strings.ReplaceAll(name, "/", " ")+" "+way, func(t *testing.T) {
				check(t, recorder, fanouttest.Constant(), by.during(func(ctx context.Context, n int) ([]string, error) {
					r, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s/items/%d", by.url, n), nil)
					if err != nil {
						return nil, err
					}
					return lines(by.client.Do(r))
				}))
			})
		}
	}
}

func lines(response *http.Response, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d: %s", response.StatusCode, body)
	}
	return strings.Split(string(body), "\n"), err
}

func TestConnect(t *testing.T) {
	items, recorder := newRead(t)
	procedure := "/items.Items/List"
	h := connect.NewUnaryHandler(procedure, func(ctx context.Context, r *connect.Request[wrapperspb.Int32Value]) (*connect.Response[wrapperspb.StringValue], error) {
		names, err := items(ctx, int(r.Msg.Value))
		return connect.NewResponse(wrapperspb.String(strings.Join(names, "\n"))), err
	})
	for way, by := range ways(t, h) {
		t.Run(way, func(t *testing.T) {
			client := connect.NewClient[wrapperspb.Int32Value, wrapperspb.StringValue](by.client, by.url+procedure)
			check(t, recorder, fanouttest.Constant(), by.during(func(ctx context.Context, n int) ([]string, error) {
				response, err := client.CallUnary(ctx, connect.NewRequest(wrapperspb.Int32(int32(n))))
				if err != nil {
					return nil, err
				}
				return strings.Split(response.Msg.Value, "\n"), nil
			}))
		})
	}
}

// TestGRPC has an interceptor join, as there is always a hop.
func TestGRPC(t *testing.T) {
	items, recorder := newRead(t)
	var current running
	server := grpc.NewServer(grpc.UnaryInterceptor(func(ctx context.Context, r any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
		return handle(current.join(ctx), r)
	}))
	list := func(_ any, ctx context.Context, decode func(any) error, intercept grpc.UnaryServerInterceptor) (any, error) {
		r := new(wrapperspb.Int32Value)
		if err := decode(r); err != nil {
			return nil, err
		}
		return intercept(ctx, r, &grpc.UnaryServerInfo{}, func(ctx context.Context, _ any) (any, error) {
			names, err := items(ctx, int(r.Value))
			return wrapperspb.String(strings.Join(names, "\n")), err
		})
	}
	server.RegisterService(&grpc.ServiceDesc{ServiceName: "items.Items", HandlerType: (*any)(nil), Methods: []grpc.MethodDesc{{MethodName: "List", Handler: list}}}, nil)
	listener := bufconn.Listen(1 << 16)
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()
	conn, err := grpc.NewClient("passthrough:///", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(context.Context, string) (net.Conn, error) { return listener.Dial() }))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	check(t, recorder, fanouttest.Constant(), current.during(func(ctx context.Context, n int) ([]string, error) {
		names := new(wrapperspb.StringValue)
		err := conn.Invoke(ctx, "/items.Items/List", wrapperspb.Int32(int32(n)), names)
		return strings.Split(names.Value, "\n"), err
	}))
}

// TestWorker has a goroutine do the work that has begun long before, with a context of its
// own.
func TestWorker(t *testing.T) {
	items, recorder := newRead(t)
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
			list, err := items(current.join(ctx), n)
			answers <- answer{list, err}
		}
	}(context.Background())
	defer close(jobs)
	check(t, recorder, fanouttest.Constant(), current.during(func(_ context.Context, n int) ([]string, error) {
		jobs <- n
		done := <-answers // what goes on after Run has returned is an error
		return done.names, done.err
	}))
}

// TestResolvers asks on a goroutine for each item, as resolvers of GraphQL do. They have the
// context of the request, so there is nothing to do.
func TestResolvers(t *testing.T) {
	items, recorder := newRead(t)
	check(t, recorder, fanouttest.Linear(1).AtMost(8), func(ctx context.Context, n int) ([]string, error) {
		names := make([]string, n)
		group, ctx := errgroup.WithContext(ctx)
		for i := range names {
			group.Go(func() error {
				list, err := items(ctx, i+1)
				if err == nil {
					names[i] = list[i]
				}
				return err
			})
		}
		return names, group.Wait()
	})
}
