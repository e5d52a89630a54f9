package report

import (
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// A File is what a result file or a baseline holds: what it is about, and what was measured.
type File struct {
	Subject
	Rows    []Row
	Budgets []Budget // of a baseline
	// FirstRuns are what the first run of a cell cost, where that is not what the later ones
	// did, which the row is about.
	FirstRuns []FirstRun
	// Trees are of the cells that were measured with stacks, if these are to be kept: in
	// results with lines, in a baseline without.
	Trees []calltree.Tree
}

// A Subject is what results are about.
type Subject struct {
	Name      string     // of the path, or of the module whose tests have measured
	Reference string     // the version that others are compared with, if there is one
	Versions  []string   // oldest first
	Scenarios []Scenario // in the order of reports
	// Incomplete says that tests failed while the results were collected, so that some may
	// be missing.
	Incomplete bool
	// Whole says that the results are of all there is, so that what a baseline has beside
	// them is gone.
	Whole bool
}

// A Scenario is one of a Subject.
type Scenario struct {
	Name string `json:"name"`
	// Module is that of the package, where results of several are together.
	Module string `json:"-"`
	// Version is the one that has the scenario. Empty: all have it.
	Version  string `json:"version,omitempty"`
	Unit     string `json:"unit,omitempty"`     // what one more of N adds, in the singular; empty: there is no N
	Counting string `json:"counting,omitempty"` // what N counts, where Unit does not say it
	Idle     bool   `json:"idle,omitempty"`     // nothing is asked for in it
	Test     string `json:"test,omitempty"`     // the test that measures it, if one does
	Label    string `json:"label,omitempty"`    // the kind of build or environment that has it, if there are several
	// Finished says that this test ran to its end, with nothing of it skipped, so that what it
	// has not measured the code does not have.
	Finished bool `json:"finished,omitempty"`
	// Unmeasured says why it could not be measured. Then the file has no rows of it, and the
	// baseline's are judged by nobody: they are not gone.
	Unmeasured string `json:"unmeasured,omitempty"`
	// Growth is how the costs grow, for who reads a baseline: nothing goes by it.
	Growth string `json:"growth,omitempty"`
	// Folder is that of the module, as seen from the root of the repository, where it is not
	// that.
	Folder string `json:"folder,omitempty"`
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
			Ignored:  result.Ignored,
		})
		if first := result.First; first != nil {
			f.FirstRuns = append(f.FirstRuns, FirstRun{Scenario: result.Scenario, N: result.N, Version: result.Version, SQL: first.SQL, RBAC: first.RBAC})
		}
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
