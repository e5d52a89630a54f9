package view

import (
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Listed is one scenario of one version.
type Listed struct {
	ScenarioGrowth
	VersionGrowth
	Version string
}

// List returns every scenario that was measured, those that grow with N first, and whether any
// was checked for authorization.
func (o Overview) List() (list []Listed, checks bool) {
	var level []Listed
	for _, scenario := range o.Growth {
		for i, version := range scenario.Versions {
			if version.Series == nil {
				continue
			}
			checks = checks || Exact(version.Series.Metrics[tracer.RBAC]) != ""
			if l := (Listed{scenario, version, o.Versions[i]}); l.grows() {
				list = append(list, l)
			} else {
				level = append(level, l)
			}
		}
	}
	return append(list, level...), checks
}

func (l Listed) grows() bool {
	return slices.ContainsFunc(Shown, func(m tracer.Metric) bool {
		points := l.Series.Metrics[m].Points
		return len(points) > 0 && points[len(points)-1].Count > points[0].Count
	})
}

// Costliest returns the finding about a scenario that has the most SQL of those that cost more.
func (d Document) Costliest(scenario string) (costliest findings.Finding, ok bool) {
	for _, f := range d.Failing() {
		if f.Scenario == scenario && len(f.Worse) > 0 &&
			(!ok || findings.Last(f.Metrics[tracer.SQL].Head) > findings.Last(costliest.Metrics[tracer.SQL].Head)) {
			costliest, ok = f, true
		}
	}
	return costliest, ok
}
