package calltree

// Compare sets head against base.
func Compare(base, head Tree) Diff {
	root := unite(&Node{Cost: base.Cost, Children: base.Roots}, &Node{Cost: head.Cost, Children: head.Roots})
	root.sum()
	return Diff{
		Base: base.Cell, Head: head.Cell, BaseOutcome: base.Outcome, HeadOutcome: head.Outcome,
		BaseCost: base.Cost, HeadCost: head.Cost, Roots: root.Children,
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
