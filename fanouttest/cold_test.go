package fanouttest_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/fanouttest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A prices service caches prices, and checks their version.
type prices struct {
	pool  *pgxpool.Pool
	known map[string]bool
}

func (p *prices) list(ctx context.Context, items []string) error {
	for _, item := range items {
		if p.known[item] {
			continue
		}
		p.known[item] = true
		if _, err := p.pool.Exec(ctx, "-- name: Price :one\nSELECT $1::text", item); err != nil {
			return err
		}
	}
	_, err := p.pool.Exec(ctx, "-- name: PricesVersion :one\nSELECT 1")
	return err
}

// pricing returns a scenario of a service with a cache, and a function that recreates the
// service.
func pricing(t *testing.T) (s fanouttest.Scenario, anew func(context.Context, int) error) {
	s, pool := counting(t, nil)
	service := &prices{pool, map[string]bool{}}
	s.Run = func(ctx context.Context, n int) error {
		var items []string
		for i := range n {
			items = append(items, fmt.Sprintf("item %d of %d", i, n))
		}
		return service.list(ctx, items)
	}
	return s, func(context.Context, int) error {
		service = &prices{pool, map[string]bool{}}
		return nil
	}
}

// Work that a cache hides from later runs is logged, without failing.
func TestFirstRunIsLogged(t *testing.T) {
	inFolder(t)
	const note = ": the first run costs SQL 1 + N, later ones SQL 1: it leaves something behind that saves them work, such as a cache or changed data; the later runs are judged, see Scenario.Cold"
	for name, limits := range map[string]fanouttest.Limits{"a limit": {tracer.SQL: fanouttest.Constant()}, "a baseline": nil} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("FANOUT_UPDATE", "1")
			s, _ := pricing(t)
			s.Name, s.Expect = "list, "+name, limits
			expect(t, s, false, "fanouttest: "+s.Name+note)
		})
	}
	files, err := filepath.Glob(filepath.Join("testdata", "fanout", "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %q, %v", files, err)
	}
	if text, err := os.ReadFile(files[0]); err != nil || strings.Contains(string(text), "first_runs") {
		t.Errorf("a baseline tells of first runs (%v):\n%s", err, text)
	}

	out := t.TempDir()
	t.Setenv("FANOUT_OUT", out)
	s, _ := pricing(t)
	s.Name = "cached"
	expect(t, s, false)
	text, err := os.ReadFile(only(t, out))
	if want := `{"scenario":"cached","n":8,"version":"github.com/fanout-bench/fanout-bench/fanouttest","sql":9,"rbac":0}`; err != nil || !strings.Contains(string(text), want) {
		t.Errorf("no %s is collected (%v):\n%s", want, err, text)
	}
}

// Cold judges the first runs.
func TestCold(t *testing.T) {
	inFolder(t)
	for _, c := range []struct {
		name  string
		limit fanouttest.Limit
		kept  bool // Setup does not recreate the service
		says  string
		fails bool
	}{
		{name: "within", limit: fanouttest.Linear(1).AtMost(9), says: ": SQL 1 + N, RBAC 0\n"},
		{name: "an N+1", limit: fanouttest.Constant(), says: "SQL 1 + N (9 at N=8),", fails: true},
		{name: "a service that survives", limit: fanouttest.Linear(1), kept: true,
			says: "; with Cold each run must be a first run: Setup must recreate what survives a run, such as a cache", fails: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, anew := pricing(t)
			calls := map[int]int{}
			s.Name, s.Cold, s.Expect = c.name, true, fanouttest.Limits{tracer.SQL: c.limit}
			s.Setup = func(ctx context.Context, n int) error {
				calls[n]++
				if c.kept {
					return nil
				}
				return anew(ctx, n)
			}
			failed, said := try(t, s)
			if failed != c.fails || !strings.Contains(said, c.says) || strings.Contains(said, "later ones") {
				t.Errorf("failed: %v; it says %s\nwant %s", failed, said, c.says)
			}
			if want := map[int]int{1: 3, 2: 3, 3: 3, 4: 3, 8: 3}; !c.kept && fmt.Sprint(calls) != fmt.Sprint(want) {
				t.Errorf("Setup is called %v times, want %v", calls, want)
			}
		})
	}
	s, anew := pricing(t)
	s.Name, s.Cold, s.Setup = "baseline", true, anew
	t.Setenv("FANOUT_UPDATE", "1")
	expect(t, s, false, "baseline: SQL 1 + N, RBAC 0\n")
	t.Setenv("FANOUT_UPDATE", "")
	expect(t, s, false)
	s.Setup = nil
	expect(t, s, true, "field Cold needs field Setup")
}

// The growth is logged where it is accepted, and only there.
func TestGrowthIsLogged(t *testing.T) {
	inFolder(t)
	t.Setenv("FANOUT_UPDATE", "1")
	for _, c := range []struct {
		name  string
		sweep []int
		count func(n int) int
		says  string
	}{
		{"line", nil, func(n int) int { return 3 + 2*n }, "line: SQL 3 + 2·N, RBAC 0"},
		{"level", nil, func(n int) int { return min(n, 2) }, "level: SQL 1, then 2 from N=2 on, RBAC 0"},
		{"no law", nil, func(n int) int { return 1 << min(n, 5) }, "no law: SQL irregular (2, 4, 8, 16, 32), RBAC 0"},
		{"two N", []int{1, 2}, func(n int) int { return n }, "two N: SQL 1, 2, RBAC 0"},
		{"one N", []int{5}, func(n int) int { return n }, "one N: SQL 5, RBAC 0"},
	} {
		s, _ := counting(t, c.count)
		s.Name, s.Sweep = c.name, c.sweep
		if failed, said := try(t, s); failed || !strings.Contains(said, "fanouttest: "+c.says+"\n") || strings.Contains(said, "Setup stored") != (c.name == "no law") {
			t.Errorf("%s: failed: %v; it says %s\nwant %s", c.name, failed, said, c.says)
		}
	}
	s, _ := counting(t, func(n int) int { return n })
	s.Name, s.Expect = "too much", fanouttest.Limits{tracer.SQL: fanouttest.Constant()}
	if failed, said := try(t, s); !failed || strings.Contains(said, "too much: SQL N, RBAC 0") {
		t.Errorf("over the limit: failed: %v; it says %s", failed, said)
	}
	t.Setenv("FANOUT_OUT", t.TempDir())
	s.Name, s.Expect = "collected", nil
	expect(t, s, false, "collected: SQL N, RBAC 0\n")
}
