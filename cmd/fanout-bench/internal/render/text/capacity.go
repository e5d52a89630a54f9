package text

import (
	"fmt"
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/capacity"
	"github.com/fanout-bench/fanout-bench/internal/term"
)

// Capacity shows how many requests a second p has room for, with the formula, for a
// terminal of 80 columns.
func Capacity(p capacity.Pool, list []capacity.Series, style term.Style) string {
	versions := slices.ContainsFunc(list, func(s capacity.Series) bool { return s.Version != list[0].Version })
	t := &table{header: slices.Concat(left("scenario"), right("N", "conn. trips", "held ms", "requests/s"))}
	var notes []string
	for _, s := range list {
		name := term.Printable(s.Scenario, term.NameWidth)
		if versions {
			name = term.Printable(s.Version+" "+s.Scenario, 2*term.NameWidth)
		}
		deadlock, held, told := 0, 0, ""
		for i, c := range s.Cells {
			n := fmt.Sprint(c.N)
			if s.Unit == "" && c.N == 0 {
				n = ""
			}
			cells := []string{"", n, fmt.Sprint(c.ConnTrips), fmt.Sprintf("%.1f", c.Held), capacity.Rate(c.PerSecond)}
			if i == 0 {
				cells[0] = name
			}
			switch {
			case c.Unknown != "":
				cells[2], cells[3], cells[4] = "-", "-", "-"
				if c.Unknown != told {
					notes = append(notes, fmt.Sprintf("%s: %s", name, c.Unknown))
				}
				told = c.Unknown
			case c.ConnTrips == 0:
				cells[4] = "no limit"
			}
			if c.Deadlock > 0 && (deadlock == 0 || c.Deadlock < deadlock) {
				deadlock, held = c.Deadlock, c.MaxHeld
			}
			t.add(cells...)
		}
		if s.Grows != "" {
			t.add("", "any", s.Trips, "", style.Paint(term.Bold, s.Grows))
		}
		if deadlock > 0 {
			notes = append(notes, fmt.Sprintf("%s: holds %d connections at once; %s can deadlock the pool",
				name, held, term.Count(deadlock, "caller", "callers")))
		}
	}
	unknown := "for\nhow long statements run (--statement-time), what prepares take, what the program\ndoes while it holds a connection, and who else uses the pool or the server."
	if p.Statement > 0 {
		unknown = "what\nprepares take, what the program does while it holds a connection, and who else\nuses the pool or the server."
	}
	return fmt.Sprintf("Requests per second until the pool is full: %v.\n\n%s", p, t.noted(notes)) + fmt.Sprintf(`
requests/s = pool × replicas ÷ (conn. trips × (round trip + statement time))
           = %d × %d ÷ (conn. trips × (%v + %v))
Conn. trips are counted: each round trip of a request, once for every connection
that it holds meanwhile. It is the most there is room for: it does not know %s
`, p.Connections, p.Replicas, p.RoundTrip, p.Statement, unknown)
}
