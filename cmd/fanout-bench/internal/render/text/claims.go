package text

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/claims"
	"github.com/fanout-bench/fanout-bench/internal/term"
)

// Claims writes published and measured figures for a terminal of 120 columns.
func Claims(w io.Writer, c claims.Checks, style term.Style) error {
	if err := claimsTable(w, c, style); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%d of %d published figures reproduced.\n", c.Reproduced(), len(c))
	return err
}

func claimsTable(w io.Writer, c claims.Checks, style term.Style) error {
	t := &table{header: slices.Concat(left("version", "measurement", "figure"), right("published", "measured"), left(""))}
	var explanations strings.Builder
	for _, check := range c {
		color := term.Red
		if check.Reproduced {
			color = term.Green
		}
		verdict := style.Paint(color, check.Verdict())
		if check.Explanation != "" {
			fmt.Fprintf(&explanations, "\n%s %s, %s: %s", term.Printable(check.Version, term.NameWidth), term.Printable(check.Cell(), term.NameWidth), check.Figure(), term.Printable(check.Explanation, 0))
		}
		t.add(term.Printable(check.Version, term.NameWidth), term.Printable(check.Cell(), term.NameWidth),
			check.Figure(), fmt.Sprint(check.Claimed), check.Count(), verdict)
	}
	if err := t.render(w); err != nil || explanations.Len() == 0 {
		return err
	}
	_, err := fmt.Fprintln(w, explanations.String())
	return err
}
