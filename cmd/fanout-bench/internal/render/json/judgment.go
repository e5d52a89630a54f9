package json

import (
	"io"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Judgment writes the judgment as one object, a finding or a cell per line. Cells that
// are the same in every count are left out.
func Judgment(w io.Writer, j findings.Judgment) error {
	var found []any
	for _, f := range j.Findings {
		found = append(found, findingLine(f))
	}
	var unmeasured []any
	for _, u := range j.Unmeasured {
		unmeasured = append(unmeasured, u)
	}
	return writeObject(w, struct {
		Schema  int    `json:"schema"`
		Path    string `json:"path"`
		Verdict string `json:"verdict"`
		Judged  int    `json:"judged"`
	}{jsonfile.Schema, j.Path, j.Verdict(), len(j.Cells)}, lines{"unmeasured", unmeasured}, lines{"findings", found}, changedCells(j.Comparison))
}

func findingLine(f findings.Finding) any {
	type caller struct {
		Times string         `json:"times"`
		Stack []tracer.Frame `json:"stack"`
	}
	type cause struct {
		Name    string   `json:"name"`
		Check   bool     `json:"check,omitempty"`
		Base    string   `json:"base"`
		Head    string   `json:"head"`
		Repeats string   `json:"repeats"`
		Callers []caller `json:"callers"`
	}
	causes := []cause{}
	for _, c := range f.Causes {
		out := cause{Name: c.Name, Check: c.Check, Base: c.Base.String(), Head: c.Head.String(),
			Repeats: c.Repeats.String(), Callers: []caller{}}
		for _, from := range c.Callers {
			out.Callers = append(out.Callers, caller{Times: from.Growth.String(), Stack: from.Stack})
		}
		causes = append(causes, out)
	}
	return struct {
		seriesJSON
		Headline string   `json:"headline"`
		Also     []string `json:"also,omitempty"`
		Causes   []cause  `json:"causes"`
	}{seriesLine(f.SeriesDiff), f.Headline(), f.Also, causes}
}
