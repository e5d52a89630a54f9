package report

import (
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
