package text

import (
	"fmt"
	"io"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/claims"
	"github.com/fanout-bench/fanout-bench/internal/term"
)

// Claims writes the claims with what was measured for a terminal of 120 columns.
func Claims(w io.Writer, c claims.Checks, style term.Style) error {
	if err := claimsTable(w, c, style); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%d of %d claims reproduced.\n", c.Reproduced(), len(c))
	return err
}

func claimsTable(w io.Writer, c claims.Checks, style term.Style) error {
	t := &term.Table{
		Header: []string{"version", "cell", "published SQL", "RBAC", "measured SQL", "RBAC", ""},
		Right:  []bool{false, false, true, true, true, true, false},
	}
	for _, check := range c {
		sql, rbac := "-", "-"
		if check.Measured != nil {
			sql, rbac = fmt.Sprint(check.Measured.SQL), fmt.Sprint(check.Measured.RBAC)
		}
		t.Add(term.Printable(check.Version, term.NameWidth), term.Printable(fmt.Sprintf("%s/%d", check.Scenario, check.N), term.NameWidth),
			fmt.Sprint(check.SQL), fmt.Sprint(check.RBAC), sql, rbac, claimVerdict(check, style))
	}
	return t.Render(w)
}

func claimVerdict(c claims.Check, style term.Style) string {
	switch {
	case c.Measured == nil:
		return style.Paint(term.Red, "NOT MEASURED")
	case c.Reproduced:
		return style.Paint(term.Green, "reproduced")
	case c.Explanation == "":
		return style.Paint(term.Red, "NOT REPRODUCED")
	default:
		return style.Paint(term.Red, "NOT REPRODUCED") + ": " + term.Printable(c.Explanation, 0)
	}
}
