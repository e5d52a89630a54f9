package tracer

import (
	"cmp"
	"fmt"
	"slices"
)

// A Leak is work whose context did not carry its scope, such as
// tx.Rollback(context.Background()). It counts in the scope that holds its connection.
type Leak struct {
	Kind  Kind
	Name  string
	Site  string // where to pass on the context: "orders/service.go:31", or ""
	Count int
}

// String returns a short form of l: "rollback ×2 at orders/service.go:31".
func (l Leak) String() string {
	text := fmt.Sprintf("%s ×%d", l.Name, l.Count)
	if l.Site != "" {
		text += " at " + l.Site
	}
	return text
}

// Leaks returns, sorted, the work whose context did not carry the scope.
func (r Recording) Leaks() []Leak {
	counts := make(map[Leak]int)
	for _, e := range r.Events {
		if e.via == viaContext || e.Kind == KindPrepare {
			continue // a prepare belongs to its statement
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
