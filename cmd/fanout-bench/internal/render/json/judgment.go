package json

import (
	"bytes"
	"fmt"
	"io"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Judgment writes the judgment as one object, a finding or a cell per line. Cells that
// are the same in every count are left out.
func Judgment(w io.Writer, j findings.Judgment) error {
	var found, cells []any
	for _, f := range j.Findings {
		found = append(found, findingLine(f))
	}
	for _, d := range j.Cells {
		if d.Changed() {
			cells = append(cells, cellLine(d))
		}
	}
	path, err := jsonfile.Marshal(j.Path)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"schema":%d,"path":%s,"verdict":%q,"judged":%d,"unmeasured":%d`,
		jsonfile.Schema, path, j.Verdict(), len(j.Cells), len(j.Unmeasured))
	b.WriteString(",\n\"findings\":[")
	if err := jsonfile.WriteLines(&b, found); err != nil {
		return err
	}
	b.WriteString("],\n\"cells\":[")
	if err := jsonfile.WriteLines(&b, cells); err != nil {
		return err
	}
	b.WriteString("]}\n")
	_, err = w.Write(b.Bytes())
	return err
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
