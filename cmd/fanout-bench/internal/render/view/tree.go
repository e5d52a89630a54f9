package view

import (
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/report"
)

// A GrownDiff is a NodeDiff whose counts and costs, of the node and all below it,
// are known at each N.
type GrownDiff struct {
	*calltree.NodeDiff
	Count, SQL, RBAC, Repeated report.GrowthDiff
	Children                   []GrownDiff
}

// DiffGrown sets the tree of a series against that of another at the same N.
func DiffGrown(base, head calltree.Grown) []GrownDiff {
	d := calltree.Compare(base.Tree, head.Tree)
	var roots []GrownDiff
	for _, root := range d.Roots {
		roots = append(roots, newGrownDiff(root, base, head))
	}
	return roots
}

func newGrownDiff(d *calltree.NodeDiff, base, head calltree.Grown) GrownDiff {
	g := GrownDiff{NodeDiff: d}
	for _, child := range d.Children {
		g.Children = append(g.Children, newGrownDiff(child, base, head))
	}
	// own is the growth of a number of the node alone.
	own := func(of func(calltree.Own) int) report.GrowthDiff {
		return report.GrowthDiff{Base: findings.GrowthOf(base, d.Base, of), Head: findings.GrowthOf(head, d.Head, of)}
	}
	g.Count = own(func(n calltree.Own) int { return n.Count })
	g.SQL = own(func(n calltree.Own) int { return n.Cost.SQL })
	g.RBAC = own(func(n calltree.Own) int { return n.Cost.RBAC })
	g.Repeated = own(func(n calltree.Own) int { return n.Cost.Repeated() })
	for _, child := range g.Children {
		g.SQL, g.RBAC, g.Repeated = plusChange(g.SQL, child.SQL), plusChange(g.RBAC, child.RBAC), plusChange(g.Repeated, child.Repeated)
	}
	return g
}

// SameAtEachN reports whether the node and all below it happen in both, as often at each N.
func (g GrownDiff) SameAtEachN() bool {
	return !g.New() && !g.Gone() && !g.Renamed() && !g.Count.Changed() &&
		!slices.ContainsFunc(g.Children, func(child GrownDiff) bool { return !child.SameAtEachN() })
}
