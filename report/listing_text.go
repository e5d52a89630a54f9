package report

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Text writes the listing for a terminal of 120 columns.
func (l Listing) Text(w io.Writer, style Style) error {
	fmt.Fprintf(w, "%s\n\n", style.paint(bold, Printable(l.Path.Name, 0)))
	t := &table{header: []string{"version", "what sets it apart"}}
	for _, v := range l.Path.Versions {
		t.add(Printable(v.Name, nameWidth), Printable(v.Summary, 0))
	}
	if err := t.render(w); err != nil {
		return err
	}
	fmt.Fprintln(w)
	t = &table{header: []string{"scenario", "N by default", "N counts"}}
	for _, s := range l.Path.Scenarios {
		if s.Unit == "" {
			t.add(Printable(s.Name, nameWidth), "-")
			continue
		}
		t.add(Printable(s.Name, nameWidth), strings.Trim(fmt.Sprint(s.Sweep), "[]"), Printable(cmp.Or(s.Means, s.Unit), 0))
	}
	if err := t.render(w); err != nil {
		return err
	}
	fmt.Fprintln(w)
	if len(l.Path.Workloads) > 0 {
		t = &table{header: []string{"workload", "N from", "N counts"}}
		for _, work := range l.Path.Workloads {
			t.add(Printable(work.Name, nameWidth), strconv.Itoa(work.Least), Printable(cmp.Or(work.Means, work.Unit), 0))
		}
		if err := t.render(w); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	t = &table{header: []string{"version", "source"}}
	for _, v := range l.Path.Versions {
		if v.Source != "" {
			t.add(Printable(v.Name, nameWidth), Printable(v.Source, 0))
		}
	}
	return t.render(w)
}
