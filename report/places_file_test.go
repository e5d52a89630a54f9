package report_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// placed is a baseline with call sites: two functions in one package, one in another, and an
// unknown one.
const placed = `{"schema":1,"path":"test","rows":[
{"scenario":"agents","n":1,"version":"v1","outcome":"ok","sql":4,"sql_unique":4,"rbac":1,"rbac_unique":1,"round_trips":4,"tx":0,"prepare":0,"acquires":4,"max_held":1,"statements":{"Get":3,"x":1},"checks":{"read":1}},
{"scenario":"agents","n":2,"version":"v1","outcome":"ok","sql":6,"sql_unique":6,"rbac":1,"rbac_unique":1,"round_trips":6,"tx":0,"prepare":0,"acquires":6,"max_held":1,"statements":{"Get":5,"x":1},"checks":{"read":1}}
],
"versions":[
"v1"
],
"scenarios":[
{"name":"agents"}
],
"places":[
{"scenario":"agents","version":"v1","n":[1,2],"places":[["",["query","x",1]],["a.b/web.(*Server).list",["a.b/store.Get",["check","read",1,["query","Get",1]]],[".Map[...]",["query","Get",[1,2]]],[".Map[...]",["query","Get",[1,2]]]]]}
]}
`

func TestPlacesAreTreesWithoutLines(t *testing.T) {
	read, err := report.Read(strings.NewReader(placed))
	must.Succeed(t, err)
	if len(read.Trees) != 2 || !read.Trees[1].NoLines || read.Trees[1].Cost.SQL != 6 {
		t.Fatalf("trees: %+v", read.Trees)
	}
	if name := read.Trees[0].Roots[1].Children[1].Name; name != "Map" {
		t.Errorf("a function is called %q", name)
	}
}

// TestPlacesHaveNoLines writes measured trees in any order of events.
func TestPlacesHaveNoLines(t *testing.T) {
	var reverse func(nodes []*calltree.Node)
	reverse = func(nodes []*calltree.Node) {
		for _, n := range nodes {
			slices.Reverse(n.Children)
			reverse(n.Children)
		}
	}
	var texts []string
	for range 2 {
		f := reporttest.Saved()
		for _, tree := range f.Trees {
			if len(texts) > 0 {
				reverse(tree.Roots)
			}
		}
		f.Trees = calltree.Bare(f.Trees)
		var b bytes.Buffer
		must.Succeed(t, f.Write(&b))
		texts = append(texts, b.String())
	}
	if text := texts[0]; strings.Contains(text, ".go:") || !strings.Contains(text, `"places":[`) {
		t.Errorf("got %s", text)
	}
	if texts[1] != texts[0] {
		t.Errorf("in another order:\n%s\nwant\n%s", texts[1], texts[0])
	}
}

// TestPlacesOfAnyTree checks that written places of random trees are read back.
func TestPlacesOfAnyTree(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 1))
		var f report.File
		for n := range 3 {
			tree := reporttest.RandomTree(random, 1+random.IntN(8)).Bare()
			tree.Cell.Scenario, tree.Cell.Version, tree.Cell.N, tree.Outcome = "s", "v", n, "ok"
			row := report.Row{Cell: scenarios.Cell{Scenario: "s", Version: "v", N: n}, Outcome: "ok"}
			row.SQL, row.RBAC = tree.Cost.SQL, tree.Cost.RBAC
			row.Statements, row.Checks = map[string]int{"x": row.SQL}, map[string]int{"x": row.RBAC}
			f.Rows, f.Trees = append(f.Rows, row), append(f.Trees, tree)
		}
		var b, again bytes.Buffer
		must.Succeed(t, f.Write(&b))
		read, err := report.Read(bytes.NewReader(b.Bytes()))
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, b.String())
		}
		must.Succeed(t, read.Write(&again))
		_, one, _ := strings.Cut(b.String(), `"places"`)
		if _, other, _ := strings.Cut(again.String(), `"places"`); one != other {
			t.Fatalf("seed %d: %s\nthen %s", seed, one, other)
		}
	}
}

func TestReadRefusesPlaces(t *testing.T) {
	wantDamagesRefused(t, placed, []damage{
		{"no list", `[["",["query"`, `[7,["",["query"`, 12, "a place must be a list that begins with a name"},
		{"no name", `[["",["query"`, `[[7],["",["query"`, 12, "a place must begin with a name"},
		{"an event without counts", `"Get",[1,2]]]]]`, `"Get","1"]]]]`, 12, `place "Get" has no counts`},
		{"counts of too few N", `"Get",[1,2]]]]]`, `"Get",[1,2,3]]]]]`, 12, "the places of v1 agents: the counts do not add up"},
		{"a negative count", `"x",1`, `"x",-1`, 12, "the counts do not add up"},
		{"N in no order", `"n":[1,2]`, `"n":[2,1]`, 12, "invalid or unordered values of N"},
		{"two of a series", `{"scenario":"agents","version":"v1","n":[1,2]`, `{"scenario":"agents","version":"v1","n":[],"places":[]},` + "\n" + `{"scenario":"agents","version":"v1","n":[1,2]`, 13, "v1 agents is already on line 12"},
		{"no row", `"n":[1,2]`, `"n":[1,3]`, 0, "the places of v1 agents have no row at N=3"},
		{"more than its row", `"read",1,`, `"read",2,`, 0, "the counts in the places of v1 agents differ from its rows"},
	})
}
