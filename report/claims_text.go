package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// Text writes the figures with what was measured for a terminal of 120 columns.
func (c ClaimChecks) Text(w io.Writer, style Style) error {
	if err := c.table(w, style); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%d of %d published figures reproduced.\n", c.Reproduced(), len(c))
	return err
}

func (c ClaimChecks) table(w io.Writer, style Style) error {
	t := &table{
		header: []string{"version", "cell", "figure", "published", "measured", ""},
		right:  []bool{false, false, false, true, true, false},
	}
	for _, check := range c {
		t.add(Printable(check.Claim.Version, nameWidth), Printable(check.Claim.cell(), nameWidth),
			check.figure(), fmt.Sprint(check.Claimed), check.measured(), check.verdict(style))
	}
	return t.render(w)
}

// cell is "agents/2".
func (c Claim) cell() string { return fmt.Sprintf("%s/%d", c.Scenario, c.N) }

func (c ClaimCheck) figure() string { return strings.ToUpper(string(c.Metric)) }

func (c ClaimCheck) measured() string {
	if c.Measured == nil {
		return "-"
	}
	return fmt.Sprint(*c.Measured)
}

func (c ClaimCheck) verdict(style Style) string {
	switch {
	case c.Measured == nil:
		return style.paint(red, "NOT MEASURED")
	case c.Reproduced:
		return style.paint(green, "reproduced")
	case c.Explanation == "":
		return style.paint(red, "NOT REPRODUCED")
	default:
		return style.paint(red, "NOT REPRODUCED") + ": " + Printable(c.Explanation, 0)
	}
}

// JSON writes the figures with what was measured as one object, a figure per line.
func (c ClaimChecks) JSON(w io.Writer) error {
	type row struct {
		Scenario    string        `json:"scenario"`
		N           int           `json:"n"`
		Version     string        `json:"version"`
		Metric      tracer.Metric `json:"metric"`
		Claimed     int           `json:"claimed"`
		Measured    *int          `json:"measured"` // null if it was not
		Reproduced  bool          `json:"reproduced"`
		Explanation string        `json:"explanation,omitempty"`
	}
	var rows []row
	for _, check := range c {
		rows = append(rows, row{
			check.Claim.Scenario, check.Claim.N, check.Claim.Version,
			check.Metric, check.Claimed, check.Measured, check.Reproduced, check.Explanation,
		})
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"schema":%d,"figures":[`, schemaVersion)
	if err := writeLines(&b, rows); err != nil {
		return err
	}
	b.WriteString("]}\n")
	_, err := w.Write(b.Bytes())
	return err
}
