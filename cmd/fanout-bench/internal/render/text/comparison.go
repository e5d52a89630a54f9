package text

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Comparison shows the comparison for a terminal of 100 columns: the differences of each scenario,
// the statements and checks of the most important one, and the verdict in one sentence.
func Comparison(c report.Comparison, style term.Style) string {
	t := &table{header: left("scenario", "N", "SQL", "RBAC", "")}
	for _, d := range c.Series {
		if d.Verdict == report.Same && len(d.Statements) == 0 && len(d.Checks) == 0 {
			continue
		}
		t.add(seriesName(d), term.Span(d.N), findings.SeriesCost(d, tracer.SQL), findings.SeriesCost(d, tracer.RBAC), remark(d, style))
	}
	return t.part() + detail(c, style) + sentence(c, style) + "\n"
}

// detail shows the statements and checks of one series: the first that is worse, or better, or has
// the same totals with different queries.
func detail(c report.Comparison, style term.Style) string {
	order := []report.Verdict{report.Worse, report.Better, report.Same}
	list := slices.DeleteFunc(slices.Clone(c.Series), func(d report.SeriesDiff) bool {
		return !slices.Contains(order, d.Verdict) || len(d.Statements)+len(d.Checks) == 0
	})
	if len(list) == 0 {
		return ""
	}
	d := slices.MinFunc(list, func(a, b report.SeriesDiff) int {
		return cmp.Compare(slices.Index(order, a.Verdict), slices.Index(order, b.Verdict))
	})
	t := &table{header: left("behind "+seriesName(d), term.Printable(c.Base, term.NameWidth), term.Printable(c.Head, term.NameWidth))}
	for _, change := range slices.Concat(d.Statements, d.Checks) {
		head := style.Paint(findings.Shade(change.Verdict()), change.Head.String())
		t.add(term.Printable(change.Name, term.StatementWidth), change.Base.String(), head)
	}
	return t.part()
}

func seriesName(d report.SeriesDiff) string {
	return term.Printable(strings.TrimSpace(d.Version+" "+d.Scenario), 2*term.NameWidth)
}

// remark returns the verdict, with the reason if the other columns do not show it.
func remark(d report.SeriesDiff, style term.Style) string {
	text := findings.Word(style, d.Verdict)
	shown := slices.Contains(d.Worse, tracer.SQL) || slices.Contains(d.Worse, tracer.RBAC)
	switch {
	case d.Verdict == report.NotCompared:
		return text + term.Printable(fmt.Sprintf(": %s → %s", d.BaseOutcome, d.HeadOutcome), term.NameWidth)
	case d.Verdict == report.Worse && !shown:
		return text + fmt.Sprintf(": %s %s", d.Worse[0], d.Metrics[d.Worse[0]].String())
	}
	return text
}

func sentence(c report.Comparison, style term.Style) string {
	worse, better := c.Count(report.Worse), c.Count(report.Better)
	base, head := term.Printable(c.Base, term.NameWidth), term.Printable(c.Head, term.NameWidth)
	var b strings.Builder
	switch {
	case worse > 0:
		fmt.Fprintf(&b, "%s costs %s than %s in %d of %d measurements", head, style.Paint(term.Red, "MORE"), base, worse, len(c.Cells))
	case c.Regressed():
		fmt.Fprintf(&b, "%s %s than %s", head, style.Paint(term.Red, "GROWS FASTER"), base)
	case better > 0:
		fmt.Fprintf(&b, "%s costs %s than %s in %d of %d measurements, and nowhere more", head, style.Paint(term.Green, "less"), base, better, len(c.Cells))
	case c.Count(report.Same) == 0:
		fmt.Fprintf(&b, "%s and %s have no measurements to compare", base, head)
	default:
		fmt.Fprintf(&b, "%s costs the same as %s in %d of %d measurements", head, base, c.Count(report.Same), len(c.Cells))
	}
	if c.Regressed() && better > 0 {
		fmt.Fprintf(&b, ", less in %d", better)
	}
	if n := c.Count(report.NotCompared); n > 0 {
		fmt.Fprintf(&b, "; %d have different outcomes", n)
	}
	for _, v := range []report.Verdict{report.Added, report.Missing} {
		if n := c.Count(v); n > 0 {
			fmt.Fprintf(&b, "; %d %s", n, v)
		}
	}
	return b.String() + "."
}
