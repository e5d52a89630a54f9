package report

import (
	"slices"
	"strconv"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/index"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// A File is the content of a result file or a baseline: its subject, and what was measured.
type File struct {
	Subject
	Rows    []Row
	Budgets []Budget // of a baseline
	// FirstRuns are the costs of first runs that differ from the later runs in the row.
	FirstRuns []FirstRun
	// Trees are the call trees of cells measured with stacks, if they are kept: with lines in
	// results, without lines in baselines.
	Trees []calltree.Tree
}

// A Subject describes what results are about.
type Subject struct {
	Name      string     // of the path, or of the module of the tests
	Reference string     // the version to compare others with, if any
	Versions  []string   // oldest first
	Scenarios []Scenario // in the order of reports
	// Incomplete says that tests failed while results were collected, so some may be missing.
	Incomplete bool
	// Whole says that the results are complete: other rows of the baseline no longer exist.
	Whole bool
}

// A Scenario is a scenario of a Subject.
type Scenario struct {
	Name string `json:"name"`
	// Module is the module of the package, in the merged results of several modules.
	Module string `json:"-"`
	// Version is the only version that has the scenario. Empty: all have it.
	Version  string `json:"version,omitempty"`
	Unit     string `json:"unit,omitempty"`     // what N counts, in the singular; empty: there is no N
	Counting string `json:"counting,omitempty"` // more about what N counts
	Idle     bool   `json:"idle,omitempty"`     // it requests nothing
	Test     string `json:"test,omitempty"`     // the test that measures it, if any
	Label    string `json:"label,omitempty"`    // the kind of build or environment, if there are several
	// Finished says that the test ran to its end without skips: scenarios that it did not measure
	// no longer exist.
	Finished bool `json:"finished,omitempty"`
	// Unmeasured says why the scenario could not be measured. The file has no rows of it then,
	// and the baseline's rows are not judged.
	Unmeasured string `json:"unmeasured,omitempty"`
	// Growth describes how the costs grow, for readers of a baseline. It is not used otherwise.
	Growth string `json:"growth,omitempty"`
	// Folder is the module's folder in the repository, if that is not its root.
	Folder string `json:"folder,omitempty"`
	// Baseline is the file beside the test that limits the costs, relative to the repository.
	// Empty: the limits in the test do; they are the budgets of the file.
	Baseline string `json:"baseline,omitempty"`
}

// NewFile returns a File with the results of subject.
func NewFile(subject Subject, results []scenarios.Result) File {
	f := File{Subject: subject}
	for _, result := range results {
		f.Rows = append(f.Rows, Row{
			Cell:    scenarios.Cell{Scenario: result.Scenario, N: result.N, Version: result.Version},
			Outcome: result.Outcome,
			Counts:  result.Counts(),
			Ignored: result.Ignored,
		})
		if first := result.First; first != nil {
			f.FirstRuns = append(f.FirstRuns, FirstRun{Cell: result.Cell, SQL: first.SQL, RBAC: first.RBAC})
		}
	}
	f.complete()
	return f
}

// complete lists the scenarios and versions of rows that f.Subject does not list, for example in
// a file made by hand.
func (f *File) complete() {
	f.Versions, f.Scenarios = slices.Clone(f.Versions), slices.Clone(f.Scenarios)
	versions, scenarios := len(f.Versions), len(f.Scenarios)
	known, of := index.Keys(f.Versions, func(name string) string { return name }), f.listed()
	for _, row := range f.Rows {
		if !known[row.Version] {
			known[row.Version] = true
			f.Versions = append(f.Versions, row.Version)
		}
		if s, ok := of.scenario(row.Version, row.Scenario); !ok {
			of[s.key()] = s
			f.Scenarios = append(f.Scenarios, s)
		}
	}
	slices.Sort(f.Versions[versions:])
	slices.SortFunc(f.Scenarios[scenarios:], func(a, b Scenario) int { return strings.Compare(a.Name, b.Name) })
}

// Scenario returns the scenario called name of a version. If s does not list it, only the name is
// set.
func (s Subject) Scenario(version, name string) Scenario {
	found := Scenario{Name: name}
	for i := range s.Scenarios {
		if o := &s.Scenarios[i]; o.Name == name && (o.Version == version || o.Version == "" && found.Version == "") {
			found = *o
		}
	}
	return found
}

// A listed is something that a file lists once: a version, or the scenario of one or all
// versions.
type listed struct{ what, version, name string }

func (l listed) String() string {
	return l.what + " " + strconv.Quote(strings.TrimSpace(l.version+" "+l.name))
}

func versionOf(name string) listed { return listed{"version", name, ""} }
func (s Scenario) key() listed     { return listed{"scenario", s.Version, s.Name} }

// scenariosOf are the scenarios that a Subject lists.
type scenariosOf map[listed]Scenario

func (s Subject) listed() scenariosOf { return index.By(s.Scenarios, Scenario.key) }

func (of scenariosOf) scenario(version, name string) (found Scenario, ok bool) {
	for _, version := range []string{version, ""} {
		if found, ok = of[Scenario{Name: name, Version: version}.key()]; ok {
			return found, true
		}
	}
	return Scenario{Name: name}, false
}

// Cells returns the rows by their cells.
func (f File) Cells() map[scenarios.Cell]Row {
	return index.By(f.Rows, func(r Row) scenarios.Cell { return r.Cell })
}
