package report

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/fanout-bench/fanout-bench/scenarios"
)

// A Listing is what there is to measure.
type Listing struct{ Path *scenarios.Path }

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

// JSON writes the listing as one JSON object.
func (l Listing) JSON(w io.Writer) error {
	type version struct {
		Name    string `json:"name"`
		Source  string `json:"source,omitempty"`
		Summary string `json:"summary"`
	}
	type scenario struct {
		Name  string `json:"name"`
		Unit  string `json:"unit,omitempty"`
		Means string `json:"means,omitempty"`
		Sweep []int  `json:"sweep,omitempty"`
	}
	type workload struct {
		Name  string `json:"name"`
		Unit  string `json:"unit,omitempty"`
		Means string `json:"means,omitempty"`
		Least int    `json:"least"`
	}
	listing := struct {
		Path      string     `json:"path"`
		Reference string     `json:"reference"`
		Versions  []version  `json:"versions"`
		Scenarios []scenario `json:"scenarios"`
		Workloads []workload `json:"workloads,omitempty"`
	}{Path: l.Path.Name, Reference: l.Path.Reference}
	for _, v := range l.Path.Versions {
		listing.Versions = append(listing.Versions, version(v))
	}
	for _, s := range l.Path.Scenarios {
		row := scenario{Name: s.Name, Unit: s.Unit, Means: s.Means}
		if s.Unit != "" {
			row.Sweep = s.Sweep
		}
		listing.Scenarios = append(listing.Scenarios, row)
	}
	for _, w := range l.Path.Workloads {
		listing.Workloads = append(listing.Workloads, workload{Name: w.Name, Unit: w.Unit, Means: w.Means, Least: w.Least})
	}
	return writeIndented(w, listing)
}
