package calltree

import "slices"

// A union is the one tree of a diff while it is made: the head's, to which what is
// gone is added.
type union struct {
	ofBase map[*Node]*NodeDiff // of the nodes that stayed
	parent map[*NodeDiff]*NodeDiff
}

// unite returns the root of the union of two trees whose roots are alike.
func unite(base, head *Node) *NodeDiff {
	pairs := plausible(match(base, head), base, head)
	ofHead := map[*Node]*Node{}
	for b, h := range pairs {
		ofHead[h] = b
	}
	u := union{ofBase: map[*Node]*NodeDiff{}, parent: map[*NodeDiff]*NodeDiff{}}
	root := u.copyHead(head, ofHead)
	u.addGone(root)
	return root
}

func (u *union) copyHead(h *Node, ofHead map[*Node]*Node) *NodeDiff {
	d := &NodeDiff{Base: ofHead[h], Head: h}
	if d.Base != nil {
		u.ofBase[d.Base] = d
	}
	for _, child := range h.Children {
		u.insert(d, len(d.Children), u.copyHead(child, ofHead))
	}
	return d
}

// addGone inserts below d, which stayed, what is gone from below its base.
func (u *union) addGone(d *NodeDiff) {
	row := u.row(d.Base)
	for i, item := range row {
		if !item.Gone() {
			u.addGone(item)
			continue
		}
		var previous, next *NodeDiff
		if i > 0 {
			previous = row[i-1]
		}
		if n := slices.IndexFunc(row[i:], func(d *NodeDiff) bool { return !d.Gone() }); n >= 0 {
			next = row[i+n]
		}
		u.place(item, d, previous, next, len(u.stayed(item.Base)) > 0)
	}
}

// row returns the children of b. One that is gone is followed by what stayed of
// its descendants, for these are elsewhere now.
func (u *union) row(b *Node) []*NodeDiff {
	var row []*NodeDiff
	for _, child := range b.Children {
		if d := u.ofBase[child]; d != nil {
			row = append(row, d)
			continue
		}
		row = append(row, u.gone(child))
		row = append(row, u.stayed(child)...)
	}
	return row
}

// gone returns b and what else is gone below it.
func (u *union) gone(b *Node) *NodeDiff {
	d := &NodeDiff{Base: b}
	for _, child := range b.Children {
		if u.ofBase[child] == nil {
			u.insert(d, len(d.Children), u.gone(child))
		}
	}
	return d
}

// stayed returns the topmost descendants of b that stayed.
func (u *union) stayed(b *Node) []*NodeDiff {
	var row []*NodeDiff
	for _, child := range b.Children {
		if d := u.ofBase[child]; d != nil {
			row = append(row, d)
		} else {
			row = append(row, u.stayed(child)...)
		}
	}
	return row
}

// place puts gone below d, between its neighbors of old: at once before the next if
// that is what it led to. What is new may have come between these and d: gone goes
// as deep as both of them went together.
func (u *union) place(gone, d, previous, next *NodeDiff, led bool) {
	for previous != nil && next != nil && u.childAbove(d, previous) == u.childAbove(d, next) {
		d = d.Children[u.childAbove(d, next)]
	}
	if led {
		u.insert(d, u.childAbove(d, next), gone)
	} else {
		u.insert(d, u.childAbove(d, previous)+1, gone)
	}
}

// childAbove returns which child of d is, or is above, below; -1 for nil.
func (u *union) childAbove(d, below *NodeDiff) int {
	if below == nil {
		return -1
	}
	for u.parent[below] != d {
		below = u.parent[below]
	}
	return slices.Index(d.Children, below)
}

func (u *union) insert(d *NodeDiff, i int, child *NodeDiff) {
	d.Children = slices.Insert(d.Children, i, child)
	u.parent[child] = d
}
