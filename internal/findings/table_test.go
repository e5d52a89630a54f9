package findings

import (
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/term"
)

// Colors and characters that take two columns, or none, leave the columns straight, and
// no line ends with a blank.
func TestTable(t *testing.T) {
	table := table{header: []string{"name", "SQL", ""}, right: []bool{false, true}}
	table.add("größe", "7", term.Style{Color: true}.Paint(term.Red, "WORSE"))
	table.add("表e\u0301", "12", "")
	table.add("", term.Style{Color: true}.Paint(term.Green, "1"), "same")
	var b strings.Builder
	if err := table.render(&b); err != nil {
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
