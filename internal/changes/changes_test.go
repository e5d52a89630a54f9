package changes_test

import (
	"slices"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/changes"
	"github.com/fanout-bench/fanout-bench/tracer"
)

func TestBetween(t *testing.T) {
	a := tracer.Counts{
		SQL: 5, SQLUnique: 3, RBAC: 2,
		Statements: map[string]int{"gone": 1, "more": 1, "same": 3},
		Checks:     map[string]int{"read": 2},
	}
	b := tracer.Counts{
		SQL: 8, SQLUnique: 3, RBAC: 2,
		Statements: map[string]int{"same": 3, "new": 1, "more": 4},
		Checks:     map[string]int{"edit": 2},
	}
	statements, checks, metrics := changes.Between(a, b)
	for _, c := range []struct {
		name      string
		got, want []changes.Change
	}{
		{"statements", statements, []changes.Change{{Name: "gone", From: 1}, {Name: "more", From: 1, To: 4}, {Name: "new", To: 1}}},
		{"checks", checks, []changes.Change{{Name: "edit", To: 2}, {Name: "read", From: 2}}},
		{"metrics", metrics, []changes.Change{{Name: "sql", From: 5, To: 8}}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s\n got %v\nwant %v", c.name, c.got, c.want)
		}
	}
	unknown := tracer.Counts{Absent: tracer.Metrics()}
	statements, checks, metrics = changes.Between(a, unknown)
	if len(statements)+len(checks)+len(metrics) != 0 {
		t.Errorf("changes to unknown counts: %v %v %v", statements, checks, metrics)
	}
	statements, checks, metrics = changes.Between(a, a)
	if len(statements)+len(checks)+len(metrics) != 0 {
		t.Errorf("changes of the same counts: %v %v %v", statements, checks, metrics)
	}
}
