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
	Roots []*Node `json:"roots"`
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

func (n *Node) check() error {
	if n == nil {
		n = &Node{}
	}
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

// Restore returns the tree, for a cell with that outcome. It takes over the nodes.
func (t Saved) Restore(outcome string) Tree {
	tree := Tree{Cell: t.Cell, Outcome: outcome, Cost: addUp(t.Roots), Roots: t.Roots}
	markAgain(tree.Roots)
	return tree
}
