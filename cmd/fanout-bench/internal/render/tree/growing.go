package tree

import (
	"io"
	"slices"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// WriteGrowing writes head with a plus where more is asked for than in the baseline,
// and a minus before what is asked for no more.
func WriteGrowing(w io.Writer, f findings.Finding, head calltree.Tree) error {
	var lines []treeLine
	grown := map[*calltree.Node]bool{}
	for n, stack := range head.Events() {
		for _, c := range f.Causes {
			grown[n] = grown[n] || c.Name == n.Name && c.Check == (n.Kind == tracer.KindCheck) && c.Verdict() == report.Worse &&
				slices.ContainsFunc(c.Growing(), func(caller findings.Caller) bool { return slices.Equal(caller.Stack, stack) })
		}
	}
	for _, root := range head.Roots {
		lines = treeLines(lines, root, "", "", grown)
	}
	for _, c := range f.Causes {
		base, now, _ := view.Counts(c.GrowthDiff, head.Cell.N)
		if base > 0 && now == 0 {
			kind := tracer.KindQuery
			if c.Check {
				kind = tracer.KindCheck
			}
			lines = append(lines, treeLine{sign: "-", label: []string{Title(&calltree.Node{Kind: kind, Name: c.Name})}, mark: repeated(base)})
		}
	}
	return writeTree(w, term.Style{}, lines)
}
