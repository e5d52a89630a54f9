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
	for _, c := range f.Changes[:min(len(f.Changes), findings.MaxChanges)] {
		kind, repeats := "statement", ""
		if c.Check {
			kind = "check"
		}
		if count := findings.Last(c.Repeats); count > 0 {
			repeats = fmt.Sprintf("%d of %d", count, findings.Last(c.Head))
		}
		rows = append(rows, row(kind, code(c.Name), view.ChangeAt(f.SeriesDiff, c.GrowthDiff, n), view.Law(c.GrowthDiff), repeats))
	}
	if len(rows) > 0 {
		title := "count:"
		if f.Unit != "" {
			title = fmt.Sprintf("at N=%d:", n)
		}
		b.WriteString(header("", "what changed", title, "over N", "repeats:") + strings.Join(rows, ""))
		if more := len(f.Changes) - findings.MaxChanges; more > 0 {
			fmt.Fprintf(&b, "\nand %d more\n", more)
		}
		b.WriteString("\n")
	}
	b.WriteString(callTree(d, f))
	if b.Len() == 0 {
		return ""
	}
	return details(tagged(f.Subject())+": "+prose(f.Headline()), b.String())
}

// treeLines is how long the tree in a comment may be.
const treeLines = 24

// callTree is the call tree as a difference to that of the baseline, if it has call sites.
func callTree(d view.Document, f findings.Finding) string {
	base, head := d.Trees(f.Cell())
	if head == nil || len(head.Roots) == 0 {
		return ""
	}
	if base == nil {
		return "The baseline has no call sites, so that no difference is drawn.\n\n" + drawn(*head)
	}
	return fenced("diff", cut(tree.DiffText(calltree.Compare(*base, *head), term.Style{})))
}

// drawn is a call tree as a block.
func drawn(t calltree.Tree) string { return fenced("text", cut(tree.Text(t, term.Style{}))) }

// cut returns what is around the first line that changed, of a text that is too long.
func cut(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	over := len(lines) - treeLines
	if over <= 0 {
		return text
	}
	const before = 8
	from := 0
	for i, line := range lines {
		if i > 0 && (strings.HasPrefix(line, "+") || strings.HasPrefix(line, "-")) {
			from = min(max(i-before, 0), over)
			break
		}
	}
	return strings.Join(lines[from:from+treeLines], "\n") + fmt.Sprintf("\n(%d more lines; the page has all)", over)
}
