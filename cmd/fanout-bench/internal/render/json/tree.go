package json

import (
	"bytes"
	"io"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Tree writes the tree as one object of nested nodes, one per line.
func Tree(w io.Writer, t calltree.Tree) error {
	return writeNested(w, struct {
		Schema   int           `json:"schema"`
		Scenario string        `json:"scenario"`
		N        int           `json:"n"`
		Version  string        `json:"version"`
		Outcome  string        `json:"outcome"`
		Cost     calltree.Cost `json:"cost"`
	}{jsonfile.Schema, t.Cell.Scenario, t.Cell.N, t.Cell.Version, t.Outcome, t.Cost}, t.Roots, nodeLine)
}

// TreeDiff writes the difference as one object of nested nodes, one per line.
func TreeDiff(w io.Writer, d calltree.Diff) error {
	return writeNested(w, struct {
		Schema   int           `json:"schema"`
		Scenario string        `json:"scenario"`
		N        int           `json:"n"`
		Versions [2]string     `json:"versions"`
		Outcomes [2]string     `json:"outcomes"`
		BaseCost calltree.Cost `json:"base_cost"`
		HeadCost calltree.Cost `json:"head_cost"`
	}{
		jsonfile.Schema, d.Head.Scenario, d.Head.N, [2]string{d.Base.Version, d.Head.Version},
		[2]string{d.BaseOutcome, d.HeadOutcome}, d.BaseCost, d.HeadCost,
	}, d.Roots, diffLine)
}

func nodeLine(n *calltree.Node) (any, []*calltree.Node) {
	return struct {
		Kind     tracer.Kind   `json:"kind"`
		Name     string        `json:"name"`
		Function string        `json:"function,omitempty"`
		Site     string        `json:"site"`
		Count    int           `json:"count,omitempty"`
		Cost     calltree.Cost `json:"cost"`
	}{n.Kind, n.Name, n.Function, n.Site, n.Count, n.Cost}, n.Children
}

func diffLine(d *calltree.NodeDiff) (any, []*calltree.NodeDiff) {
	n := d.Node()
	line := struct {
		Change    string        `json:"change"`
		Kind      tracer.Kind   `json:"kind"`
		Name      string        `json:"name"`
		Was       string        `json:"was,omitempty"` // the name in the base, if it differs
		Function  string        `json:"function,omitempty"`
		Site      string        `json:"site"`
		BaseCount int           `json:"base_count,omitempty"`
		HeadCount int           `json:"head_count,omitempty"`
		BaseCost  calltree.Cost `json:"base_cost"`
		HeadCost  calltree.Cost `json:"head_cost"`
	}{
		Change: change(d), Kind: n.Kind, Name: n.Name, Function: n.Function, Site: n.Site,
		BaseCost: d.BaseCost, HeadCost: d.HeadCost,
	}
	if d.Base != nil {
		line.BaseCount = d.Base.Count
	}
	if d.Head != nil {
		line.HeadCount = d.Head.Count
	}
	if d.Renamed() {
		line.Was = d.Base.Name
	}
	return line, d.Children
}

// change returns the kind of the difference; "changed" also if only a node below d changed.
func change(d *calltree.NodeDiff) string {
	switch {
	case d.New():
		return "new"
	case d.Gone():
		return "gone"
	case d.Renamed():
		return "renamed"
	case d.Same():
		return "same"
	default:
		return "changed"
	}
}

// writeNested writes an object with nodes as its last key. lineOf returns the object of a node, and
// its children.
func writeNested[N any](w io.Writer, object any, nodes []N, lineOf func(N) (any, []N)) error {
	var b bytes.Buffer
	var write func(object any, nodes []N, depth int) error
	write = func(object any, nodes []N, depth int) error {
		line, err := jsonfile.Marshal(object)
		if err != nil {
			return err
		}
		b.Write(bytes.TrimSuffix(line, []byte("}")))
		b.WriteString(`,"children":[`)
		for i, n := range nodes {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString("\n" + strings.Repeat(" ", depth))
			below, children := lineOf(n)
			if err := write(below, children, depth+1); err != nil {
				return err
			}
		}
		b.WriteString("]}")
		return nil
	}
	if err := write(object, nodes, 1); err != nil {
		return err
	}
	b.WriteByte('\n')
	_, err := w.Write(b.Bytes())
	return err
}
