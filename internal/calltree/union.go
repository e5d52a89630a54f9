package calltree

import "slices"

// Compare compares head with base.
func Compare(base, head Tree) Diff {
	baseRoot, headRoot := &Node{Cost: base.Cost, Children: base.Roots}, &Node{Cost: head.Cost, Children: head.Roots}
	pairs := match
	if base.NoLines {
		pairs = matchUnordered
	}
	u := union{
		ofHead: plausible(pairs(baseRoot, headRoot), baseRoot, headRoot),
		ofBase: map[*Node]*NodeDiff{}, parent: map[*NodeDiff]*NodeDiff{},
	}
	root := u.copyHead(headRoot)
	u.addGone(root)
	root.sum()
	if base.NoLines {
		// without repeats: those of the head
		for d := range root.All() {
			d.BaseCost.SQLRepeated, d.BaseCost.RBACRepeated = d.HeadCost.SQLRepeated, d.HeadCost.RBACRepeated
		}
	}
	return Diff{
		Base: base.Cell, Head: head.Cell, BaseOutcome: base.Outcome, HeadOutcome: head.Outcome,
		BaseCost: root.BaseCost, HeadCost: head.Cost, Roots: root.Children,
	}
}

// sum adds up the costs of d and all below it.
func (d *NodeDiff) sum() {
	if d.Base != nil {
		d.BaseCost = d.Base.Own()
	}
	if d.Head != nil {
		d.HeadCost = d.Head.Own()
	}
	for _, child := range d.Children {
		child.sum()
		d.BaseCost, d.HeadCost = d.BaseCost.Plus(child.BaseCost), d.HeadCost.Plus(child.HeadCost)
	}
}

// A union is the tree of a diff under construction: the head's, with the removed nodes added.
type union struct {
	ofHead map[*Node]*Node     // the base's kept nodes
	ofBase map[*Node]*NodeDiff // their diffs
	parent map[*NodeDiff]*NodeDiff
}

func (u *union) copyHead(h *Node) *NodeDiff {
	d := &NodeDiff{Base: u.ofHead[h], Head: h}
	if d.Base != nil {
		u.ofBase[d.Base] = d
	}
	for _, child := range h.Children {
		u.insert(d, len(d.Children), u.copyHead(child))
	}
	return d
}

// addGone inserts below d, which was kept, what was removed from below its base.
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

// row returns the children of b. A removed one is followed by its kept descendants, which are
// elsewhere now.
func (u *union) row(b *Node) (row []*NodeDiff) {
	for _, child := range b.Children {
		if u.ofBase[child] == nil {
			row = append(row, u.gone(child))
		}
		row = append(row, u.stayed(child)...)
	}
	return row
}

// gone returns the diff of b and of all removed nodes below it.
func (u *union) gone(b *Node) *NodeDiff {
	d := &NodeDiff{Base: b}
	for _, child := range b.Children {
		if u.ofBase[child] == nil {
			u.insert(d, len(d.Children), u.gone(child))
		}
	}
	return d
}

// stayed returns b if it was kept, or else its topmost kept descendants.
func (u *union) stayed(b *Node) (row []*NodeDiff) {
	if d := u.ofBase[b]; d != nil {
		return []*NodeDiff{d}
	}
	for _, child := range b.Children {
		row = append(row, u.stayed(child)...)
	}
	return row
}

// place puts gone below d, between its old neighbors: right before the next one if gone led to
// that. Added nodes may be between these and d: gone goes as deep as both neighbors share a path.
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

// childAbove returns the index of the child of d that is below or contains it; -1 for nil.
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
