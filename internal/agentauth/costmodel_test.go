package agentauth

import (
	"maps"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// A bill is the cost of reads: statements and checks by name.
type bill struct{ statements, checks map[string]int }

func statement(name string) bill { return bill{statements: map[string]int{name: 1}} }
func check(label string) bill    { return bill{checks: map[string]int{label: 1}} }

func sum(bills ...bill) bill {
	total := bill{statements: map[string]int{}, checks: map[string]int{}}
	for _, b := range bills {
		for name, n := range b.statements {
			total.statements[name] += n
		}
		for label, n := range b.checks {
			total.checks[label] += n
		}
	}
	return total
}

func times(n int, b bill) bill {
	var bills []bill
	for range n {
		bills = append(bills, b)
	}
	return sum(bills...)
}

func given(condition bool, b bill) bill {
	if condition {
		return b
	}
	return bill{}
}

func (b bill) counts() tracer.Counts {
	c := tracer.Counts{Statements: maps.Clone(b.statements), Checks: maps.Clone(b.checks)}
	for _, n := range b.statements {
		c.SQL += n
	}
	for _, n := range b.checks {
		c.RBAC += n
	}
	return c
}

// The cost of each read of the authorization layer.
var (
	readSystem    = check("read system")
	readWorkspace = check("read workspace")
	readTemplate  = check("read template")

	workspaceByID      = sum(statement("WorkspaceByID"), readWorkspace)
	workspaceByAgentID = sum(statement("WorkspaceByAgentID"), readWorkspace)
	buildByID          = sum(statement("WorkspaceBuildByID"), workspaceByID)
	buildByJobID       = sum(statement("WorkspaceBuildByJobID"), workspaceByID)
	latestBuild        = sum(workspaceByID, statement("LatestWorkspaceBuildByWorkspaceID"))
	newestAgent        = sum(statement("WorkspaceAgentByInstanceID"), workspaceByAgentID)
	allAgents          = sum(readSystem, statement("WorkspaceAgentsByInstanceID"))
	allBuildAgents     = sum(readSystem, statement("WorkspaceBuildAgentsByInstanceID"))
	latestBuildAgents  = sum(readSystem, statement("LatestBuildAgentsByInstanceID"))

	// The job rules: the cascade for either type of job, and the fast path, as merged
	// and as described.
	buildCascade    = buildByJobID
	templateCascade = sum(statement("TemplateVersionByID"), statement("TemplateByID"), readTemplate)
	fastPath        = bill{}
	describedPath   = readSystem
)

func job(rule bill) bill      { return sum(statement("ProvisionerJobByID"), rule) }
func resource(rule bill) bill { return sum(statement("WorkspaceResourceByID"), job(rule)) }

// resourceAndJob is what a handler reads to learn the type of an agent's job.
func resourceAndJob(rule bill) bill { return sum(resource(rule), job(rule)) }

// facts determine the cost of a request.
type facts struct {
	builds    int // root agents of workspace builds
	templates int // root agents of template imports; they are the newest

	resources, jobs, workspaces int // different ones among all of them

	named bool // the request names an agent that is there
	dead  bool // the workspaces are deleted
}

// theFacts describes each scenario.
var theFacts = map[string]func(n int) facts{
	"agents":                   func(n int) facts { return facts{builds: n, resources: n, jobs: 1, workspaces: 1, named: true} },
	"agents-one-resource":      func(n int) facts { return facts{builds: n, resources: 1, jobs: 1, workspaces: 1, named: true} },
	"agents-unnamed":           func(n int) facts { return facts{builds: n, resources: n, jobs: 1, workspaces: 1} },
	"agents-across-workspaces": func(n int) facts { return facts{builds: n, resources: n, jobs: n, workspaces: n, named: true} },
	"rebuilds":                 func(n int) facts { return facts{builds: n + 1, resources: n + 1, jobs: n + 1, workspaces: 1} },
	"rebuilds-marked-deleted":  func(int) facts { return oneAgent },
	"template-agents":          func(n int) facts { return facts{builds: 1, templates: n, resources: n + 1, jobs: n + 1, workspaces: 1} },
	"sub-agents":               func(int) facts { return oneAgent },
	"recycled":                 func(int) facts { return oneAgent },
	"deleted-workspace":        func(int) facts { dead := oneAgent; dead.dead = true; return dead },
	"unknown":                  func(int) facts { return facts{} },
}

var oneAgent = facts{builds: 1, resources: 1, jobs: 1, workspaces: 1}

// theHandlers computes the cost of a request for each version.
var theHandlers = map[string]func(f facts) bill{
	"v2.33.0-rc.2": func(f facts) bill {
		switch {
		case f.templates > 0: // the newest agent has no workspace
			return sum(statement("WorkspaceAgentByInstanceID"), statement("WorkspaceByAgentID"))
		case f.builds == 0:
			return statement("WorkspaceAgentByInstanceID")
		}
		return sum(newestAgent, resourceAndJob(buildCascade), buildByID, latestBuild)
	},
	"v2.33.0-rc.3": func(f facts) bill {
		return sum(allAgents,
			times(f.builds, resourceAndJob(buildCascade)),
			times(f.templates, resourceAndJob(templateCascade)),
			given(f.chosen(), sum(resourceAndJob(buildCascade), buildByID, latestBuild)))
	},
	"pr-24973":      func(f facts) bill { return eachJobOnce(f, fastPath) },
	"pr-24973-text": func(f facts) bill { return eachJobOnce(f, describedPath) },
	"pr-24973-memo": func(f facts) bill {
		return sum(allAgents,
			times(f.resources, statement("WorkspaceResourceByID")),
			times(f.jobs, job(fastPath)),
			given(f.chosen(), sum(buildByID, statement("LatestWorkspaceBuildByWorkspaceID"))))
	},
	"pr-25158": func(f facts) bill {
		return sum(allAgents,
			times(f.builds+f.templates, resourceAndJob(fastPath)),
			times(f.builds, buildByID),
			times(f.workspaces, latestBuild))
	},
	"pr-25031":  func(f facts) bill { return sum(allBuildAgents, given(f.chosen() && !f.dead, latestBuild)) },
	"one-query": func(facts) bill { return latestBuildAgents },
}

// eachJobOnce is the cost of pr-24973 with either job rule.
func eachJobOnce(f facts, rule bill) bill {
	return sum(allAgents,
		times(f.builds+f.templates, resourceAndJob(rule)),
		given(f.chosen(), sum(buildByID, latestBuild)))
}

// chosen reports whether one agent is left after the rules for names.
func (f facts) chosen() bool { return f.builds == 1 || f.builds > 1 && f.named }

// owed returns the expected cost of a measurement, statement by statement.
func owed(scenario string, n int, version string) bill {
	switch scenario {
	case "bad-signature":
		return bill{}
	case "auditor-job-read":
		if version == "pr-24973-text" {
			return job(sum(describedPath, buildCascade)) // denied first
		}
		return job(buildCascade)
	}
	return theHandlers[version](theFacts[scenario](n))
}
