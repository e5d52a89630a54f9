package scenarios_test

import (
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/pgtest"
)

// TestServerOfExample runs Example, which needs a server.
func TestServerOfExample(t *testing.T) {
	var b strings.Builder
	must.Succeed(t, measure(t.Context(), &databases{pool: pgtest.Pool(t, "")}, &b))
	if want := "v1 list/1 1\nv1 list/2 2\nv1 list/4 4\n"; b.String() != want {
		t.Errorf("it prints\n%s, want\n%s", b.String(), want)
	}
}
