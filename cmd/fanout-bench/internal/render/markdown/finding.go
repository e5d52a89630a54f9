package markdown

import (
	"fmt"
	"strings"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/tree"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
)

// finding is a block about one regression: what changed, and where it comes
// from.
func finding(d view.Document, f findings.Finding) string {
	var b strings.Builder
	if len(f.Also) > 0 {
		var names []string
		for _, name := range f.Also {
			names = append(names, code(name))
		}
		fmt.Fprintf(&b, "The same in %s.\n\n", strings.Join(names, ", "))
	}
	n := view.At(f.SeriesDiff)
	var rows []string
	for _, c := range f.Causes[:min(len(f.Causes), findings.MaxCauses)] {
		kind, repeats := "statement", ""
		if c.Check {
			kind = "check"
		}
		if count := findings.Last(c.Repeats); count > 0 {
			repeats = fmt.Sprintf("%d of %d", count, findings.Last(c.Head))
		}
		rows = append(rows, row(kind, code(c.Name), view.ChangeAt(c.GrowthDiff, n), view.Law(c.GrowthDiff), repeats))
	}
	if len(rows) > 0 {
		title := "count:"
		if f.Unit != "" {
			title = fmt.Sprintf("at N=%d:", n)
		}
		b.WriteString(header("", "what changed", title, "over N", "repeats:") + strings.Join(rows, ""))
		if more := len(f.Causes) - findings.MaxCauses; more > 0 {
			fmt.Fprintf(&b, "\nand %d more\n", more)
		}
		b.WriteString("\n")
	}
	b.WriteString(callTree(d, f))
	return details(code(f.Subject())+": "+prose(f.Headline()), b.String())
}

// callTree is the call tree as a diff: against the baseline's if that was kept,
// else with a plus where more is asked for.
func callTree(d view.Document, f findings.Finding) string {
	cell := f.Cell()
	base, head := d.Trees(cell)
	if head == nil || len(head.Roots) == 0 {
		return ""
	}
	var text strings.Builder
	var err error
	if base != nil {
		err = tree.WriteDiff(&text, calltree.Compare(*base, *head), term.Style{})
	} else {
		err = tree.WriteGrowing(&text, f, *head)
	}
	if err != nil { // a strings.Builder has none
		return ""
	}
	where := ""
	if f.Unit != "" {
		where = fmt.Sprintf(", at N=%d", cell.N)
	}
	return "Who asks" + where + ":\n\n" + fenced("diff", text.String())
}
