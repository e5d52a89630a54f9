package proof

import (
	"fmt"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/term"
)

// Summary says in lines what the gate notices, what budgets and the baseline have room
// for, and where there was nothing to add to. It is empty for a blind gate, as
// the judgment says why.
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
	fmt.Fprintf(&b, "Proved that the gate sees %s.\n", strings.Join(parts, ", "))
	for _, s := range p.Detections {
		for _, name := range s.Allowed {
			fmt.Fprintf(&b, "A budget allows %v in %s.\n", s.Probe, term.Printable(name.String(), 0))
		}
		for _, name := range s.Room {
			fmt.Fprintf(&b, "%s costs less than the baseline, which has room for %v until that is accepted.\n", term.Printable(name.String(), 0), s.Probe)
		}
	}
	b.WriteString(Unseen(p.Unseen, ", and so none added"))
	return b.String()
}

// Unseen says in one line in which series no statement was seen, and what follows. It is
// empty if there are none.
func Unseen(names []SeriesName, follows string) string {
	const most = 3
	if len(names) == 0 {
		return ""
	}
	var shown []string
	for _, name := range names[:min(len(names), most)] {
		shown = append(shown, term.Printable(name.String(), 0))
	}
	where, execute, pool := strings.Join(shown, ", "), "it executes any", "its pool"
	if n := len(names); n > 1 {
		execute, pool = "they execute any", "their pools"
		if n > most {
			where += fmt.Sprintf(" and %d more", n-most)
		}
		where = fmt.Sprintf("%d series, %s", n, where)
	}
	return fmt.Sprintf("No statement was seen in %s%s: if %s, another Recorder, or none, is on %s.\n", where, follows, execute, pool)
}
