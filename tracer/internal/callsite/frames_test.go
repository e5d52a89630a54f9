package callsite

import "testing"

func TestFrames(t *testing.T) {
	const (
		home  = "/home/ann/shop/"
		cache = "/home/ann/go/pkg/mod/"
		gosrc = "/usr/local/go/src/"
	)
	for _, c := range []struct{ function, file, want string }{
		{"example.com/shop/orders.List", home + "orders/list.go", "orders/list.go"},
		{"example.com/shop.List", home + "list.go", "list.go"},
		{"example.com/shopping.List", "/home/ann/shopping/list.go", "example.com/shopping/list.go"},
		{"example.com/shop/orders.Map[...]", home + "orders/map.go", "orders/map.go"},
		{"example.com/shop/orders_test.TestList", home + "orders/list_test.go", "orders/list_test.go"},
		{"example.com/shop/orders_test.TestList.func1", home + "orders/list_test.go", "orders/list_test.go"},
		{"example.com/shop/orders.TestList", home + "orders/list_test.go", "orders/list_test.go"},
		{"example.com/shop/load_test.TestList", home + "load_test/list_test.go", "load_test/list_test.go"},
		{"example.com/shop/load_test.List", home + "load_test/list.go", "load_test/list.go"},
		{"main.main", home + "cmd/server/main.go", "cmd/server/main.go"},
		{"main.main.func1", home + "cmd/server/main.go", "cmd/server/main.go"},
		{"main.init.0", home + "cmd/server/main.go", "cmd/server/main.go"},
		{"example.com/shop/v%2e2.List", home + "v.2/list.go", "v.2/list.go"},

		// Modules of others, and one's own without a dot.
		{"gopkg.in/yaml%2ev3.Unmarshal", cache + "gopkg.in/yaml.v3@v3.0.1/yaml.go", "gopkg.in/yaml.v3/yaml.go"},
		{"golang.org/x/sync/errgroup.(*Group).Go.func1", cache + "golang.org/x/sync@v0.22.0/errgroup/errgroup.go", "golang.org/x/sync/errgroup/errgroup.go"},
		{"myapp/orders.List", "/home/ann/myapp/orders/list.go", "myapp/orders/list.go"},
		{"mainly.List", "/home/ann/mainly/list.go", "mainly/list.go"},

		// Named after the package they were inlined into.
		{"main.main.Auth.func1", home + "mw/auth.go", "mw/auth.go"},
		{"main.main.(*Group).Go.func1", cache + "golang.org/x/sync@v0.22.0/errgroup/errgroup.go", "golang.org/x/sync/errgroup/errgroup.go"},
		{"main.main.New.func1", cache + "github.com/!some-!body/kit@v1.2.0/x/new.go", "github.com/Some-Body/kit/x/new.go"},
		{"main.main.New.func1", home + "vendor/golang.org/x/sync/new.go", "golang.org/x/sync/new.go"},
		{"main.main.New.func1", "golang.org/x/sync@v0.22.0/errgroup/new.go", "golang.org/x/sync/errgroup/new.go"}, // -trimpath
		{"main.main.New.func1", "/elsewhere/new.go", "cmd/server/new.go"},

		// Windows.
		{"example.com/shop/orders.List", "C:/shop/orders/list.go", "orders/list.go"},
		{"main.main.New.func1", "C:/shop/new.go", "cmd/server/new.go"},

		// SkipFrames.
		{"testing.tRunner", gosrc + "testing/testing.go", ""},
		{"net/http.HandlerFunc.ServeHTTP", gosrc + "net/http/server.go", ""},
		{"vendor/golang.org/x/net/http2.F", gosrc + "vendor/golang.org/x/net/http2/f.go", ""},
		{"main.main.(*WaitGroup).Go.func1", gosrc + "sync/waitgroup.go", ""},
		{"main.main.(*WaitGroup).Go.func1", "sync/waitgroup.go", ""}, // -trimpath
		{"github.com/jackc/pgx/v5.BeginFunc", cache + "github.com/jackc/pgx/v5@v5.12.0/tx.go", ""},
		{"github.com/jackc/pgx/v5/pgxpool.(*Pool).Query", "/home/ann/pgx/pgxpool/pool.go", ""},
		{"main.main.BeginFunc.func1", "/home/ann/pgx/tx.go", ""},
		{"main.main.BeginFunc.func1", cache + "github.com/jackc/pgx/v5@v5.12.0/tx.go", ""},
		{"github.com/jackc/puddle/v2.(*Pool[...]).Acquire", cache + "github.com/jackc/puddle/v2@v2.2.3/pool.go", ""},
		{"github.com/jackc/pgx-contrib.F", cache + "github.com/jackc/pgx-contrib@v1.0.0/f.go", "github.com/jackc/pgx-contrib/f.go"},
		{module + "/tracer.CountChecks[...].func1", "/home/ann/fanout/tracer/check.go", ""},
		{"main.main.CountChecks[...].func1", "/home/ann/fanout/tracer/check.go", ""},
		{module + "/tracer/internal/identity.F", "/home/ann/fanout/tracer/internal/identity/f.go", ""},
		{module + "/tracer/testdata/sqlcstore.F", "/home/ann/fanout/tracer/testdata/sqlcstore/f.go", module + "/tracer/testdata/sqlcstore/f.go"},
		{module + "/scenarios.(*Runner).Run", "/home/ann/fanout/scenarios/runner.go", ""},
		{module + "/internal/agentauth.F", "/home/ann/fanout/internal/agentauth/f.go", module + "/internal/agentauth/f.go"},
		{module + "/tracer_test.F", "/home/ann/fanout/tracer/f_test.go", module + "/tracer/f_test.go"},
		{module + "/tracer.F", "/home/ann/fanout/tracer/f_test.go", module + "/tracer/f_test.go"},
		{module + "/scenarios_test.F", "/home/ann/fanout/scenarios/f_test.go", module + "/scenarios/f_test.go"},
	} {
		frames := shop.Frames([]Site{{function: c.function, file: c.file}}, nil)
		got := ""
		for _, f := range frames {
			got += f.File
		}
		if got != c.want {
			t.Errorf("%s in %s\n got %q\nwant %q", c.function, c.file, got, c.want)
		}
	}
}
