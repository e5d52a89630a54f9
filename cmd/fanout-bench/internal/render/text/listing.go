package text

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/internal/workload"
)

// Listing writes what there is to measure in path for a terminal of 120 columns.
func Listing(w io.Writer, path workload.Case, style term.Style) error {
	fmt.Fprintf(w, "%s\n\n", style.Paint(term.Bold, term.Printable(path.Name, 0)))
	t := &table{header: []string{"version", "what sets it apart"}}
	for _, v := range path.Versions {
		t.add(term.Printable(v.Name, term.NameWidth), term.Printable(v.Summary, 0))
	}
	if err := t.render(w); err != nil {
		return err
	}
	fmt.Fprintln(w)
	t = &table{header: []string{"scenario", "N by default", "N counts"}}
	for _, s := range path.Scenarios {
		if s.Unit == "" {
			t.add(term.Printable(s.Name, term.NameWidth), "-")
			continue
		}
		t.add(term.Printable(s.Name, term.NameWidth), strings.Trim(fmt.Sprint(s.Sweep), "[]"), term.Printable(cmp.Or(s.Counting, s.Unit), 0))
	}
	if err := t.render(w); err != nil {
		return err
	}
	fmt.Fprintln(w)
	if len(path.Workloads) > 0 {
		t = &table{header: []string{"workload", "N from", "N counts"}}
		for _, work := range path.Workloads {
			t.add(term.Printable(work.Name, term.NameWidth), strconv.Itoa(work.Least), term.Printable(cmp.Or(work.Counting, work.Unit), 0))
		}
		if err := t.render(w); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	t = &table{header: []string{"version", "source"}}
	for _, v := range path.Versions {
		if v.Source != "" {
			t.add(term.Printable(v.Name, term.NameWidth), term.Printable(v.Source, 0))
		}
	}
	return t.render(w)
}
