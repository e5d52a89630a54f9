package findings

import (
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/term"
)

// Colors and characters that take two columns, or none, leave the columns straight, and
// no line ends with a blank.
func TestTable(t *testing.T) {
	color := term.Style{Color: true}
	var b strings.Builder
	writeTable(&b, []string{"name", "SQL", ""}, [][]string{
		{"größe", "7", color.Paint(term.Red, "WORSE")},
		{"表e\u0301", "12", ""},
		{"", color.Paint(term.Green, "1"), "same"},
	})
	want := "name   SQL\n" +
		"───────────────────\n" +
		"größe  7    \x1b[31mWORSE\x1b[0m\n" +
		"表e\u0301    12\n" +
		"       \x1b[32m1\x1b[0m    same\n"
	if got := b.String(); got != want {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}
