package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// An Overview is what a run shows: the first scenario in detail, the growth of
// every version in every scenario, and published figures against measured ones.
type Overview struct {
	Path   *scenarios.Path // gives order, units and the reference version
	Rows   Rows
	Claims Claims
}

// nameWidth is where the name of a version or a scenario is cut.
const nameWidth = 32

// Text writes the overview for a terminal of 120 columns.
func (o Overview) Text(w io.Writer, style Style) error {
	series := Summarize(o.Rows)
	for _, section := range []func(io.Writer, Style, []Series) error{o.headline, o.growth, o.claims} {
		if err := section(w, style, series); err != nil {
			return err
		}
	}
	return nil
}

// headline shows the first scenario that has an N, one version per row.
func (o Overview) headline(w io.Writer, style Style, series []Series) error {
	i := slices.IndexFunc(o.Path.Scenarios, func(s scenarios.Scenario) bool {
		return s.Unit != "" && slices.ContainsFunc(o.Rows.Rows, func(r Row) bool { return r.Scenario == s.Name })
	})
	if i < 0 {
		return nil
	}
	scenario := o.Path.Scenarios[i]
	ns := o.smallest(scenario.Name)
	t := &table{header: []string{"version"}, right: []bool{false}}
	column := func(name string, right bool) {
		t.header = append(t.header, name)
		t.right = append(t.right, right)
	}
	for _, metric := range []string{"SQL", "RBAC"} {
		for j, n := range ns {
			title := fmt.Sprintf("N=%d", n)
			if j == 0 {
				title = metric + " " + title
			}
			column(title, true)
		}
		column("growth", false)
	}
	column("avoidable SQL", false)
	column("ΔSQL", false)
	column("ΔRBAC", false)

	for _, version := range o.Path.Versions {
		s := o.largest(series, scenario.Name, version.Name)
		if s == nil {
			continue
		}
		cells := []string{Printable(version.Name, nameWidth)}
		for _, m := range []tracer.Metric{tracer.SQL, tracer.RBAC} {
			for _, n := range ns {
				cells = append(cells, o.count(scenario.Name, n, version.Name, m))
			}
			cells = append(cells, s.Metrics[m].String())
		}
		cells = append(cells, s.Avoidable.String())
		for _, m := range []tracer.Metric{tracer.SQL, tracer.RBAC} {
			cells = append(cells, o.against(style, scenario.Name, ns, version.Name, m))
		}
		t.add(cells...)
	}
	fmt.Fprintf(w, "%s: SQL statements and RBAC checks of one request, scenario %s\n",
		style.paint(bold, Printable(o.Rows.Path, 0)), style.paint(bold, Printable(scenario.Name, 0)))
	fmt.Fprintf(w, "N: one more %s. Avoidable: repeats with equal arguments.\nΔ: difference to %s at each N shown.\n\n",
		Printable(scenario.Unit, 0), Printable(o.Path.Reference, 0))
	return t.render(w)
}

// smallest returns the two smallest N measured in a scenario.
func (o Overview) smallest(scenario string) []int {
	var ns []int
	for _, row := range o.Rows.Rows {
		if row.Scenario == scenario {
			ns = append(ns, row.N)
		}
	}
	slices.Sort(ns)
	ns = slices.Compact(ns)
	return ns[:min(2, len(ns))]
}

// largest returns the series that most cells of a version in a scenario are in.
func (o Overview) largest(series []Series, scenario, version string) *Series {
	var largest *Series
	for i, s := range series {
		if s.Scenario == scenario && s.Version == version &&
			(largest == nil || len(s.Avoidable.Points) > len(largest.Avoidable.Points)) {
			largest = &series[i]
		}
	}
	return largest
}

func (o Overview) count(scenario string, n int, version string, m tracer.Metric) string {
	row, ok := o.Rows.find(scenario, n, version)
	if !ok {
		return "-"
	}
	return fmt.Sprint(m.Of(row.Counts))
}

