// Package strays describes work that no scope got.
package strays

import (
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Texts returns a few words for each kind of work, sorted: what was outside of any scope, and
// what began after its scope had ended.
func Texts(found map[beside.Stray]int) (outside, late []string) {
	type origin struct {
		tracer.Stray
		name string
	}
	merged := map[origin]int{}
	for s, n := range found {
		merged[origin{tracer.Stray{Kind: tracer.Kind(s.Kind), Name: s.Name, Late: s.Late, Site: s.Site}, s.Origin}] += n
	}
	for s, n := range merged {
		s.Count = n
		if s.Late {
			s.Late = false // the sentence around it says so
			late = append(late, s.String()+begun(s.name))
		} else {
			outside = append(outside, s.String())
		}
	}
	slices.Sort(outside)
	slices.Sort(late)
	return outside, late
}

// begun says what late work began under. name is that of a scope: a cell, or what else is not counted.
func begun(name string) string {
	_, cell, isCell := strings.Cut(name, " ") // after the version
	switch {
	case name == "":
		return ""
	case !isCell:
		return ", begun by " + name
	default:
		return ", begun by " + strings.TrimSuffix(cell, "/0")
	}
}
