package tracer

import (
	"cmp"
	"fmt"
	"slices"
)

// A Leak is work whose context did not carry its scope, as in
// tx.Rollback(context.Background()). It is counted where it belongs, because its
// connection is known; work on another connection would have been lost.
type Leak struct {
	Kind  Kind
	Name  string
	Site  string // where to pass the context on: "orders/service.go:31", or ""
	Count int
}

// String returns l in a few words: "rollback ×2 at orders/service.go:31".
func (l Leak) String() string {
	text := fmt.Sprintf("%s ×%d", l.Name, l.Count)
	if l.Site != "" {
		text += " at " + l.Site
	}
	return text
}

// Leaks returns the work whose context did not carry the scope, sorted.
func (r Recording) Leaks() []Leak {
	counts := make(map[Leak]int)
	for _, e := range r.Events {
		if e.via == viaContext || e.Kind == KindPrepare {
			continue // a prepare comes along with its statement
		}
		l := Leak{Kind: e.Kind, Name: e.Name}
		if n := len(e.Stack); n > 0 {
			l.Site = e.Stack[n-1].Site()
		}
		counts[l]++
	}
	var list []Leak
	for l, n := range counts {
		l.Count = n
		list = append(list, l)
	}
	slices.SortFunc(list, func(a, b Leak) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Site, b.Site))
	})
	return list
}
