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
	var list []string
	if leaks := r.Leaks(); len(leaks) > 0 {
		list = append(list, "a context was not passed on; the scope was found by the connection: "+joined(leaks))
	}
	list = append(list, r.warning(func(e Event) bool {
		return e.Outcome == OutcomeUnfinished && (e.Kind == KindQuery || e.Kind == KindCopy || e.Kind == KindTx)
	}, "not finished at the end; close rows and wait for goroutines")...)
	list = append(list, r.warning(func(e Event) bool {
		return e.crossed && (e.Kind == KindQuery || e.Kind == KindCopy || e.Kind == KindTx)
	}, "done on a connection that another scope had acquired")...)
	list = append(list, r.warning(func(e Event) bool { return e.Kind == KindSetup }, "sent by hooks of the pool, not counted")...)
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

func joined[T fmt.Stringer](list []T) string {
	var parts []string
	for _, x := range list {
		parts = append(parts, x.String())
	}
	return strings.Join(parts, "; ")
}

// warning describes the events that are such, if there are any.
func (r Recording) warning(such func(e Event) bool, what string) []string {
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
	if len(counts) == 0 {
		return nil
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s ×%d", name, counts[name]))
	}
	return []string{what + ": " + strings.Join(parts, "; ")}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
