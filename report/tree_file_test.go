package report_test

import (
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/report"
)

// treed is a file with a tree of each kind of node.
const treed = `{"schema":1,"path":"test","rows":[
{"scenario":"agents","n":2,"version":"v1","outcome":"ok","sql":10,"sql_unique":9,"rbac":1,"rbac_unique":1,"round_trips":10,"tx":0,"prepare":0,"acquires":10,"max_held":1,"statements":{"Get":10},"checks":{"read":1}},
{"scenario":"login","n":0,"version":"v1","outcome":"ok","sql":0,"sql_unique":0,"rbac":0,"rbac_unique":0,"round_trips":0,"tx":0,"prepare":0,"acquires":0,"max_held":0,"statements":{},"checks":{}}
],
"trees":[
{"scenario":"agents","n":2,"version":"v1","roots":[{"kind":"call","name":"Server.orders","function":"web.(*Server).orders","children":[{"kind":"query","name":"Get","site":"orders/list.go:12","count":9,"repeated":1,"equal":{"after a write":2,"writes":4}},{"kind":"copy","name":"Get","count":1,"opaque":1},{"kind":"check","name":"read","count":1}]}]},
{"scenario":"login","n":0,"version":"v1","roots":null}
]}
`

// TestTreesAreSorted has rows and trees in the order of an edit by hand.
func TestTreesAreSorted(t *testing.T) {
	lines := strings.Split(treed, "\n")
	lines[1], lines[2] = strings.TrimSuffix(lines[2], ",")+",", strings.TrimSuffix(lines[1], ",")
	lines[5], lines[6] = lines[6]+",", strings.TrimSuffix(lines[5], ",")
	read, err := report.Read(strings.NewReader(strings.Join(lines, "\n")))
	must.Succeed(t, err)
	if len(read.Rows) != 2 || read.Rows[0].Scenario != "agents" || len(read.Trees) != 2 || read.Trees[0].Cell.Scenario != "agents" {
		t.Errorf("not sorted: %+v", read)
	}
	if cost := read.Trees[0].Cost; cost.SQL != 10 || cost.SQLRepeated != 1 || cost.RBAC != 1 || cost.RBACRepeated != 0 {
		t.Errorf("the tree costs %+v", cost)
	}
}

// The tree of a racing cell is that of one run, and its row the largest of all.
func TestTreesOfRaces(t *testing.T) {
	more := strings.NewReplacer(`"sql":10,`, `"sql":12,`, `"statements":{"Get":10}`, `"statements":{"Get":12}`).Replace(treed)
	if _, err := report.Read(strings.NewReader(more)); err == nil {
		t.Error("a tree with other counts is taken")
	}
	racing := strings.Replace(more, `"max_held":1,`, `"max_held":1,"races":true,`, 1)
	f, err := report.Read(strings.NewReader(racing))
	if err != nil || len(f.Trees) != 2 {
		t.Errorf("%v: %+v", err, f)
	}
}

func TestReadRefusesTrees(t *testing.T) {
	wantDamagesRefused(t, treed, []damage{
		{"unknown kind", `"kind":"copy"`, `"kind":"prepare"`, 6, `the tree of v1 agents/2: unknown kind "prepare"; want a call or an event`},
		{"a call that is counted", `"kind":"call"`, `"kind":"call","count":1`, 6, "the counts do not add up"},
		{"an event that is not", `"count":9,"repeated":1`, `"count":0`, 6, "the counts do not add up"},
		{"more repeated than all", `"repeated":1`, `"repeated":4`, 6, "the counts do not add up"},
		{"negative repeated", `"repeated":1`, `"repeated":-1`, 6, "the counts do not add up"},
		{"more opaque than all", `"opaque":1`, `"opaque":2`, 6, "the counts do not add up"},
		{"more equal than all", `"writes":4`, `"writes":7`, 6, "the counts do not add up"},
		{"negative equal", `"writes":4`, `"writes":-1`, 6, "the counts do not add up"},
		{"equal for no reason", `"writes":4`, `"repeated":4`, 6, "the counts do not add up"},
		{"absurd count", `"count":9`, `"count":4611686018427387904`, 6, "the counts do not add up"},
		{"no node", `"roots":null`, `"roots":7`, 7, `"roots" cannot be number`},
		{"no node in a list", `"roots":null`, `"roots":[null]`, 7, `unknown kind ""`},
		{"unknown field", `"site"`, `"column":3,"site"`, 6, `unknown field "column"`},
		{"two of a cell", `"scenario":"login","n":0,"version":"v1","roots"`, `"scenario":"agents","n":2,"version":"v1","roots"`, 7, "v1 agents/2 is already on line 6"},
		{"more statements than its row", `"count":9`, `"count":10`, 0, "the counts in the tree of v1 agents/2 differ from its row"},
		{"more checks than its row", `"name":"read","count":1`, `"name":"read","count":2`, 0, "differ from its row"},
		{"no row", `"version":"v1","roots":null`, `"version":"v2","roots":null`, 0, "the tree of v2 login/0 has no row"},
	})
}
