package report

import (
	"fmt"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/term"
)

// findingMarkdown is a block about one regression: what changed, and where it comes
// from.
func (d Document) findingMarkdown(f Finding) string {
	var b strings.Builder
	if len(f.Also) > 0 {
		var names []string
		for _, name := range f.Also {
			names = append(names, code(name))
		}
		fmt.Fprintf(&b, "The same in %s.\n\n", strings.Join(names, ", "))
	}
	n := f.at()
	var rows []string
	for _, c := range f.Causes[:min(len(f.Causes), maxCauses)] {
		kind, repeats := "statement", ""
		if c.Check {
			kind = "check"
		}
		if count := c.Repeats.last(); count > 0 {
			repeats = fmt.Sprintf("%d of %d", count, c.Head.last())
		}
		rows = append(rows, markdownRow(kind, code(c.Name), c.changeAt(n), law(c.GrowthDiff), repeats))
	}
	if len(rows) > 0 {
		title := "count:"
		if f.Unit != "" {
			title = fmt.Sprintf("at N=%d:", n)
		}
		b.WriteString(markdownHeader("", "what changed", title, "over N", "repeats:") + strings.Join(rows, ""))
		if more := len(f.Causes) - maxCauses; more > 0 {
			fmt.Fprintf(&b, "\nand %d more\n", more)
		}
		b.WriteString("\n")
	}
	b.WriteString(d.treeMarkdown(f))
	return details(code(f.Subject())+": "+prose(f.Headline()), b.String())
}

// treeMarkdown is the call tree as a diff: against the baseline's if that was kept,
// else with a plus where more is asked for.
func (d Document) treeMarkdown(f Finding) string {
	cell := f.cell()
	base, head := d.trees(cell)
	if head == nil || len(head.Roots) == 0 {
		return ""
	}
	var text strings.Builder
	var err error
	if base != nil {
		err = DiffTrees(*base, *head).Text(&text, term.Style{})
	} else {
		err = f.grownTree(&text, *head)
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
