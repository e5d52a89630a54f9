package proof

import (
	"fmt"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/term"
)

// Summary lists what the gate noticed, and where budgets or the baseline are too high. It is empty
// for a blind gate, because the judgment has the reason.
func (p Proof) Summary() string {
	if p.Failure != "" {
		return ""
	}
	var b strings.Builder
	var parts []string
	for _, s := range p.Detections {
		where := fmt.Sprintf("%d series", len(s.Seen))
		if len(s.Seen) == 1 {
			where = term.Printable(s.Seen[0].String(), 0)
		}
		parts = append(parts, fmt.Sprintf("%v in %s", s.Probe, where))
	}
	fmt.Fprintf(&b, "Proved: the gate notices %s.\n", strings.Join(parts, ", "))
	for _, s := range p.Detections {
		for _, name := range s.Allowed {
			fmt.Fprintf(&b, "A budget allows %v in %s.\n", s.Probe, term.Printable(name.String(), 0))
		}
		for _, name := range s.Room {
			fmt.Fprintf(&b, "%s costs less than the baseline, which has room for %v; accept the new counts.\n", term.Printable(name.String(), 0), s.Probe)
		}
	}
	return b.String()
}
