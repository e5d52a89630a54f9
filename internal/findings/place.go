package findings

import (
	"maps"
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// places finds what requests more, in the trees of a series.
type places struct {
	base, head calltree.Grown
	known      map[*calltree.NodeDiff]report.GrowthDiff // growth that the trees do not have
	wanted     func(tracer.Kind) bool
	gone       []*calltree.NodeDiff
	taken      map[*calltree.NodeDiff]bool // removed nodes that were moved or replaced
	rises      []rise
}

// rises returns the places that request more in f. known says that the baseline has places;
// without them, only unambiguous places are returned.
func rises(f Finding, baseline, measured map[scenarios.Cell]calltree.Tree) (list []rise, known bool) {
	head, ok := calltree.Grow(measured, f.Scenario, f.Version, f.N)
	if !ok || f.Verdict != report.Worse {
		return nil, false
	}
	p := places{head: head, wanted: f.explains, taken: map[*calltree.NodeDiff]bool{}}
	p.base, known = calltree.Grow(baseline, f.Scenario, f.Version, f.N)
	var roots []*calltree.NodeDiff
	if known {
		roots = calltree.Compare(p.base.Tree, head.Tree).Roots
	} else {
		p.base, p.known = head, map[*calltree.NodeDiff]report.GrowthDiff{}
		for _, root := range head.Roots {
			roots = append(roots, p.guess(root, f.Changes))
		}
	}
	for _, root := range roots {
		for d := range root.All() {
			if d.Gone() {
				p.gone = append(p.gone, d)
			}
		}
	}
	for _, root := range roots {
		p.visit(root, nil, true)
	}
	return p.rises, known
}

// explains reports whether more of a kind makes f worse.
func (f Finding) explains(kind tracer.Kind) bool {
	worse := func(metrics ...tracer.Metric) bool {
		return slices.ContainsFunc(metrics, func(m tracer.Metric) bool { return slices.Contains(f.Worse, m) })
	}
	switch kind {
	case tracer.KindCheck:
		return worse(tracer.RBAC)
	case tracer.KindTx:
		return worse(tracer.TxControl)
	case tracer.KindQuery, tracer.KindCopy:
		return worse(tracer.SQL, tracer.RoundTrips, tracer.Acquires, tracer.MaxHeld)
	default:
		return false
	}
}

// guess returns n compared with a baseline without places: of a statement that the baseline does
// not have everything is new, and of a statement with one place it is that place.
func (p *places) guess(n *calltree.Node, changes []Change) *calltree.NodeDiff {
	d := &calltree.NodeDiff{Base: n, Head: n}
	kept := false
	for _, child := range n.Children {
		d.Children = append(d.Children, p.guess(child, changes))
		kept = kept || !d.Children[len(d.Children)-1].WhollyNew()
	}
	if n.Kind == calltree.Call {
		if !kept {
			d.Base = nil
		}
		return d
	}
	i := slices.IndexFunc(changes, func(c Change) bool { return c.Name == n.Name && c.Check == (n.Kind == tracer.KindCheck) })
	switch {
	case i < 0 || n.Kind == tracer.KindTx || n.Kind == tracer.KindBatch || changes[i].Verdict() != report.Worse:
	case !Happens(changes[i].Base):
		d.Base = nil
	case len(changes[i].Callers) == 1:
		p.known[d] = changes[i].GrowthDiff
	}
	return d
}

// visit adds what requests more in d, called by caller. whole says that everything rises by the
// same, so it is unknown which part requests more.
func (p *places) visit(d, caller *calltree.NodeDiff, whole bool) {
	if d.Gone() {
		return
	}
	alike := p.alike(d) != nil
	whole = whole && alike
	if (d.WhollyNew() || alike) && caller != nil && d.Head.Site != "" {
		for whole && !d.New() && len(d.Children) == 1 && d.Children[0].Node().Kind == calltree.Call {
			d, caller = d.Children[0], d
		}
		switch {
		case d.WhollyNew() && p.was(d, caller) != nil:
			for gone := range p.was(d, caller).All() {
				p.taken[gone] = true
			}
			return
		case d.WhollyNew() && p.holdsOld(d): // a helper around existing calls
		default:
			p.add(d, caller)
			return
		}
	}
	if d.Head.Kind == calltree.Call {
		caller = d
	}
	for _, child := range d.Children {
		p.visit(child, caller, whole)
	}
}

// was returns what d, which is new and called by caller, was before: the same node elsewhere, or
// another one of caller that requested as often. It returns nil if there is none.
func (p *places) was(d, caller *calltree.NodeDiff) *calltree.NodeDiff {
	asked := kinds(p.head, d.Head)
	for _, gone := range p.gone {
		same := gone.Base.IsLike(d.Head) || caller != nil && slices.Contains(caller.Children, gone)
		if same && p.free(gone) && maps.EqualFunc(asked, kinds(p.base, gone.Base), slices.Equal[[]int]) {
			return gone
		}
	}
	return nil
}

// holdsOld reports whether anything below d was elsewhere before.
func (p *places) holdsOld(d *calltree.NodeDiff) bool {
	return slices.ContainsFunc(d.Children, func(child *calltree.NodeDiff) bool { return p.was(child, nil) != nil || p.holdsOld(child) })
}

// free reports whether d is removed with all below it, and nothing of that is taken.
func (p *places) free(d *calltree.NodeDiff) bool {
	for below := range d.All() {
		if !below.Gone() || p.taken[below] {
			return false
		}
	}
	return true
}

// kinds returns how often n and all below it request each kind at each N.
func kinds(g calltree.Grown, n *calltree.Node) map[tracer.Kind][]int {
	counts := map[tracer.Kind][]int{}
	for below := range n.All() {
		if below.Kind == calltree.Call {
			continue
		}
		if counts[below.Kind] == nil {
			counts[below.Kind] = make([]int, len(g.N))
		}
		for i := range g.N {
			counts[below.Kind][i] += g.At(below, i).Count
		}
	}
	return counts
}

// growth returns how often an event happens, before and now.
func (p *places) growth(d *calltree.NodeDiff) report.GrowthDiff {
	if g, ok := p.known[d]; ok {
		return g
	}
	count := func(o calltree.Own) int { return o.Count }
	return report.GrowthDiff{Name: d.Head.Name, Base: GrowthOf(p.base, d.Base, count), Head: GrowthOf(p.head, d.Head, count)}
}

// GrowthOf returns how a number of n, which may be nil, grows in g.
func GrowthOf(g calltree.Grown, n *calltree.Node, of func(calltree.Own) int) report.Growth {
	var points []report.Point
	for i, at := range g.N {
		points = append(points, report.Point{N: at, Count: of(g.At(n, i))})
	}
	return report.Growth{Points: points, Law: report.Fit(points)}
}

// alike returns the increase of each event in d at each N. It is nil unless they are all equal.
func (p *places) alike(d *calltree.NodeDiff) []report.Point {
	if d.Gone() {
		return nil
	}
	var by []report.Point
	if d.Head.Kind != calltree.Call {
		g := p.growth(d)
		if g.Verdict() != report.Worse {
			return nil
		}
		by = differences(g)
	}
	for _, child := range d.Children {
		below := p.alike(child)
		if below == nil || by != nil && !slices.Equal(by, below) {
			return nil
		}
		by = below
	}
	return by
}

func (p *places) add(d, caller *calltree.NodeDiff) {
	r := rise{At: calltree.Frame(caller.Head.Function, d.Head.Site), New: d.WhollyNew()}
	if d.Head.Kind == calltree.Call {
		r.Calls = d.Head.Function
		if len(d.Children) > 0 {
			r.within = calltree.Frame(d.Head.Function, d.Children[0].Node().Site)
		}
	}
	for below := range d.All() {
		if n := below.Head; n != nil && p.wanted(n.Kind) {
			last := p.head.At(n, len(p.head.N)-1)
			r.Asks = plus(r.Asks, Ask{GrowthDiff: p.growth(below), Kind: n.Kind, Repeats: last.Cost.Repeated(), Alike: last.Alike})
		}
	}
	if len(r.Asks) > 0 {
		p.rises = append(p.rises, r)
	}
}
