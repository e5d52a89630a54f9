package calltree

import (
	"slices"

	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// New returns the tree of a cell measured with stacks.
func New(result scenarios.Result) Tree {
	b := treeBuilder{nodes: map[nodeKey]*Node{}, ways: make([][]*Node, len(result.Recording.Events))}
	events := result.Recording.Events
	repeats := result.Recording.Repeats()
	for i, e := range events {
		if !inTree(e) {
			continue
		}
		way := b.way(events, i)
		b.ways[i] = way
		leaf := way[len(way)-1]
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
	root  Node
	nodes map[nodeKey]*Node
	ways  [][]*Node // the nodes from the root to each event
}

// A nodeKey identifies a child of a node.
type nodeKey struct {
	parent     *Node
	kind       tracer.Kind
	name, site string
}

// way returns the nodes from the root to event i, and creates the missing ones.
func (b *treeBuilder) way(events []tracer.Event, i int) []*Node {
	e := events[i]
	way, stack, site := []*Node{&b.root}, e.Stack, ""
	for p := e.Parent; p >= 0; p = events[p].Parent {
		if b.ways[p] == nil {
			continue // left out; its work belongs to its parent
		}
		way = slices.Clone(b.ways[p])
		common := commonFrames(events[p].Stack, stack)
		if common > 0 {
			site = stack[common-1].Site()
		}
		stack = stack[common:]
		break
	}
	add := func(key nodeKey, n Node) {
		key.parent, key.site = way[len(way)-1], site
		child, known := b.nodes[key]
		if !known {
			n.Kind, n.Site = key.kind, site
			child = &n
			b.nodes[key] = child
			key.parent.Children = append(key.parent.Children, child)
		}
		way = append(way, child)
	}
	for _, f := range stack {
		add(nodeKey{kind: Call, name: f.Function}, Node{Function: f.Function})
		site = f.Site()
	}
	add(nodeKey{kind: e.Kind, name: e.Name}, Node{Name: e.Name})
	return way
}

func commonFrames(a, b []tracer.Frame) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}
