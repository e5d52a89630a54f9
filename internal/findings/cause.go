package findings

import (
	"cmp"
	"maps"
	"path"
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/index"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Cause is a place in the code that is new or requests more than in the baseline, with all that
// costs more because of it. Its Asks are those of the first of Findings.
type Cause struct {
	rise
	// From are the places that call At, if there are several and each costs more.
	From []tracer.Frame
	// Findings are the findings that it explains, largest effect first.
	Findings []Finding

	asksOf map[int][]Ask // by the index of the finding
	effect int
}

// File returns the file of At, relative to the repository.
func (c Cause) File() string { return path.Join(c.Findings[0].Folder, c.At.File) }

// causes returns the causes of findings, largest effect first. asked contains the functions in
// the baseline.
func causes(findings []Finding, asked map[string]bool) []Cause {
	type key struct{ site, function, calls string }
	groups, order := map[key]*Cause{}, []*Cause{}
	for i, f := range findings {
		for _, r := range f.rises {
			k := key{r.At.Site(), r.At.Function, r.Calls}
			if groups[k] == nil {
				groups[k] = &Cause{rise: r, asksOf: map[int][]Ask{}}
				order = append(order, groups[k])
			}
			groups[k].add(i, r.Asks, len(f.Scenarios()))
		}
	}
	order = shared(order, asked)
	slices.SortStableFunc(order, func(a, b *Cause) int { return cmp.Compare(b.effect, a.effect) })
	var list []Cause
	for _, c := range order {
		c.explain(findings)
		list = append(list, *c)
	}
	return list
}

func (c *Cause) add(finding int, asks []Ask, scenarios int) {
	for _, ask := range asks {
		c.asksOf[finding] = plus(c.asksOf[finding], ask)
		c.effect += ask.Rise() * scenarios
	}
}

// shared merges the causes that lead through one function, if that is new or requests more
// itself, or if it has so many callers that nobody wrote the same into each.
func shared(order []*Cause, asked map[string]bool) []*Cause {
	const many = 3
	through := func(c *Cause) string {
		if c.within.Line == 0 {
			return ""
		}
		return c.Calls
	}
	_, groups := index.Groups(order, through)
	delete(groups, "")
	var list []*Cause
	for _, c := range order {
		group := groups[through(c)]
		callers := index.Keys(group, func(o *Cause) string { return o.At.Function })
		switch {
		case len(callers) < 2, len(callers) < many && c.New && asked[c.Calls]:
			list = append(list, c)
		case c == group[0]:
			one := &Cause{rise: c.rise, asksOf: map[int][]Ask{}}
			one.At, one.Calls = c.within, ""
			for _, o := range group {
				one.From = append(one.From, o.At)
				for i, asks := range o.asksOf {
					one.add(i, asks, 0)
				}
				one.effect += o.effect
			}
			list = append(list, one)
		}
	}
	return list
}

// explain sorts what c explains.
func (c *Cause) explain(findings []Finding) {
	total := func(i int) (sum int) {
		for _, ask := range c.asksOf[i] {
			sum += ask.Rise()
		}
		return sum
	}
	order := slices.SortedFunc(maps.Keys(c.asksOf), func(a, b int) int { return cmp.Or(cmp.Compare(total(b), total(a)), cmp.Compare(a, b)) })
	for _, i := range order {
		c.Findings = append(c.Findings, findings[i])
	}
	c.Asks = c.asksOf[order[0]]
	slices.SortStableFunc(c.Asks, func(a, b Ask) int {
		return cmp.Or(cmp.Compare(rank(a.Kind), rank(b.Kind)), cmp.Compare(b.Rise(), a.Rise()), cmp.Compare(a.Name, b.Name))
	})
	slices.SortFunc(c.From, func(a, b tracer.Frame) int { return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line)) })
}

// rank orders statements before checks.
func rank(kind tracer.Kind) int {
	return slices.Index([]tracer.Kind{tracer.KindQuery, tracer.KindCopy, tracer.KindCheck, tracer.KindTx}, kind)
}

// functions returns the names of all functions in trees.
func functions(trees []calltree.Tree) map[string]bool {
	names := map[string]bool{}
	for _, tree := range trees {
		for _, stack := range tree.Events() {
			for _, frame := range stack {
				names[frame.Function] = true
			}
		}
	}
	return names
}
