package text

import (
	"fmt"
	"slices"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/claims"
	"github.com/fanout-bench/fanout-bench/internal/term"
)

// Claims shows published and measured figures for a terminal of 120 columns.
func Claims(c claims.Checks, style term.Style) string {
	return fmt.Sprintf("%s\n%d of %d published figures reproduced.\n", claimsTable(c, style), c.Reproduced(), len(c))
}

func claimsTable(c claims.Checks, style term.Style) string {
	t := &table{header: slices.Concat(left("version", "measurement", "figure"), right("published", "measured"), left(""))}
	var explanations []string
	for _, check := range c {
		color := term.Red
		if check.Reproduced {
			color = term.Green
		}
		version, cell := term.Printable(check.Version, term.NameWidth), term.Printable(check.Cell(), term.NameWidth)
		if check.Explanation != "" {
			explanations = append(explanations, fmt.Sprintf("%s %s, %s: %s", version, cell, check.Figure(), term.Printable(check.Explanation, 0)))
		}
		t.add(version, cell, check.Figure(), fmt.Sprint(check.Claimed), check.Count(), style.Paint(color, check.Verdict()))
	}
	return t.noted(explanations)
}
