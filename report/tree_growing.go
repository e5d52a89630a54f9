package report

import (
	"io"
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// grownTree writes head with a plus where more is asked for than in the baseline,
// and a minus before what is asked for no more.
func (f Finding) grownTree(w io.Writer, head Tree) error {
	var lines []treeLine
	grown := map[*Node]bool{}
	for n, stack := range head.events() {
		for _, c := range f.Causes {
			grown[n] = grown[n] || c.Name == n.Name && c.Check == (n.Kind == tracer.Check) && c.Verdict() == Worse &&
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
	return writeTree(w, term.Style{}, lines)
}
