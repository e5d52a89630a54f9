package findings

import (
	"cmp"
	"path"
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Cause is a place in the code that is new or requests more than in the baseline, with all that
// costs more because of it.
type Cause struct {
	// At is the function that makes the request or calls the requesting function, with the line.
	At tracer.Frame
	// Calls is the full name of the function called there. Empty: At makes the request itself.
	Calls string
	// From are the places that call At, if there are several and each costs more.
	From []tracer.Frame
	New  bool  // otherwise it requests more often
	Asks []Ask // of the first of Findings
	// Findings are the findings that it explains, largest effect first.
	Findings []Finding
	// Folder is the folder of the module, relative to the repository.
	Folder string
}

// File returns the file of At, relative to the repository.
func (c Cause) File() string { return path.Join(c.Folder, c.At.File) }

// A caused is a Cause under construction: places of one kind in findings.
type caused struct {
	rise
	from     []tracer.Frame
	findings []int
	asksOf   map[int][]Ask // of each finding
	effect   int
}

// causes returns the causes of findings, largest effect first. asked contains the functions in
// the baseline.
func causes(findings []Finding, asked map[string]bool) []Cause {
	type key struct{ site, function, calls string }
	groups, order := map[key]*caused{}, []*caused{}
	for i, f := range findings {
		for _, r := range f.rises {
			k := key{r.at.Site(), r.at.Function, r.calls}
			c := groups[k]
			if c == nil {
				c = &caused{rise: r, asksOf: map[int][]Ask{}}
				groups[k], order = c, append(order, c)
			}
			c.add(i, r.asks, len(f.Scenarios()))
		}
	}
	order = shared(order, asked)
	slices.SortStableFunc(order, func(a, b *caused) int { return cmp.Compare(b.effect, a.effect) })
	var list []Cause
	for _, c := range order {
		list = append(list, c.cause(findings))
	}
	return list
}

func (c *caused) add(finding int, asks []Ask, scenarios int) {
	if c.asksOf[finding] == nil {
		c.findings = append(c.findings, finding)
	}
	for _, ask := range asks {
		i := slices.IndexFunc(c.asksOf[finding], func(a Ask) bool { return a.Kind == ask.Kind && a.Name == ask.Name })
		if i < 0 {
			c.asksOf[finding] = append(c.asksOf[finding], ask)
		} else {
			c.asksOf[finding][i] = c.asksOf[finding][i].plus(ask)
		}
		c.effect += ask.Rise() * scenarios
	}
}

// shared merges the causes that lead through one function, if that is new or requests more
// itself, or if it has so many callers that nobody wrote the same into each.
func shared(order []*caused, asked map[string]bool) []*caused {
	const many = 3
	groups := map[string][]*caused{}
	for _, c := range order {
		if c.calls != "" && c.within.Line > 0 {
			groups[c.calls] = append(groups[c.calls], c)
		}
	}
	var list []*caused
	for _, c := range order {
		group := groups[c.calls]
		callers := map[string]bool{}
		for _, o := range group {
			callers[o.at.Function] = true
		}
		inside := len(group) > 1 && len(callers) > 1 && (len(callers) >= many || !c.isNew || !asked[c.calls])
		switch {
		case c.calls == "" || c.within.Line == 0 || !inside:
			list = append(list, c)
		case c == group[0]:
			one := &caused{rise: c.rise, asksOf: map[int][]Ask{}}
			one.at, one.calls = c.within, ""
			for _, o := range group {
				one.from = append(one.from, o.at)
				for _, i := range o.findings {
					one.add(i, o.asksOf[i], 0)
				}
				one.effect += o.effect
			}
			list = append(list, one)
		}
	}
	return list
}

func (c *caused) cause(findings []Finding) Cause {
	total := func(i int) (sum int) {
		for _, ask := range c.asksOf[i] {
			sum += ask.Rise()
		}
		return sum
	}
	slices.Sort(c.findings)
	slices.SortStableFunc(c.findings, func(a, b int) int { return cmp.Compare(total(b), total(a)) })
	out := Cause{At: c.at, Calls: c.calls, From: c.from, New: c.isNew, Asks: c.asksOf[c.findings[0]], Folder: findings[c.findings[0]].Folder}
	slices.SortStableFunc(out.Asks, func(a, b Ask) int {
		return cmp.Or(cmp.Compare(rank(a.Kind), rank(b.Kind)), cmp.Compare(b.Rise(), a.Rise()), cmp.Compare(a.Name, b.Name))
	})
	slices.SortFunc(out.From, func(a, b tracer.Frame) int { return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line)) })
	for _, i := range c.findings {
		out.Findings = append(out.Findings, findings[i])
	}
	return out
}

// rank orders statements before checks.
func rank(kind tracer.Kind) int {
	return slices.Index([]tracer.Kind{tracer.KindQuery, tracer.KindCopy, tracer.KindCheck, tracer.KindTx}, kind)
}

// functions returns the names of all functions in trees.
func functions(trees []calltree.Tree) map[string]bool {
	names := map[string]bool{}
	var visit func(nodes []*calltree.Node)
	visit = func(nodes []*calltree.Node) {
		for _, n := range nodes {
			if n.Kind == calltree.Call {
				names[n.Function] = true
			}
			visit(n.Children)
		}
	}
	for _, tree := range trees {
		visit(tree.Roots)
	}
	return names
}
