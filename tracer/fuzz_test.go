package tracer_test

import (
	"context"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// Naming takes any text, and no quoting of a value lets the value through.
func FuzzStatementName(f *testing.F) {
	for _, seed := range []string{"", "a", "it's", `\`, `\'`, "''", "$$", "$q$", "--", "/*", "*/", "?", "$1", "\x00", "\xff", "é", "\n", ";", "-- name: A :one\n", "(1), (2)"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		tracer.StatementName(before + after)
		if strings.ContainsRune(before+after, 0) {
			return // the server takes no text with a zero byte
		}
		const secret = "5ecr3t"
		value := before + secret + after
		if strings.Contains(before+after, secret) {
			return
		}
		doubled := strings.NewReplacer("'", "''")
		for _, sql := range []string{
			"SELECT '" + doubled.Replace(value) + "'",
			"SELECT E'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(value) + "'",
			"SELECT E'" + strings.NewReplacer(`\`, `\\`, "'", `''`).Replace(value) + "'",
			"SELECT a, 'b' FROM item WHERE name IN ('x', '" + doubled.Replace(value) + "') AND id = $1",
			"INSERT INTO item VALUES (1, '" + doubled.Replace(value) + "'), (2, '" + doubled.Replace(value) + "')",
		} {
			if got := tracer.StatementName(sql); strings.Contains(got, secret) {
				t.Errorf("StatementName(%q) = %q, want the value left out", sql, got)
			}
		}
		if strings.Contains(value+"$", "$q$") {
			return
		}
		sql := "SELECT $q$" + value + "$q$"
		if got := tracer.StatementName(sql); strings.Contains(got, secret) {
			t.Errorf("StatementName(%q) = %q, want the value left out", sql, got)
		}
	})
}

// Two strings and a number are the same work only if all of them are equal.
func FuzzIdentity(f *testing.F) {
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
			var r tracer.Recorder
			events := record(t, func(ctx context.Context) {
				query(ctx, tracer.HooksOf(&r), "SELECT $1", c.a...)
				query(ctx, tracer.HooksOf(&r), "SELECT $1", c.b...)
			}).Events
			if a, b := events[0].Identity, events[1].Identity; (a == b) != same {
				t.Errorf("%s: identities of %q and %q are %d and %d, want the same: %t", c.name, c.a, c.b, a, b, same)
			}
		}
	})
}
