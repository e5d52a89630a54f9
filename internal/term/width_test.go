package term_test

import (
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/term"
)

func TestTruncate(t *testing.T) {
	for _, c := range []struct {
		text       string
		columns    int
		end, start string // cut there
	}{
		{"abcd", 4, "abcd", "abcd"},
		{"abcde", 4, "abc…", "…cde"},
		{"表表表", 5, "表表…", "…表表"},
		{"表表表", 4, "表…", "…表"},
		{"e\u0301e\u0301e\u0301", 2, "e\u0301…", "…e\u0301"},
		{"abc", 1, "…", "…"},
		{"SELECT … FROM item #012345f", 22, "SELECT … FRO… #012345f", "… … FROM item #012345f"},
		{"SELECT … FROM item #012345f", 12, "SELECT … FR…", "…em #012345f"},
	} {
		if got := term.Truncate(c.text, c.columns); got != c.end {
			t.Errorf("Truncate(%q, %d) = %q, want %q", c.text, c.columns, got, c.end)
		}
		if got := term.TruncateStart(c.text, c.columns); got != c.start {
			t.Errorf("TruncateStart(%q, %d) = %q, want %q", c.text, c.columns, got, c.start)
		}
	}
}
