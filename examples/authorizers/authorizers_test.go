package authorizers

import (
	"context"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/casbin/casbin/v3"
	"github.com/casbin/casbin/v3/model"
	"github.com/open-policy-agent/opa/v1/rego"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/test/bufconn"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// A decider asks an authorization layer. Ann may read 1 but not 2.
type decider func(ctx context.Context, object string) bool

// counted asks for 1, 2 and 1 again.
func counted(t *testing.T, decide decider, label string) {
	t.Helper()
	ctx, scope := tracer.Start(t.Context(), t.Name())
	for object, want := range map[string]bool{"1": true, "2": false} {
		if got := decide(ctx, object); got != want {
			t.Errorf("%s is allowed: %v", object, got)
		}
	}
	decide(ctx, "1")
	counts := scope.End().Counts()
	if counts.RBAC != 3 || counts.RBACUnique != 2 {
		t.Errorf("%d checks, %d different; want 3 and 2", counts.RBAC, counts.RBACUnique)
	}
	if label != "" && !maps.Equal(counts.Checks, map[string]int{label: 3}) {
		t.Errorf("checks %v, want %s three times", counts.Checks, label)
	}
}

func bools(decide func(ctx context.Context, subject, action, object string) (bool, error)) decider {
	return func(ctx context.Context, object string) bool {
		allowed, err := decide(ctx, "ann", "read", object)
		return allowed && err == nil
	}
}

func TestCasbin(t *testing.T) {
	m, err := model.NewModelFromString(`
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.sub == p.sub && r.obj == p.obj && r.act == p.act
`)
	if err != nil {
		t.Fatal(err)
	}
	enforcer, err := casbin.NewEnforcer(m)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := enforcer.AddPolicy("ann", "1", "read"); err != nil {
		t.Fatal(err)
	}
	counted(t, bools(Enforce(&tracer.Recorder{}, enforcer)), "read")
}

func TestOPA(t *testing.T) {
	query, err := rego.New(
		rego.Query("data.orders.allow"),
		rego.Module("orders.rego", "package orders\n\ndefault allow := false\n\nallow if input.object == \"1\"\n"),
	).PrepareForEval(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	counted(t, bools(Allowed(&tracer.Recorder{}, query)), "read")
}

// The health service stands in for an authorization service.
func TestGRPC(t *testing.T) {
	listener := bufconn.Listen(1 << 16)
	server, service := grpc.NewServer(), health.NewServer()
	service.SetServingStatus("1", grpc_health_v1.HealthCheckResponse_SERVING)
	grpc_health_v1.RegisterHealthServer(server, service)
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()
	conn, err := grpc.NewClient("passthrough:///", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(context.Context, string) (net.Conn, error) { return listener.Dial() }),
		grpc.WithUnaryInterceptor(Interceptor(&tracer.Recorder{})))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	client := grpc_health_v1.NewHealthClient(conn)
	counted(t, func(ctx context.Context, object string) bool {
		_, err := client.Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: object})
		return err == nil
	}, "/grpc.health.v1.Health/Check")
}

func TestHTTP(t *testing.T) {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("object") != "1" {
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	defer service.Close()
	client := &http.Client{Transport: Transport{Recorder: &tracer.Recorder{}}}
	counted(t, func(ctx context.Context, object string) bool {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, service.URL+"/allowed?object="+object, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response.StatusCode == http.StatusOK
	}, "GET /allowed")
}

// Each request has its own scope, and done is called at its end.
func TestScoped(t *testing.T) {
	var (
		recorder tracer.Recorder
		got      []tracer.Recording
	)
	authorize := tracer.CountDecisions(&recorder, func(context.Context, string, string, string) (bool, error) { return true, nil },
		func(action, _ string) string { return action })
	handler := Scoped(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = authorize(r.Context(), "ann", "read", r.URL.Path)
	}), func(r tracer.Recording) { got = append(got, r) })
	for _, path := range []string{"/orders/1", "/orders/2"} {
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
	}
	if len(got) != 2 || got[1].Scope != "GET /orders/2" || got[1].Counts().RBAC != 1 {
		t.Errorf("recordings %+v", got)
	}
	if left := recorder.Unattributed(); len(left) > 0 {
		t.Errorf("unattributed %v", left)
	}
}
