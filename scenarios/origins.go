package scenarios

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/internal/changes"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A counted is the counts of one run with their origins.
type counted struct {
	tracer.Counts
	origins    map[origin]int
	unfinished []string // when the run returned
}

// An origin is a line of the application that contributes to a count.
type origin struct {
	metric     tracer.Metric
	name, site string
}

func countedIn(r tracer.Recording) counted {
	c := counted{r.Counts(), map[origin]int{}, unfinished(r)}
	beside.Totals(r, func(event int, metric string, n int) {
		if e := r.Events[event]; n != 0 && tracer.Metric(metric) != tracer.ConnTrips {
			c.origins[origin{tracer.Metric(metric), e.Name, site(e)}] += n
		}
	})
	return c
}

func site(e tracer.Event) string {
	if n := len(e.Stack); n > 0 {
		return e.Stack[n-1].Site()
	}
	return ""
}

// preferred reports whether a shows more of the cost than b, if runs may differ: more
// statements, more new ones, or more checks.
func preferred(a, b tracer.Counts) bool {
	return cmp.Or(cmp.Compare(a.SQL, b.SQL), cmp.Compare(a.SQLUnique, b.SQLUnique), cmp.Compare(a.RBAC, b.RBAC)) > 0
}

// largest returns the largest of each count. Statements and checks are those of the run with
// most of them.
func largest(runs []counted) tracer.Counts {
	most := runs[0].Counts
	most.Statements = slices.MaxFunc(runs, func(a, b counted) int { return cmp.Compare(a.SQL, b.SQL) }).Statements
	most.Checks = slices.MaxFunc(runs, func(a, b counted) int { return cmp.Compare(a.RBAC, b.RBAC) }).Checks
	for _, run := range runs[1:] {
		most.SQL, most.SQLUnique = max(most.SQL, run.SQL), max(most.SQLUnique, run.SQLUnique)
		most.RBAC, most.RBACUnique = max(most.RBAC, run.RBAC), max(most.RBACUnique, run.RBACUnique)
		most.RoundTrips, most.Tx = max(most.RoundTrips, run.RoundTrips), max(most.Tx, run.Tx)
		most.Acquires, most.MaxHeld = max(most.Acquires, run.Acquires), max(most.MaxHeld, run.MaxHeld)
		most.ConnTrips = max(most.ConnTrips, run.ConnTrips)
	}
	return most
}

// unfinished returns the statements of r that had not ended when it ended, with their lines.
func unfinished(r tracer.Recording) []string {
	var texts []string
	for _, e := range r.Events {
		statement := e.Kind == tracer.KindQuery || e.Kind == tracer.KindCopy || e.Kind == tracer.KindTx
		if !statement || e.Outcome != tracer.OutcomeUnfinished {
			continue
		}
		text := e.Name
		if at := site(e); at != "" {
			text += " at " + at
		}
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return texts
}

// places lists the origins of m that differ between the runs, for one name or all.
func places(runs []counted, m tracer.Metric, name string, text func(origin) string) string {
	all := map[origin]bool{}
	for _, run := range runs {
		for o := range run.origins {
			if o.metric == m && (name == "" || o.name == name) {
				all[o] = true
			}
		}
	}
	maps.DeleteFunc(all, func(o origin, _ bool) bool {
		return !slices.ContainsFunc(runs, func(c counted) bool { return c.origins[o] != runs[0].origins[o] })
	})
	var texts []string
	for _, o := range slices.SortedFunc(maps.Keys(all), func(a, b origin) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.site, b.site))
	}) {
		if text := text(o); text != "" {
			texts = append(texts, text)
		}
	}
	return firstFew(texts)
}

// varying lists what differs between the runs, with the count in each run and its lines: the
// statements and checks that vary, or else the totals with their origins.
func varying(runs []counted) string {
	type named struct {
		metric tracer.Metric
		name   string
	}
	seen := map[named]bool{}
	var parts []string
	each := func(count func(tracer.Counts) int) string {
		var list []string
		for _, run := range runs {
			list = append(list, fmt.Sprint(count(run.Counts)))
		}
		return strings.Join(list, ", ")
	}
	note := func(changes []changes.Change, m tracer.Metric, count func(tracer.Counts, string) int) {
		for _, change := range changes {
			if seen[named{m, change.Name}] {
				continue
			}
			seen[named{m, change.Name}] = true
			text := change.Name + " " + each(func(c tracer.Counts) int { return count(c, change.Name) })
			if sites := places(runs, m, change.Name, func(o origin) string { return o.site }); sites != "" {
				text += " at " + sites
			}
			parts = append(parts, text)
		}
	}
	for _, run := range runs[1:] {
		statements, checks, _ := changes.Between(runs[0].Counts, run.Counts)
		note(statements, tracer.SQL, func(c tracer.Counts, name string) int { return c.Statements[name] })
		note(checks, tracer.RBAC, func(c tracer.Counts, name string) int { return c.Checks[name] })
	}
	if len(parts) > 0 {
		return strings.Join(parts, "; ") + goesOn(runs)
	}
	scheduled := true // whether it is all up to the scheduler
	varies := func(m tracer.Metric) bool {
		return slices.ContainsFunc(runs, func(c counted) bool { return m.Of(c.Counts) != m.Of(runs[0].Counts) })
	}
	for _, m := range tracer.Metrics() {
		if m == tracer.Prepares || !varies(m) || m == tracer.ConnTrips && varies(tracer.RoundTrips) {
			continue
		}
		scheduled = scheduled && (m == tracer.MaxHeld || m == tracer.ConnTrips || m == tracer.SQLUnique)
		text := string(m) + plainly[m] + " " + each(m.Of)
		if behind := places(runs, m, "", origin.String); behind != "" {
			text += " (" + behind + ")"
		}
		parts = append(parts, text)
	}
	text := strings.Join(parts, "; ") + goesOn(runs)
	if scheduled {
		text += fmt.Sprintf("; each run has SQL %d; connections vary if Run starts goroutines: set Concurrent, and they are not counted", runs[0].SQL)
	}
	return text
}

// plainly says what metrics are whose names do not.
var plainly = map[tracer.Metric]string{
	tracer.Acquires: ", connections taken from the pool,",
	tracer.MaxHeld:  ", most connections held at once,",
}

// goesOn says what had not ended in any of the runs, as where the first answer wins.
func goesOn(runs []counted) string {
	var texts []string
	for _, run := range runs {
		for _, text := range run.unfinished {
			if !slices.Contains(texts, text) {
				texts = append(texts, text)
			}
		}
	}
	if len(texts) == 0 {
		return ""
	}
	return "; not finished when Run returned, which must wait for it: " + firstFew(texts)
}

func (o origin) String() string {
	switch {
	case o.name == "" && o.metric == tracer.RoundTrips:
		o.name = "a batch"
	case o.name == "":
		o.name = "a connection"
	}
	if o.site == "" {
		return o.name
	}
	return o.name + " at " + o.site
}

func firstFew(texts []string) string {
	const few = 3
	if more := len(texts) - few; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(texts[:few], ", "), more)
	}
	return strings.Join(texts, ", ")
}
