package sqltext_test

import (
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/tracer/internal/sqltext"
)

// Naming takes any text, and no quoting of a value lets the value through.
func FuzzName(f *testing.F) {
	for _, seed := range []string{"", "a", "it's", `\`, `\'`, "''", "$$", "$q$", "--", "/*", "*/", "?", "$1", "\x00", "\xff", "é", "\n", ";", "-- name: A :one\n", "(1), (2)"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		sqltext.Name(before + after)
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
			if got := sqltext.Name(sql); strings.Contains(got, secret) {
				t.Errorf("StatementName(%q) = %q, want the value left out", sql, got)
			}
		}
		if strings.Contains(value+"$", "$q$") {
			return
		}
		sql := "SELECT $q$" + value + "$q$"
		if got := sqltext.Name(sql); strings.Contains(got, secret) {
			t.Errorf("StatementName(%q) = %q, want the value left out", sql, got)
		}
	})
}