// against says how much more a version costs than the reference at each of ns:
// "+6, +13".
func (o Overview) against(style Style, scenario string, ns []int, version string, m tracer.Metric) string {
	if version == o.Path.Reference {
		return ""
	}
	var parts []string
	for _, n := range ns {
		base, ok := o.Rows.find(scenario, n, o.Path.Reference)
		head, found := o.Rows.find(scenario, n, version)
		if !ok || !found {
			return ""
		}
		difference := m.Of(head.Counts) - m.Of(base.Counts)
		text := "0"
		if difference != 0 {
			text = fmt.Sprintf("%+d", difference)
		}
		parts = append(parts, style.paint(shade(judge(difference)), text))
	}
	return strings.Join(parts, ", ")
}

// growth shows every scenario, with the law of each version: once for statements
// and once for checks.
func (o Overview) growth(w io.Writer, style Style, series []Series) error {
	var versions []string
	for _, v := range o.Path.Versions {
		if slices.ContainsFunc(series, func(s Series) bool { return s.Version == v.Name }) {
			versions = append(versions, v.Name)
		}
	}
	fmt.Fprintf(w, "\nEvery scenario, as it grows with N. What stands before a colon is how requests ended, where not as with most.\n")
	for _, metric := range []tracer.Metric{tracer.SQL, tracer.RBAC} {
		t := &table{header: []string{strings.ToUpper(string(metric))}}
		for _, version := range versions {
			t.header = append(t.header, Printable(version, nameWidth))
		}
		for _, scenario := range o.Path.Scenarios {
			if row := o.laws(style, series, scenario.Name, versions, metric); row != nil {
				t.add(append([]string{Printable(scenario.Name, nameWidth)}, row...)...)
			}
		}
		fmt.Fprintln(w)
		if err := t.render(w); err != nil {
			return err
		}
	}
	return nil
}

// laws is one row of the growth table; nil if the scenario was not measured. A
// law of requests that end otherwise than those of most versions is preceded by
// how they end: "409: 1 + 7·N".
func (o Overview) laws(style Style, series []Series, scenario string, versions []string, metric tracer.Metric) []string {
	var (
		row      = make([]string, len(versions))
		found    = make([]*Series, len(versions))
		outcomes = map[string]int{}
		usual    string
	)
	for i, version := range versions {
		if found[i] = o.largest(series, scenario, version); found[i] != nil {
			outcome := found[i].Outcome
			if outcomes[outcome]++; outcomes[outcome] > outcomes[usual] {
				usual = outcome
			}
		}
	}
	if len(outcomes) == 0 {
		return nil
	}
	reference := o.largest(series, scenario, o.Path.Reference)
	for i, s := range found {
		if s == nil {
			row[i] = "-"
			continue
		}
		row[i] = s.Metrics[metric].String()
		if reference != nil && reference.Outcome == s.Outcome && reference.Version != s.Version {
			row[i] = style.paint(shade(compareGrowth(reference.Metrics[metric], s.Metrics[metric])), row[i])
		}
		if s.Outcome != usual {
			row[i] = Printable(firstWord(s.Outcome), 8) + ": " + row[i]
		}
	}
	return row
}

// claims shows published figures against measured ones.
func (o Overview) claims(w io.Writer, style Style, _ []Series) error {
	t := &table{
		header: []string{"version", "cell", "published SQL", "RBAC", "measured SQL", "RBAC", ""},
		right:  []bool{false, false, true, true, true, true, false},
	}
	for _, check := range o.Claims.Check(o.Rows) {
		if check.Measured == nil {
			continue
		}
		verdict := style.paint(green, "reproduced")
		if !check.Reproduced {
			verdict = style.paint(red, "NOT REPRODUCED")
			if check.Explanation != "" {
				verdict += ": " + Printable(check.Explanation, 0)
			}
		}
		t.add(Printable(check.Version, nameWidth), Printable(fmt.Sprintf("%s/%d", check.Scenario, check.N), nameWidth), fmt.Sprint(check.SQL), fmt.Sprint(check.RBAC),
			fmt.Sprint(check.Measured.SQL), fmt.Sprint(check.Measured.RBAC), verdict)
	}
	if len(t.rows) == 0 {
		return nil
	}
	fmt.Fprintln(w)
	return t.render(w)
}
