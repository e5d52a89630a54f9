package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/tracer"
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
		err = DiffTrees(*base, *head).Text(&text, Style{})
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

// grownTree writes head with a plus where more is asked for than in the baseline,
// and a minus before what is asked for no more.
func (f Finding) grownTree(w io.Writer, head Tree) error {
	var lines []treeLine
	grown := map[*Node]bool{}
	for n, stack := range head.events() {
		for _, c := range f.Causes {
			grown[n] = grown[n] || c.Name == n.Name && c.Check == (n.Kind == tracer.Check) && compareGrowth(c.Base, c.Head) == Worse &&
				slices.ContainsFunc(c.growing(), func(caller Caller) bool { return slices.Equal(caller.Stack, stack) })
		}
	}
	more := func(n *Node) bool { return grown[n] }
	for _, root := range head.Roots {
		lines = treeLines(lines, root, "", "", more)
	}
	for _, c := range f.Causes {
		base, now, _ := c.counts(head.Cell.N)
		if base > 0 && now == 0 {
			kind := tracer.Query
			if c.Check {
				kind = tracer.Check
			}
			lines = append(lines, treeLine{sign: "-", label: []string{(&Node{Kind: kind, Name: c.Name}).title()}, mark: repeated(base)})
		}
	}
	return writeTree(w, Style{}, lines)
}
