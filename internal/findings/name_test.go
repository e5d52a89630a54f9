package findings_test

import (
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Names are shortened when they are made, so the difference between two names is shown.
func TestNamesOfStatementsFit(t *testing.T) {
	for _, column := range []string{"a", "é", "表", "\u202e", "a b"} {
		for n := range 100 {
			name := tracer.StatementName(`SELECT "` + strings.Repeat(column, n) + `" FROM a_table_of_some_items WHERE the_column = $1 AND the_other_column = $2`)
			if got := term.Printable(name, term.StatementWidth); got != term.Printable(name, 0) {
				t.Errorf("%q is cut to %q", name, got)
			}
		}
	}
}
