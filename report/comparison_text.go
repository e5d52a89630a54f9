package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// Text writes the comparison for a terminal of 100 columns: what differs in each
// scenario, the statements and checks behind the first of the differences that
// matter most, and the verdict in a sentence.
func (c Comparison) Text(w io.Writer, style Style) error {
	t := &table{header: []string{"scenario", "N", "SQL", "RBAC", ""}}
	for _, d := range c.Series {
		if d.Verdict == Same && len(d.Statements) == 0 && len(d.Checks) == 0 {
			continue
		}
		t.add(d.name(), span(d.N), d.Metrics[tracer.SQL].arrow(), d.Metrics[tracer.RBAC].arrow(), d.remark(style))
	}
	if len(t.rows) > 0 {
		if err := t.render(w); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	if err := c.detail(w, style); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, c.sentence(style))
	return err
}

// detail shows what is behind one series: the first that is worse, else better,
// else the same at the surface only.
func (c Comparison) detail(w io.Writer, style Style) error {
	i := -1
	for _, verdict := range []Verdict{Worse, Better, Same} {
		i = slices.IndexFunc(c.Series, func(d SeriesDiff) bool {
			return d.Verdict == verdict && len(d.Statements)+len(d.Checks) > 0
		})
		if i >= 0 {
			break
		}
	}
	if i < 0 {
		return nil
	}
	d := c.Series[i]
	t := &table{header: []string{"behind " + d.name(), Printable(c.Base, nameWidth), Printable(c.Head, nameWidth)}}
	for _, change := range slices.Concat(d.Statements, d.Checks) {
		head := style.paint(shade(compareGrowth(change.Base, change.Head)), change.Head.String())
		t.add(Printable(change.Name, 60), change.Base.String(), head)
	}
	if err := t.render(w); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w)
	return err
}

func (d SeriesDiff) name() string {
	return Printable(strings.TrimSpace(d.Version+" "+d.Scenario), 2*nameWidth)
}

// remark is the verdict, and what is behind it that the other columns do not show.
func (d SeriesDiff) remark(style Style) string {
	text := style.verdict(d.Verdict)
	shown := slices.Contains(d.Worse, tracer.SQL) || slices.Contains(d.Worse, tracer.RBAC)
	switch {
	case d.Verdict == NotCompared:
		return text + Printable(fmt.Sprintf(": %s → %s", d.BaseOutcome, d.HeadOutcome), nameWidth)
	case d.Verdict == Worse && !shown:
		return text + fmt.Sprintf(": %s %s", d.Worse[0], d.Metrics[d.Worse[0]].arrow())
	}
	return text
}

func (c Comparison) sentence(style Style) string {
	worse, better := c.Count(Worse), c.Count(Better)
	base, head := Printable(c.Base, nameWidth), Printable(c.Head, nameWidth)
	var b strings.Builder
	switch {
	case worse > 0:
		fmt.Fprintf(&b, "%s costs %s than %s in %d of %d cells", head, style.paint(red, "MORE"), base, worse, len(c.Cells))
	case c.Regressed():
		fmt.Fprintf(&b, "%s %s than %s", head, style.paint(red, "GROWS FASTER"), base)
	case better > 0:
		fmt.Fprintf(&b, "%s costs %s than %s in %d of %d cells, and nowhere more", head, style.paint(green, "less"), base, better, len(c.Cells))
	case !c.Conclusive():
		fmt.Fprintf(&b, "%s and %s have no cell to compare", base, head)
	default:
		fmt.Fprintf(&b, "%s costs the same as %s in %d of %d cells", head, base, c.Count(Same), len(c.Cells))
	}
	if c.Regressed() && better > 0 {
		fmt.Fprintf(&b, ", less in %d", better)
	}
	if n := c.Count(NotCompared); n > 0 {
		fmt.Fprintf(&b, "; %d not compared, as the outcomes differ", n)
	}
	for _, v := range []Verdict{Added, Missing} {
		if n := c.Count(v); n > 0 {
			fmt.Fprintf(&b, "; %d %s", n, v)
		}
	}
	return b.String() + "."
}
