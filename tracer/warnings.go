package tracer

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Warnings says in one line each what to know of r beside its counts, in a fixed
// order: work that its context did not bring, that was not finished at the end, that
// was done on a connection of another scope, by the hooks of the pool, or unseen by
// pgx; and that more than one connection was held at once.
func (r Recording) Warnings() []string {
	var list []string
	if leaks := r.Leaks(); len(leaks) > 0 {
		list = append(list, "a context was not passed on, and the scope found by the connection: "+joined(leaks))
	}
	list = append(list, r.warning(func(e Event) bool {
		return e.Outcome == OutcomeUnfinished && (e.Kind == KindQuery || e.Kind == KindCopy || e.Kind == KindTx)
	}, "not finished at the end, as when rows are not closed")...)
	list = append(list, r.warning(func(e Event) bool {
		return e.crossed && (e.Kind == KindQuery || e.Kind == KindCopy || e.Kind == KindTx)
	}, "done on a connection that another scope had acquired")...)
	list = append(list, r.warning(func(e Event) bool { return e.Kind == KindSetup }, "sent by hooks of the pool, and not counted")...)
	if r.hidden > 0 {
		list = append(list, fmt.Sprintf("unseen by pgx's tracers, and not counted: %s, as of a ping or pgconn.PgConn",
			plural(r.hidden, "statement")))
	}
	if r.MaxHeld > 1 {
		list = append(list, fmt.Sprintf("%d connections held at once: as many callers at once as a pool has connections can wait for each other for ever", r.MaxHeld))
	}
	if r.proxied {
		list = append(list, "counted over a URL, which tells no lines of code, and nothing of the client's pool")
	}
	if r.Estimated {
		list = append(list, "round trips are estimated, as the Recorder does not read what the server answers on all connections, or goroutines shared one")
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

// warning says which events are such, if any.
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
