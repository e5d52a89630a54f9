package identity_test

import (
	"testing"

	"github.com/fanout-bench/fanout-bench/tracer/internal/identity"
)

// Two strings and a number are the same work only if all are equal.
func FuzzStatement(f *testing.F) {
	f.Add("a", "bc", int64(1), "ab", "c", int64(1))
	f.Add("", "", int64(0), "", "", int64(0))
	f.Add("\x00", "s", int64(-1), "\x00s", "", int64(-1))
	f.Add("a", "b", int64(256), "a", "b", int64(1))
	f.Fuzz(func(t *testing.T, a1, a2 string, a3 int64, b1, b2 string, b3 int64) {
		same := a1 == b1 && a2 == b2 && a3 == b3
		for _, c := range []struct {
			name string
			a, b []any
		}{
			{"arguments", []any{a1, a2, a3}, []any{b1, b2, b3}},
			{"bytes", []any{[]byte(a1), []byte(a2), a3}, []any{[]byte(b1), []byte(b2), b3}},
			{"pointers", []any{&a1, &a2, &a3}, []any{&b1, &b2, &b3}},
			{"a slice", []any{[]string{a1, a2}, a3}, []any{[]string{b1, b2}, b3}},
			{"a map", []any{map[string]any{"x": a1, "y": a2, "z": a3}}, []any{map[string]any{"z": b3, "y": b2, "x": b1}}},
			{"slices", []any{[]any{a1}, []any{a2, a3}}, []any{[]any{b1}, []any{b2, b3}}},
		} {
			a, b := identity.Arguments("SELECT $1", c.a), identity.Arguments("SELECT $1", c.b)
			if (a == b) != same {
				t.Errorf("%s: identities of %q and %q are %d and %d, want the same: %t", c.name, c.a, c.b, a, b, same)
			}
		}
	})
}
