package ci

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Benchmarks returns the rows as Go benchmarks, for benchstat: a line for each measurement, with the
// path and the version as configuration. The Unit lines tell benchstat that counts are exact, so it
// needs only one of each.
func Benchmarks(r report.File) string {
	var b strings.Builder
	for _, m := range report.CostMetrics() {
		fmt.Fprintf(&b, "Unit %s assume=exact better=lower\n", benchUnit(m))
	}
	fmt.Fprintf(&b, "\npath: %s\n", term.Printable(r.Name, 0))
	version := ""
	for _, row := range slices.SortedFunc(slices.Values(r.Rows), func(a, b report.Row) int {
		return cmp.Or(strings.Compare(a.Version, b.Version), a.Compare(b))
	}) {
		if version != row.Version {
			version = row.Version
			fmt.Fprintf(&b, "\nversion: %s\n\n", term.Printable(version, 0))
		}
		values := ""
		for _, m := range report.CostMetrics() {
			if row.Has(m) {
				values += fmt.Sprintf(" %d %s", m.Of(row.Counts), benchUnit(m))
			}
		}
		if values == "" { // not a valid benchmark
			fmt.Fprintf(&b, "# not measured: %s n=%d: %s\n", term.Printable(row.Scenario, 0), row.N, term.Printable(row.Failure, 0))
			continue
		}
		fmt.Fprintf(&b, "BenchmarkFanout/scenario=%s/n=%d/outcome=%s 1%s\n", benchWord(row.Scenario), row.N, benchWord(row.Outcome), values)
	}
	for _, u := range findings.NotMeasured(r) {
		fmt.Fprintf(&b, "\n# %s\n", term.Printable(u.String(), 0))
	}
	return b.String()
}

func benchUnit(m tracer.Metric) string { return string(m) + "/op" }

// benchWord returns s as a part of a benchmark's name: without blanks and slashes, and without an
// end that looks like GOMAXPROCS.
func benchWord(s string) string {
	word := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '/' || r == '=' {
			return '_'
		}
		return r
	}, term.Printable(s, 0))
	if i := strings.LastIndexByte(word, '-'); i >= 0 && i+1 < len(word) && strings.Trim(word[i+1:], "0123456789") == "" {
		word = word[:i] + "_" + word[i+1:]
	}
	return word
}
