// Package strays describes work that no scope got.
package strays

import (
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Texts returns a few words for each kind of work, sorted: what was outside of any scope, and
// what began after its scope had ended.
func Texts(found map[beside.Stray]int) (outside, late []string) {
	merged := map[tracer.Stray]int{}
	for s, n := range found {
		merged[tracer.Stray{Kind: tracer.Kind(s.Kind), Name: s.Name, Late: s.Late, Site: s.Site}] += n
	}
	for s, n := range merged {
		s.Count = n
		if s.Late {
			s.Late = false // the sentence around it says so
			late = append(late, s.String())
		} else {
			outside = append(outside, s.String())
		}
	}
	slices.Sort(outside)
	slices.Sort(late)
	return outside, late
}
