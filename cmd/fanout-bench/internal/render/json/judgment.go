package json

import (
	"io"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Judgment writes the judgment as one object, with one cause, finding or cell per line. It omits
// cells with equal counts.
func Judgment(w io.Writer, j findings.Judgment) error {
	return writeObject(w, struct {
		Schema  int    `json:"schema"`
		Path    string `json:"path"`
		Verdict string `json:"verdict"`
		Judged  int    `json:"judged"`
	}{jsonfile.Schema, j.Path, j.Verdict(), len(j.Cells)},
		linesOf("unmeasured", j.Unmeasured, func(u findings.Unmeasured) any { return u }), linesOf("causes", j.Causes, causeLine),
		linesOf("findings", j.Findings, findingLine), changedCells(j.Comparison))
}

func causeLine(c findings.Cause) any {
	type ask struct {
		growthJSON
		Kind tracer.Kind `json:"kind"`
	}
	type series struct {
		Version   string   `json:"version"`
		Scenarios []string `json:"scenarios"`
		N         []int    `json:"n"`
	}
	out := struct {
		File     string         `json:"file"` // relative to the root of the repository
		Line     int            `json:"line"`
		Function string         `json:"function"`
		Calls    string         `json:"calls,omitempty"`
		From     []tracer.Frame `json:"from,omitempty"`
		New      bool           `json:"new"`
		Asks     []ask          `json:"asks"` // in the first series
		Series   []series       `json:"series"`
	}{File: c.File(), Line: c.At.Line, Function: c.At.Function, Calls: c.Calls, From: c.From, New: c.New}
	for _, a := range c.Asks {
		out.Asks = append(out.Asks, ask{newGrowth(a.GrowthDiff), a.Kind})
	}
	for _, f := range c.Findings {
		out.Series = append(out.Series, series{f.Version, f.Scenarios(), f.N})
	}
	return out
}

func findingLine(f findings.Finding) any {
	type caller struct {
		Times string         `json:"times"`
		Stack []tracer.Frame `json:"stack"`
	}
	type change struct {
		Name    string   `json:"name"`
		Check   bool     `json:"check,omitempty"`
		Base    string   `json:"base"`
		Head    string   `json:"head"`
		Repeats string   `json:"repeats"`
		Callers []caller `json:"callers"`
	}
	changes := []change{}
	for _, c := range f.Changes {
		out := change{Name: c.Name, Check: c.Check, Base: c.Base.String(), Head: c.Head.String(),
			Repeats: c.Repeats.String(), Callers: []caller{}}
		for _, from := range c.Callers {
			out.Callers = append(out.Callers, caller{Times: from.Growth.String(), Stack: from.Stack})
		}
		changes = append(changes, out)
	}
	return struct {
		seriesJSON
		Headline string   `json:"headline"`
		Capacity string   `json:"capacity,omitempty"`
		Also     []string `json:"also,omitempty"`
		Changes  []change `json:"changes"`
	}{seriesLine(f.SeriesDiff), f.Headline(), f.Capacity(), f.Also, changes}
}
