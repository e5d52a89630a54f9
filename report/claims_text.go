package report

import (
	"bytes"
	"fmt"
	"io"
)

// Text writes the claims with what was measured for a terminal of 120 columns.
func (c ClaimChecks) Text(w io.Writer, style Style) error {
	if err := c.table(w, style); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%d of %d claims reproduced.\n", c.Reproduced(), len(c))
	return err
}

func (c ClaimChecks) table(w io.Writer, style Style) error {
	t := &table{
		header: []string{"version", "cell", "published SQL", "RBAC", "measured SQL", "RBAC", ""},
		right:  []bool{false, false, true, true, true, true, false},
	}
	for _, check := range c {
		sql, rbac := "-", "-"
		if check.Measured != nil {
			sql, rbac = fmt.Sprint(check.Measured.SQL), fmt.Sprint(check.Measured.RBAC)
		}
		t.add(Printable(check.Version, nameWidth), Printable(fmt.Sprintf("%s/%d", check.Scenario, check.N), nameWidth),
			fmt.Sprint(check.SQL), fmt.Sprint(check.RBAC), sql, rbac, check.verdict(style))
	}
	return t.render(w)
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

// JSON writes the claims with what was measured as one object, a claim per line.
func (c ClaimChecks) JSON(w io.Writer) error {
	type figures struct {
		SQL  int `json:"sql"`
		RBAC int `json:"rbac"`
	}
	type row struct {
		Scenario    string   `json:"scenario"`
		N           int      `json:"n"`
		Version     string   `json:"version"`
		Claimed     figures  `json:"claimed"`
		Measured    *figures `json:"measured"` // null if it was not
		Reproduced  bool     `json:"reproduced"`
		Explanation string   `json:"explanation,omitempty"`
	}
	var rows []row
	for _, check := range c {
		r := row{
			Scenario: check.Scenario, N: check.N, Version: check.Version,
			Claimed: figures{check.SQL, check.RBAC}, Reproduced: check.Reproduced, Explanation: check.Explanation,
		}
		if check.Measured != nil {
			r.Measured = &figures{check.Measured.SQL, check.Measured.RBAC}
		}
		rows = append(rows, r)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"schema":%d,"claims":[`, schemaVersion)
	if err := writeLines(&b, rows); err != nil {
		return err
	}
	b.WriteString("]}\n")
	_, err := w.Write(b.Bytes())
	return err
}
