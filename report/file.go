package report

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// A File is what a result file or a baseline holds: what it is about, and what was measured.
type File struct {
	Subject
	Rows    []Row
	Budgets []Budget        // of a baseline
	Trees   []calltree.Tree // of the cells that were measured with stacks, if these are to be kept
}

// A Subject is what results are about.
type Subject struct {
	Name      string     // of the path, or of the module whose tests have measured
	Reference string     // the version that others are compared with, if there is one
	Versions  []string   // oldest first
	Scenarios []Scenario // in the order of reports
	// Whole says that the results are of all there is, so that what a baseline has beside
	// them is gone.
	Whole bool
}

// A Scenario is one of a Subject.
type Scenario struct {
	Name string `json:"name"`
	// Version is the one that has the scenario. Empty: all have it.
	Version  string `json:"version,omitempty"`
	Unit     string `json:"unit,omitempty"`     // what one more of N adds, in the singular; empty: there is no N
	Counting string `json:"counting,omitempty"` // what N counts, where Unit does not say it
	Idle     bool   `json:"idle,omitempty"`     // nothing is asked for in it
	Test     string `json:"test,omitempty"`     // the test that measures it, if one does
	// Baseline is the file beside that test which says what it may cost, as seen from the
	// root of the repository. Empty: limits in the test do, which are the budgets of the file.
	Baseline string `json:"baseline,omitempty"`
}

// NewFile returns what was measured of subject.
func NewFile(subject Subject, results []scenarios.Result) File {
	f := File{Subject: subject}
	for _, result := range results {
		f.Rows = append(f.Rows, Row{
			Scenario: result.Scenario,
			N:        result.N,
			Version:  result.Version,
			Outcome:  result.Outcome,
			Counts:   result.Counts(),
		})
	}
	f.complete()
	return f
}

// complete lists what rows are of and f.Subject does not list, such as in a file that
// somebody has made of rows alone.
func (f *File) complete() {
	f.Versions, f.Scenarios = slices.Clone(f.Versions), slices.Clone(f.Scenarios)
	versions, listed := len(f.Versions), len(f.Scenarios)
	for _, row := range f.Rows {
		if !slices.Contains(f.Versions, row.Version) {
			f.Versions = append(f.Versions, row.Version)
		}
		if _, ok := f.scenario(row.Version, row.Scenario); !ok {
			f.Scenarios = append(f.Scenarios, Scenario{Name: row.Scenario})
		}
	}
	slices.Sort(f.Versions[versions:])
	slices.SortFunc(f.Scenarios[listed:], func(a, b Scenario) int { return strings.Compare(a.Name, b.Name) })
}

// Add adds the results in o to f. Where they are of another module, f is of what both are in.
func (f *File) Add(o File) {
	f.Rows, f.Trees, f.Budgets = slices.Concat(f.Rows, o.Rows), slices.Concat(f.Trees, o.Trees), slices.Concat(f.Budgets, o.Budgets)
	f.Subject = f.also(o.Subject, o.Rows)
	f.Name, f.Reference = common(cmp.Or(f.Name, o.Name), o.Name), cmp.Or(f.Reference, o.Reference)
	if f.Reference != "" {
		return // versions of a path have an order
	}
	slices.Sort(f.Versions)
	slices.SortFunc(f.Scenarios, func(a, b Scenario) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version))
	})
}

// common returns the path that two are in, or both where they have nothing in common.
func common(a, b string) string {
	if a == b || a == "" || b == "" {
		return cmp.Or(a, b)
	}
	as, bs := strings.Split(a, "/"), strings.Split(b, "/")
	n := 0
	for n < min(len(as), len(bs)) && as[n] == bs[n] {
		n++
	}
	if n == 0 {
		return a + ", " + b
	}
	return strings.Join(as[:n], "/")
}

// Shortened returns f with packages called as people do who know their module: "orders" is
// example.com/shop/orders in example.com/shop, and "shop" is the package of the module itself.
func (f File) Shortened(module string) File {
	base := path.Base(module)
	short := func(version *string) {
		switch within, ok := strings.CutPrefix(*version, module+"/"); {
		case *version == module:
			*version = base
		case ok && (within == base || strings.HasPrefix(within, base+"/")): // not to be taken for that
			*version = base + "/" + within
		case ok:
			*version = within
		}
	}
	f.Versions, f.Scenarios, f.Rows = slices.Clone(f.Versions), slices.Clone(f.Scenarios), slices.Clone(f.Rows)
	f.Budgets, f.Trees = slices.Clone(f.Budgets), slices.Clone(f.Trees)
	for i := range f.Versions {
		short(&f.Versions[i])
	}
	for i := range f.Scenarios {
		short(&f.Scenarios[i].Version)
	}
	for i := range f.Rows {
		short(&f.Rows[i].Version)
	}
	for i := range f.Budgets {
		short(&f.Budgets[i].Version)
	}
	for i := range f.Trees {
		short(&f.Trees[i].Cell.Version)
	}
	return f
}

// Scenario returns the scenario of that name that a version has. Of one that s does not
// list, only the name is known.
func (s Subject) Scenario(version, name string) Scenario {
	found, _ := s.scenario(version, name)
	return found
}

func (s Subject) scenario(version, name string) (found Scenario, ok bool) {
	found = Scenario{Name: name}
	for _, scenario := range s.Scenarios {
		if scenario.Name == name && (scenario.Version == version || scenario.Version == "" && !ok) {
			found, ok = scenario, true
		}
	}
	return found, ok
}

// Find returns the row of a cell.
func (f File) Find(scenario string, n int, version string) (Row, bool) {
	i := slices.IndexFunc(f.Rows, func(row Row) bool {
		return row.Scenario == scenario && row.N == n && row.Version == version
	})
	if i < 0 {
		return Row{}, false
	}
	return f.Rows[i], true
}

// Tree returns the tree of a cell, if it was kept.
func (f File) Tree(cell scenarios.Cell) (calltree.Tree, bool) {
	for _, t := range f.Trees {
		if t.Cell == cell {
			return t, true
		}
	}
	return calltree.Tree{}, false
}

// version returns the rows of one version.
func (f File) version(name string) File {
	of := File{Subject: Subject{Name: f.Name}}
	for _, row := range f.Rows {
		if row.Version == name {
			of.Rows = append(of.Rows, row)
		}
	}
	return of
}

// also lists what older lists and s does not, as far as rows are of it.
func (s Subject) also(older Subject, rows []Row) Subject {
	s.Versions, s.Scenarios = slices.Clone(s.Versions), slices.Clone(s.Scenarios)
	for _, version := range older.Versions {
		if !slices.Contains(s.Versions, version) && slices.ContainsFunc(rows, func(r Row) bool { return r.Version == version }) {
			s.Versions = append(s.Versions, version)
		}
	}
	for _, scenario := range older.Scenarios {
		listed := slices.ContainsFunc(s.Scenarios, func(o Scenario) bool { return o.Name == scenario.Name && o.Version == scenario.Version })
		if !listed && slices.ContainsFunc(rows, func(r Row) bool {
			return r.Scenario == scenario.Name && (scenario.Version == "" || r.Version == scenario.Version)
		}) {
			s.Scenarios = append(s.Scenarios, scenario)
		}
	}
	return s
}
