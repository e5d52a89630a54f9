package calltree

import (
	"errors"
	"fmt"
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Saved is a tree in the form of result files, without what follows from its events and the row
// of its cell.
type Saved struct {
	scenarios.Cell
	Roots []SavedNode `json:"roots"`
}

// A SavedNode is a node of a Saved.
type SavedNode struct {
	Kind     tracer.Kind           `json:"kind"`
	Name     string                `json:"name"`
	Function string                `json:"function,omitempty"`
	Site     string                `json:"site,omitempty"`
	Count    int                   `json:"count,omitempty"`
	Repeated int                   `json:"repeated,omitempty"`
	Equal    map[tracer.Repeat]int `json:"equal,omitempty"`
	Opaque   int                   `json:"opaque,omitempty"`
	Children []SavedNode           `json:"children,omitempty"`
}

// Save returns t in the form of files.
func Save(t Tree) Saved {
	return Saved{t.Cell, saveNodes(t.Roots)}
}

func saveNodes(nodes []*Node) []SavedNode {
	var list []SavedNode
	for _, n := range nodes {
		list = append(list, SavedNode{
			n.Kind, n.Name, n.Function, n.Site, n.Count, n.Own().Repeated(), n.Equal, n.Opaque, saveNodes(n.Children),
		})
	}
	return list
}

// Check returns an error if t is invalid.
func (t Saved) Check() error {
	for _, n := range t.Roots {
		if err := n.check(); err != nil {
			return fmt.Errorf("the tree of %v: %w", t.Cell, err)
		}
	}
	return nil
}

var savedKinds = []tracer.Kind{Call, tracer.KindQuery, tracer.KindCopy, tracer.KindTx, tracer.KindBatch, tracer.KindCheck}

func (n SavedNode) check() error {
	parts, fits := 0, true // each is in at most one of the parts
	add := func(part int) { parts, fits = parts+part, fits && part >= 0 && part <= n.Count }
	add(n.Repeated)
	add(n.Opaque)
	for reason, count := range n.Equal {
		add(count)
		fits = fits && slices.Contains(Hindrances(), reason)
	}
	if !slices.Contains(savedKinds, n.Kind) {
		return fmt.Errorf("unknown kind %q; want a call or an event", n.Kind)
	}
	if n.Count > jsonfile.MaxCount || !fits || parts > n.Count || (n.Kind == Call) != (n.Count == 0) {
		return errors.New("the counts do not add up")
	}
	for _, child := range n.Children {
		if err := child.check(); err != nil {
			return err
		}
	}
	return nil
}

// Restore returns the tree, for a cell with that outcome.
func (t Saved) Restore(outcome string) Tree {
	tree := Tree{Cell: t.Cell, Outcome: outcome}
	tree.Roots, tree.Cost = restoreNodes(t.Roots)
	markAgain(tree.Roots)
	return tree
}

func restoreNodes(saved []SavedNode) (nodes []*Node, total Cost) {
	for _, s := range saved {
		n := &Node{Kind: s.Kind, Name: s.Name, Function: s.Function, Site: s.Site, Count: s.Count, Equal: s.Equal, Opaque: s.Opaque}
		n.Children, n.Cost = restoreNodes(s.Children)
		n.Cost = n.Cost.Plus(costOf(s.Kind, s.Count, s.Repeated))
		nodes, total = append(nodes, n), total.Plus(n.Cost)
	}
	return nodes, total
}
