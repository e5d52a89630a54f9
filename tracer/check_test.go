package tracer_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/fanout-bench/fanout-bench/tracer"
)

type authorizer = func(ctx context.Context, subject, action, object string) error

// checked wraps decide; nil allows everything.
func checked(r *tracer.Recorder, decide authorizer) authorizer {
	if decide == nil {
		decide = func(context.Context, string, string, string) error { return nil }
	}
	return tracer.CountChecks(r, decide, func(action, _ string) string { return action + " item" })
}

func TestChecksAreCounted(t *testing.T) {
	for _, c := range []struct {
		name   string
		checks [][3]string
		want   string
		labels map[string]int
	}{
		{"none", nil, "", map[string]int{}},
		{"one", [][3]string{{"ann", "read", "1"}}, "rbac=1 rbac_unique=1", map[string]int{"read item": 1}},
		{"the same twice", [][3]string{{"ann", "read", "1"}, {"ann", "read", "1"}}, "rbac=2 rbac_unique=1", map[string]int{"read item": 2}},
		{"two subjects", [][3]string{{"ann", "read", "1"}, {"bob", "read", "1"}}, "rbac=2 rbac_unique=2", map[string]int{"read item": 2}},
		{"two actions", [][3]string{{"ann", "read", "1"}, {"ann", "edit", "1"}}, "rbac=2 rbac_unique=2", map[string]int{"read item": 1, "edit item": 1}},
		{"two objects", [][3]string{{"ann", "read", "1"}, {"ann", "read", "2"}}, "rbac=2 rbac_unique=2", map[string]int{"read item": 2}},
		{"where the words are cut", [][3]string{{"ann", "read", "1"}, {"annr", "ead", "1"}}, "rbac=2 rbac_unique=2", map[string]int{"read item": 1, "ead item": 1}},
	} {
		var r tracer.Recorder
		authorize := checked(&r, nil)
		counts := record(t, func(ctx context.Context) {
			for _, check := range c.checks {
				must(t, authorize(ctx, check[0], check[1], check[2]))
			}
		}).Counts()
		equal(t, c.name+": counts", describeCounts(counts), c.want)
		if !maps.Equal(counts.Checks, c.labels) {
			t.Errorf("%s: Checks = %v, want %v", c.name, counts.Checks, c.labels)
		}
	}
}

func TestObjectsOfAnyType(t *testing.T) {
	type object struct {
		Type string
		ID   [16]byte
	}
	var r tracer.Recorder
	authorize := tracer.CountChecks(&r,
		func(context.Context, [2]string, int, any) error { return nil },
		func(int, any) string { return "check" })
	counts := record(t, func(ctx context.Context) {
		for _, o := range []any{
			object{"item", [16]byte{1}}, object{"item", [16]byte{1}}, object{"item", [16]byte{2}}, object{"list", [16]byte{1}},
			(*object)(nil), (*object)(nil), noon, noon.In(tallinn), &pgtype.Text{String: "a", Valid: true}, "a",
		} {
			must(t, authorize(ctx, [2]string{"admin", "owner"}, 1, o))
		}
	}).Counts()
	equal(t, "counts", describeCounts(counts), "rbac=10 rbac_unique=6")
}

func TestPanickingCheckCounts(t *testing.T) {
	var r tracer.Recorder
	authorize := checked(&r, func(context.Context, string, string, string) error { panic("of the application") })
	recording := record(t, func(ctx context.Context) {
		defer func() {
			if got, want := recover(), "of the application"; got != want {
				t.Errorf("panic %v, want %v", got, want)
			}
		}()
		_ = authorize(ctx, "ann", "read", "1")
	})
	equal(t, "counts", describeCounts(withPrepares(recording)), "rbac=1 rbac_unique=1")
}

// Queries of a check are below it, later ones are not.
func TestCheckIsParent(t *testing.T) {
	var r tracer.Recorder
	inner := checked(&r, nil)
	outer := checked(&r, func(ctx context.Context, subject, _, object string) error {
		query(ctx, tracer.HooksOf(&r), "SELECT role FROM member")
		return inner(ctx, subject, "read", object)
	})
	recording := record(t, func(ctx context.Context) {
		must(t, outer(ctx, "ann", "edit", "1"))
		query(ctx, tracer.HooksOf(&r), "UPDATE item SET name = $1", "a")
	})
	var got []int
	for _, e := range recording.Events {
		got = append(got, e.Parent)
	}
	if want := []int{-1, 0, 0, -1}; !slices.Equal(got, want) {
		t.Errorf("parents %v, want %v, of %s", got, want, describeEvents(recording))
	}
	equal(t, "counts", describeCounts(withPrepares(recording)), "sql=2 sql_unique=2 rbac=2 rbac_unique=2 round_trips=2")
}

// Authorization layers of all shapes count the same.
func TestShapesOfChecks(t *testing.T) {
	errDenied := errors.New("denied")
	label := func(action, _ string) string { return action + " item" }
	for name, decide := range map[string]func(r *tracer.Recorder, ctx context.Context, object string){
		"error": func(r *tracer.Recorder, ctx context.Context, object string) {
			err := tracer.CountChecks(r, func(_ context.Context, _, _, object string) error {
				if object == "2" {
					return errDenied
				}
				return nil
			}, label)(ctx, "ann", "read", object)
			if (err == errDenied) != (object == "2") { //nolint:errorlint // the very same error
				t.Errorf("error %v of object %s, want the authorizer's own", err, object)
			}
		},
		"bool": func(r *tracer.Recorder, ctx context.Context, object string) {
			_, _ = tracer.CountDecisions(r, func(_ context.Context, _, _, object string) (bool, error) { return object != "2", nil }, label)(ctx, "ann", "read", object)
		},
		"any other": func(r *tracer.Recorder, ctx context.Context, object string) {
			_, end := r.Check(ctx, "read item", "ann", "read", object)
			end(object != "2")
		},
	} {
		var r tracer.Recorder
		recording := record(t, func(ctx context.Context) {
			for _, object := range []string{"1", "2", "1"} {
				decide(&r, ctx, object)
			}
		})
		equal(t, name+": counts", describeCounts(withPrepares(recording)), "rbac=3 rbac_unique=2")
		equal(t, name+": events", describeEvents(recording), "check done, check failed, check done")
	}
}
