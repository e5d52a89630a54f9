package tracer

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Warnings returns what limits the counts of r, one line each, in a fixed order: leaks,
// unfinished work, work on a connection of another scope, work of the pool's hooks, work that pgx
// hides, and more than one connection held at once.
func (r Recording) Warnings() []string {
	var list, leaks []string
	for _, leak := range r.Leaks() {
		leaks = append(leaks, leak.String())
	}
	add := func(what string, parts []string) {
		if len(parts) > 0 {
			list = append(list, what+": "+strings.Join(parts, "; "))
		}
	}
	worked := func(e Event) bool { return e.Kind == KindQuery || e.Kind == KindCopy || e.Kind == KindTx }
	add("a context was not passed on; the scope was found by the connection", leaks)
	add("not finished at the end; close rows and wait for goroutines",
		r.having(func(e Event) bool { return e.Outcome == OutcomeUnfinished && worked(e) }))
	add("done on a connection that another scope had acquired",
		r.having(func(e Event) bool { return e.crossed && worked(e) }))
	add("sent by hooks of the pool, not counted", r.having(func(e Event) bool { return e.Kind == KindSetup }))
	if r.hidden > 0 {
		list = append(list, fmt.Sprintf("not counted because pgx's tracers do not see it: %s, for example a ping or pgconn.PgConn",
			plural(r.hidden, "statement")))
	}
	if r.MaxHeld > 1 {
		list = append(list, fmt.Sprintf("%d connections held at once: concurrent callers can deadlock if they use up the pool", r.MaxHeld))
	}
	if r.proxied {
		list = append(list, "counted over a URL, so call sites and the client's pool are unknown")
	}
	if r.Estimated {
		list = append(list, "round trips are estimated: the Recorder does not read what the server answers on all connections, or goroutines shared one")
	}
	return list
}

// having lists, sorted, the events that are such.
func (r Recording) having(such func(e Event) bool) []string {
	counts := make(map[string]int)
	for _, e := range r.Events {
		if such(e) {
			name := e.Name
			if n := len(e.Stack); n > 0 {
				name += " at " + e.Stack[n-1].Site()
			}
			counts[name]++
		}
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s ×%d", name, counts[name]))
	}
	return parts
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
