package term_test

import (
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/term"
)

// Colors and characters that take two columns, or none, leave the columns straight, and
// no line ends with a blank.
func TestTable(t *testing.T) {
	table := term.Table{Header: []string{"name", "SQL", ""}, Right: []bool{false, true}}
	table.Add("größe", "7", term.Style{Color: true}.Paint(term.Red, "WORSE"))
	table.Add("表e\u0301", "12", "")
	table.Add("", term.Style{Color: true}.Paint(term.Green, "1"), "same")
	var b strings.Builder
	if err := table.Render(&b); err != nil {
		t.Fatal(err)
	}
	want := "name   SQL\n" +
		"───────────────────\n" +
		"größe    7  \x1b[31mWORSE\x1b[0m\n" +
		"表e\u0301     12\n" +
		"         \x1b[32m1\x1b[0m  same\n"
	if got := b.String(); got != want {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

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
	} {
		if got := term.Truncate(c.text, c.columns); got != c.end {
			t.Errorf("Truncate(%q, %d) = %q, want %q", c.text, c.columns, got, c.end)
		}
		if got := term.TruncateStart(c.text, c.columns); got != c.start {
			t.Errorf("TruncateStart(%q, %d) = %q, want %q", c.text, c.columns, got, c.start)
		}
	}
}
