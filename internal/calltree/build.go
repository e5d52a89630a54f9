package calltree

import (
	"slices"

	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// New returns the tree of a cell measured with stacks.
func New(result scenarios.Result) Tree {
	b := treeBuilder{nodes: map[nodeKey]*Node{}, leaves: make([]*Node, len(result.Recording.Events))}
	events := result.Recording.Events
	repeats := result.Recording.Repeats()
	for i, e := range events {
		if !inTree(e) {
			continue
		}
		leaf := b.leaf(events, i)
		b.leaves[i] = leaf
		leaf.Count++
		switch {
		case e.Identity == 0:
			leaf.Opaque++
		case repeats[i] == tracer.Repeated:
			leaf.Repeated++
		case slices.Contains(Hindrances(), repeats[i]):
			if leaf.Equal == nil {
				leaf.Equal = map[tracer.Repeat]int{}
			}
			leaf.Equal[repeats[i]]++
		}
	}
	return Saved{result.Cell, b.root.Children}.Restore(result.Outcome)
}

// Trees returns the trees of the cells measured with stacks.
func Trees(results []scenarios.Result) []Tree {
	var trees []Tree
	for _, result := range results {
		trees = append(trees, New(result))
	}
	return trees
}

// inTree reports whether e is work that the application requested. Connections and prepares only
// accompany it.
func inTree(e tracer.Event) bool {
	switch e.Kind {
	case tracer.KindQuery, tracer.KindCopy, tracer.KindTx, tracer.KindBatch, tracer.KindCheck:
		return e.Outcome != tracer.OutcomeSkipped && e.Outcome != tracer.OutcomeNotSent
	default:
		return false
	}
}

type treeBuilder struct {
	root   Node
	nodes  map[nodeKey]*Node
	leaves []*Node // of each event
}

// A nodeKey identifies a child of a node.
type nodeKey struct {
	parent *Node
	identity
	site string
}

// leaf returns the node of event i, and creates what is missing on the way to it.
func (b *treeBuilder) leaf(events []tracer.Event, i int) *Node {
	e := events[i]
	at, stack, site := &b.root, e.Stack, ""
	for p := e.Parent; p >= 0; p = events[p].Parent {
		if b.leaves[p] == nil {
			continue // left out; its work belongs to its parent
		}
		at = b.leaves[p]
		common := commonFrames(events[p].Stack, stack)
		if common > 0 {
			site = stack[common-1].Site()
		}
		stack = stack[common:]
		break
	}
	for _, f := range stack {
		at = b.child(at, Node{Kind: Call, Function: f.Function, Site: site})
		site = f.Site()
	}
	return b.child(at, Node{Kind: e.Kind, Name: e.Name, Site: site})
}

// child returns the child of parent that is like n.
func (b *treeBuilder) child(parent *Node, n Node) *Node {
	key := nodeKey{parent, n.identity(), n.Site}
	if b.nodes[key] == nil {
		b.nodes[key] = &n
		parent.Children = append(parent.Children, &n)
	}
	return b.nodes[key]
}

func commonFrames(a, b []tracer.Frame) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}
