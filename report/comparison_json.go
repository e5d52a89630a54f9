package report

import (
	"bytes"
	"fmt"
	"io"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// JSON writes the comparison as one object, a cell per line. Cells that are the
// same in every count are left out.
func (c Comparison) JSON(w io.Writer) error {
	type change struct {
		Name string `json:"name"`
		From int    `json:"from"`
		To   int    `json:"to"`
	}
	type cell struct {
		Scenario    string   `json:"scenario"`
		N           int      `json:"n"`
		Version     string   `json:"version,omitempty"`
		Verdict     Verdict  `json:"verdict"`
		BaseOutcome string   `json:"base_outcome,omitempty"`
		HeadOutcome string   `json:"head_outcome,omitempty"`
		Metrics     []change `json:"metrics,omitempty"`
		Statements  []change `json:"statements,omitempty"`
		Checks      []change `json:"checks,omitempty"`
	}
	convert := func(changes []tracer.Change) []change {
		var converted []change
		for _, ch := range changes {
			converted = append(converted, change(ch))
		}
		return converted
	}
	base, err := marshal(c.Base)
	if err != nil {
		return err
	}
	head, err := marshal(c.Head)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"schema":%d,"base":%s,"head":%s,"regressed":%t,"cells":[`, schemaVersion, base, head, c.Regressed())
	separator := "\n"
	for _, d := range c.Cells {
		if d.Verdict == Same && len(d.Metrics)+len(d.Statements)+len(d.Checks) == 0 {
			continue
		}
		line, err := marshal(cell{
			Scenario: d.Scenario, N: d.N, Version: d.Version, Verdict: d.Verdict,
			BaseOutcome: d.Base.Outcome, HeadOutcome: d.Head.Outcome,
			Metrics: convert(d.Metrics), Statements: convert(d.Statements), Checks: convert(d.Checks),
		})
		if err != nil {
			return err
		}
		b.WriteString(separator)
		b.Write(line)
		separator = ",\n"
	}
	b.WriteString("\n]}\n")
	_, err = w.Write(b.Bytes())
	return err
}
