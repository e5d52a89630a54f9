package tracer

import (
	"cmp"
	"fmt"
	"slices"
)

// A Stray is work whose context did not carry an open [Scope]. [Recording.Leaks] has the work
// whose scope was found by its connection, such as tx.Rollback(context.Background()), and
// [Recorder.Unattributed] all other.
type Stray struct {
	Kind Kind
	Name string
	// Late: the context carried a scope that had already ended, for example in a goroutine that
	// outlives its request. Otherwise the context carried none.
	Late bool
	// Site is the line of the application that led there, where to pass on the context:
	// "orders/service.go:31". In Unattributed it is empty unless [Recorder.Sites] or
	// [Recorder.Stacks] is set.
	Site  string
	Count int
}

// String returns a short form of s: "SELECT ? ×2 at orders/service.go:31 (after its scope had
// ended)".
func (s Stray) String() string {
	text := fmt.Sprintf("%s ×%d", s.Name, s.Count)
	if s.Site != "" {
		text += " at " + s.Site
	}
	if s.Late {
		text += " (after its scope had ended)"
	}
	return text
}

// sortedStrays returns the keys of counts with their counts.
func sortedStrays(counts map[Stray]int) []Stray {
	list := make([]Stray, 0, len(counts))
	for s, n := range counts {
		s.Count = n
		list = append(list, s)
	}
	late := map[bool]int{true: 1}
	slices.SortFunc(list, func(a, b Stray) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), late[a.Late]-late[b.Late], cmp.Compare(a.Site, b.Site))
	})
	return list
}

// Leaks returns, sorted, the work whose context did not carry the scope. It counts in the scope.
func (r Recording) Leaks() []Stray {
	counts := make(map[Stray]int)
	for _, e := range r.Events {
		if !e.leaked || e.Kind == KindPrepare {
			continue // a prepare belongs to its statement
		}
		s := Stray{Kind: e.Kind, Name: e.Name}
		if n := len(e.Stack); n > 0 {
			s.Site = e.Stack[n-1].Site()
		}
		counts[s]++
	}
	return sortedStrays(counts)
}
