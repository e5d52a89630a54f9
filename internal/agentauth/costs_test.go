package agentauth

// A line is a count as a function of N: fixed + perN·N.
type line struct{ fixed, perN int }

func (l line) at(n int) int { return l.fixed + l.perN*n }

func fixed(n int) line { return line{fixed: n} }

// A cost is the cost of a version from one N of a scenario to another.
type cost struct {
	version   string
	n         span
	sql, rbac line
}

type span struct{ from, to int }

var (
	every  = span{0, 16}
	zero   = span{0, 0}
	single = span{1, 1}
	more   = span{2, 16} // more than one
	some   = span{1, 16} // more than none
)

// costs holds the whole matrix in closed form, from the cost of each read:
//
//	resource and job of an agent   7/2 by the cascade, for either type of job; 3/0 by the fast
//	                               path, 3/2 as described
//	build, and latest build        2/1 each
//	list of the agents             1/1; rc.2 reads one agent and its workspace, 2/1
//
// So rc.2 costs 2/1 + 7/2 + 4/2, rc.3 1/1 + 7/2·agents + 7/2 + 4/2, and pr-24973
// 1/1 + 3/0·agents + 4/2, unless they stop earlier.
var costs = []struct {
	scenario string
	reads    string // what there is to read
	costs    []cost
}{
	{
		"agents", "N agents on N resources of one job: the memo reads the job once, each resource separately",
		[]cost{
			{"v2.33.0-rc.2", every, fixed(13), fixed(5)},
			{"v2.33.0-rc.3", every, line{12, 7}, line{5, 2}},
			{"pr-24973", every, line{5, 3}, fixed(3)},
			{"pr-24973-text", every, line{5, 3}, line{3, 2}},
			{"pr-24973-memo", every, line{5, 1}, fixed(2)},
			{"pr-25158", every, line{3, 5}, line{2, 1}},
			{"pr-25031", every, fixed(3), fixed(2)},
			{"one-query", every, fixed(1), fixed(1)},
		},
	},
	{
		"agents-one-resource", "N agents on one resource: it is read N times, but once with the memo",
		[]cost{
			{"v2.33.0-rc.2", every, fixed(13), fixed(5)},
			{"v2.33.0-rc.3", every, line{12, 7}, line{5, 2}},
			{"pr-24973", every, line{5, 3}, fixed(3)},
			{"pr-24973-text", every, line{5, 3}, line{3, 2}},
			{"pr-24973-memo", every, fixed(6), fixed(2)},
			{"pr-25158", every, line{3, 5}, line{2, 1}},
			{"pr-25031", every, fixed(3), fixed(2)},
			{"one-query", every, fixed(1), fixed(1)},
		},
	},
	{
		"agents-unnamed", "as agents, but more than one are ambiguous, and reading stops there",
		[]cost{
			{"v2.33.0-rc.2", every, fixed(13), fixed(5)},
			{"v2.33.0-rc.3", single, fixed(19), fixed(7)},
			{"v2.33.0-rc.3", more, line{1, 7}, line{1, 2}},
			{"pr-24973", single, fixed(8), fixed(3)},
			{"pr-24973", more, line{1, 3}, fixed(1)},
			{"pr-24973-text", single, fixed(8), fixed(5)},
			{"pr-24973-text", more, line{1, 3}, line{1, 2}},
			{"pr-24973-memo", single, fixed(6), fixed(2)},
			{"pr-24973-memo", more, line{2, 1}, fixed(1)},
			{"pr-25158", single, fixed(8), fixed(3)},
			{"pr-25158", more, line{3, 5}, line{2, 1}},
			{"pr-25031", single, fixed(3), fixed(2)},
			{"pr-25031", more, fixed(1), fixed(1)},
			{"one-query", every, fixed(1), fixed(1)},
		},
	},
	{
		"agents-across-workspaces", "each of the N agents has a resource, a job, a build and a workspace of its own",
		[]cost{
			{"v2.33.0-rc.2", every, fixed(13), fixed(5)},
			{"v2.33.0-rc.3", every, line{12, 7}, line{5, 2}},
			{"pr-24973", every, line{5, 3}, fixed(3)},
			{"pr-24973-text", every, line{5, 3}, line{3, 2}},
			{"pr-24973-memo", every, line{4, 2}, fixed(2)},
			{"pr-25158", every, line{1, 7}, line{1, 2}},
			{"pr-25031", every, fixed(3), fixed(2)},
			{"one-query", every, fixed(1), fixed(1)},
		},
	},
	{
		"rebuilds", "N+1 agents, each with its own job and build, in one workspace; ambiguous from N = 1 unless stale ones are dropped",
		[]cost{
			{"v2.33.0-rc.2", every, fixed(13), fixed(5)},
			{"v2.33.0-rc.3", zero, fixed(19), fixed(7)},
			{"v2.33.0-rc.3", some, line{8, 7}, line{3, 2}},
			{"pr-24973", zero, fixed(8), fixed(3)},
			{"pr-24973", some, line{4, 3}, fixed(1)},
			{"pr-24973-text", zero, fixed(8), fixed(5)},
			{"pr-24973-text", some, line{4, 3}, line{3, 2}},
			{"pr-24973-memo", zero, fixed(6), fixed(2)},
			{"pr-24973-memo", some, line{3, 2}, fixed(1)},
			{"pr-25158", every, line{8, 5}, line{3, 1}},
			{"pr-25031", zero, fixed(3), fixed(2)},
			{"pr-25031", some, fixed(1), fixed(1)},
			{"one-query", every, fixed(1), fixed(1)},
		},
	},
	{
		"rebuilds-marked-deleted", "as one agent of the latest build: no list contains deleted ones",
		[]cost{
			{"v2.33.0-rc.2", every, fixed(13), fixed(5)},
			{"v2.33.0-rc.3", every, fixed(19), fixed(7)},
			{"pr-24973", every, fixed(8), fixed(3)},
			{"pr-24973-text", every, fixed(8), fixed(5)},
			{"pr-24973-memo", every, fixed(6), fixed(2)},
			{"pr-25158", every, fixed(8), fixed(3)},
			{"pr-25031", every, fixed(3), fixed(2)},
			{"one-query", every, fixed(1), fixed(1)},
		},
	},
	{
		"template-agents", "template import jobs: each of the N agents has its own job; rc.2 takes the newest, which has no workspace",
		[]cost{
			{"v2.33.0-rc.2", zero, fixed(13), fixed(5)},
			{"v2.33.0-rc.2", some, fixed(2), fixed(0)},
			{"v2.33.0-rc.3", every, line{19, 7}, line{7, 2}},
			{"pr-24973", every, line{8, 3}, fixed(3)},
			{"pr-24973-text", every, line{8, 3}, line{5, 2}},
			{"pr-24973-memo", every, line{6, 2}, fixed(2)},
			{"pr-25158", every, line{8, 3}, fixed(3)},
			{"pr-25031", every, fixed(3), fixed(2)},
			{"one-query", every, fixed(1), fixed(1)},
		},
	},
	{
		"sub-agents", "one root agent: no list contains its N sub-agents",
		[]cost{
			{"v2.33.0-rc.2", every, fixed(13), fixed(5)},
			{"v2.33.0-rc.3", every, fixed(19), fixed(7)},
			{"pr-24973", every, fixed(8), fixed(3)},
			{"pr-24973-text", every, fixed(8), fixed(5)},
			{"pr-24973-memo", every, fixed(6), fixed(2)},
			{"pr-25158", every, fixed(8), fixed(3)},
			{"pr-25031", every, fixed(3), fixed(2)},
			{"one-query", every, fixed(1), fixed(1)},
		},
	},
	{
		"recycled", "one agent of an earlier build: refused after the same reads as an accepted agent",
		[]cost{
			{"v2.33.0-rc.2", zero, fixed(13), fixed(5)},
			{"v2.33.0-rc.3", zero, fixed(19), fixed(7)},
			{"pr-24973", zero, fixed(8), fixed(3)},
			{"pr-24973-text", zero, fixed(8), fixed(5)},
			{"pr-24973-memo", zero, fixed(6), fixed(2)},
			{"pr-25158", zero, fixed(8), fixed(3)},
			{"pr-25031", zero, fixed(3), fixed(2)},
			{"one-query", zero, fixed(1), fixed(1)},
		},
	},
	{
		"deleted-workspace", "as recycled, but the joins omit the agent",
		[]cost{
			{"v2.33.0-rc.2", zero, fixed(13), fixed(5)},
			{"v2.33.0-rc.3", zero, fixed(19), fixed(7)},
			{"pr-24973", zero, fixed(8), fixed(3)},
			{"pr-24973-text", zero, fixed(8), fixed(5)},
			{"pr-24973-memo", zero, fixed(6), fixed(2)},
			{"pr-25158", zero, fixed(8), fixed(3)},
			{"pr-25031", zero, fixed(1), fixed(1)},
			{"one-query", zero, fixed(1), fixed(1)},
		},
	},
	{
		"unknown", "no agent: rc.2 has nothing to check, the others check before they read",
		[]cost{
			{"v2.33.0-rc.2", zero, fixed(1), fixed(0)},
			{"v2.33.0-rc.3", zero, fixed(1), fixed(1)},
			{"pr-24973", zero, fixed(1), fixed(1)},
			{"pr-24973-text", zero, fixed(1), fixed(1)},
			{"pr-24973-memo", zero, fixed(1), fixed(1)},
			{"pr-25158", zero, fixed(1), fixed(1)},
			{"pr-25031", zero, fixed(1), fixed(1)},
			{"one-query", zero, fixed(1), fixed(1)},
		},
	},
	{
		"bad-signature", "nothing is read",
		[]cost{
			{"v2.33.0-rc.2", zero, fixed(0), fixed(0)},
			{"v2.33.0-rc.3", zero, fixed(0), fixed(0)},
			{"pr-24973", zero, fixed(0), fixed(0)},
			{"pr-24973-text", zero, fixed(0), fixed(0)},
			{"pr-24973-memo", zero, fixed(0), fixed(0)},
			{"pr-25158", zero, fixed(0), fixed(0)},
			{"pr-25031", zero, fixed(0), fixed(0)},
			{"one-query", zero, fixed(0), fixed(0)},
		},
	},
	{
		"auditor-job-read", "job, build and workspace; the described fast path adds one check, denied",
		[]cost{
			{"v2.33.0-rc.2", zero, fixed(3), fixed(1)},
			{"v2.33.0-rc.3", zero, fixed(3), fixed(1)},
			{"pr-24973", zero, fixed(3), fixed(1)},
			{"pr-24973-text", zero, fixed(3), fixed(2)},
			{"pr-24973-memo", zero, fixed(3), fixed(1)},
			{"pr-25158", zero, fixed(3), fixed(1)},
			{"pr-25031", zero, fixed(3), fixed(1)},
			{"one-query", zero, fixed(3), fixed(1)},
		},
	},
}

// sweeps holds the values of N for the scenarios that have one.
var sweeps = map[string][]int{
	"agents":                   {1, 2, 3, 4, 8, 16},
	"agents-one-resource":      {1, 2, 3, 4, 8, 16},
	"agents-unnamed":           {1, 2, 3, 4, 8, 16},
	"agents-across-workspaces": {1, 2, 3, 4, 8, 16},
	"rebuilds":                 {0, 1, 2, 3, 4, 8, 16},
	"rebuilds-marked-deleted":  {0, 1, 2, 3, 4, 8, 16},
	"template-agents":          {0, 1, 2, 3, 4, 8, 16},
	"sub-agents":               {0, 1, 2, 3, 4, 8, 16},
}
