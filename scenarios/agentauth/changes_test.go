package agentauth

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/fanout-bench/fanout-bench/internal/long"
)

// What a request finds may change while it reads. Each row makes a change before the
// first statement, before the second and so on, and says for each version how such
// requests end: "404*8,main*5" is a 404 for each of the first eight statements, and from
// then on a window in which the token of an agent is handed out that has lost it.
//
// Only one-query has no window in any row. What changes while the last statement is
// being answered no version can see: that one has a snapshot of its own.
func TestChangesDuringARequest(t *testing.T) { changesDuringARequest(t, false) }

func TestLongChangesDuringARequest(t *testing.T) {
	long.Test(t)
	changesDuringARequest(t, true)
}

// changesDuringARequest takes the rows that are long, or the others.
func changesDuringARequest(t *testing.T, long bool) {
	t.Helper()
	s, spied := newSpiedService(t)
	elsewhere := func() string { return "i-" + uuid.NewString() }
	for _, test := range []struct {
		name      string
		long      bool
		agentName string
		fill      func(w *world) *workspaceFixture
		change    func(w *world, ws *workspaceFixture)
		// rc.2, rc.3, pr-24973, pr-24973-text, pr-24973-memo, pr-25158, pr-25031, one-query
		want string
	}{
		{
			// All ask for the latest build last.
			name: "a build on another instance", fill: mainAgent,
			change: func(w *world, ws *workspaceFixture) {
				w.agentOf(w.resource(w.build(ws, "start")), uuid.NullUUID{}, elsewhere(), "main", "new")
			},
			want: "400*13 400*19 400*8 400*8 400*6 404*8 400*3 404*1",
		},
		{
			name: "a build on the same instance", long: true, agentName: "main", fill: mainAgent,
			change: func(w *world, ws *workspaceFixture) {
				w.agent(w.resource(w.build(ws, "start")), "main", "new")
			},
			want: "new*1,400*12 new*1,400*18 new*1,400*7 new*1,400*7 new*1,400*5 new*1,404*7 new*1,400*2 new*1",
		},
		{
			name: "a build that stops the workspace", long: true, fill: mainAgent,
			change: func(w *world, ws *workspaceFixture) { w.build(ws, "stop") },
			want:   "400*13 400*19 400*8 400*8 400*6 404*8 400*3 404*1",
		},
		{
			name: "a build that deletes the workspace", long: true, fill: mainAgent,
			change: func(w *world, ws *workspaceFixture) {
				w.build(ws, "delete")
				w.markDeleted(ws)
			},
			want: "400*13 400*19 400*8 400*8 400*6 404*8 404*1,400*2 404*1",
		},
		{
			// pr-25158 knows the latest build from the first agent on, and has five
			// statements to go for each other one.
			name: "a build, of three agents", long: true, agentName: "main",
			fill: func(w *world) *workspaceFixture {
				ws := w.workspace()
				job := w.build(ws, "start")
				for _, name := range []string{"third", "second", "main"} {
					w.agent(w.resource(job), name, name)
				}
				return ws
			},
			change: func(w *world, ws *workspaceFixture) { w.build(ws, "start") },
			want:   "400*13 400*33 400*14 400*14 400*8 404*8,main*10 400*3 404*1",
		},
		{
			// The same, where the last agent is in a workspace of its own.
			name: "a build, of two workspaces", long: true, agentName: "main",
			fill: func(w *world) *workspaceFixture {
				w.agent(w.resource(w.build(w.workspace(), "start")), "other", "other")
				return mainAgent(w)
			},
			change: func(w *world, ws *workspaceFixture) { w.build(ws, "start") },
			want:   "400*13 400*26 400*11 400*11 400*8 404*8,main*7 400*3 404*1",
		},
		{
			// Nobody reads the agent again.
			name: "the agent is deleted", fill: mainAgent,
			change: func(w *world, _ *workspaceFixture) {
				w.rows.Queue(`UPDATE workspace_agents SET deleted = true WHERE auth_instance_id = $1`, w.instanceID)
			},
			want: "404*1,main*12 404*1,main*18 404*1,main*7 404*1,main*7 404*1,main*5 404*1,main*7 404*1,main*2 404*1",
		},
		{
			name: "the agent moves to another instance", long: true, fill: mainAgent,
			change: func(w *world, _ *workspaceFixture) {
				w.rows.Queue(`UPDATE workspace_agents SET auth_instance_id = $2 WHERE auth_instance_id = $1`, w.instanceID, elsewhere())
			},
			want: "404*1,main*12 404*1,main*18 404*1,main*7 404*1,main*7 404*1,main*5 404*1,main*7 404*1,main*2 404*1",
		},
		{
			// Only the joins ask for it, as in TestWhoGetsNoToken.
			name: "the workspace is marked deleted", fill: mainAgent,
			change: func(w *world, ws *workspaceFixture) { w.markDeleted(ws) },
			want:   "main*13 main*19 main*8 main*8 main*6 main*8 404*1,main*2 404*1",
		},
		{
			// A list that was read does not grow: the two were no conflict when it was.
			name: "another agent comes", long: true, fill: mainAgent,
			change: func(w *world, _ *workspaceFixture) {
				w.agent(w.resource(w.build(w.workspace(), "start")), "main", "another")
			},
			want: "another*1,main*12 409*1,main*18 409*1,main*7 409*1,main*7 409*1,main*5 409*1,main*7 409*1,main*2 409*1",
		},
	} {
		if test.long != long {
			continue
		}
		t.Run(test.name, func(t *testing.T) {
			// interrupted returns how a request ends if the change comes before or during
			// the statement of that number, and how many statements it takes.
			interrupted := func(version string, before, during int) (outcome string, statements int) {
				var ws *workspaceFixture
				w := stored(t, s.pool, func(w *world) { ws = test.fill(w) })
				change := func() error {
					test.change(w, ws)
					return w.store(context.Background(), s.pool)
				}
				spied.noted()
				spied.before, spied.during = at(before, change), at(during, change)
				got := s.ask(t, version, w, test.agentName)
				noted, _ := spied.noted()
				return got.outcome(w), len(noted)
			}
			const never = 0
			want := strings.Fields(test.want)
			for i, v := range Versions() {
				undisturbed, last := interrupted(v.Name, never, never)
				if undisturbed != "main" {
					t.Errorf("%s, without a change: got %s, want main", v.Name, undisturbed)
				}
				var outcomes []string
				for k := 1; k <= last; k++ {
					outcome, _ := interrupted(v.Name, k, never)
					outcomes = append(outcomes, outcome)
				}
				if got := runsOf(outcomes); got != want[i] {
					t.Errorf("%s: got %s, want %s", v.Name, got, want[i])
				}
				if got, _ := interrupted(v.Name, never, last); got != "main" {
					t.Errorf("%s, during the last statement: got %s, want main", v.Name, got)
				}
			}
		})
	}
}

func mainAgent(w *world) *workspaceFixture {
	ws := w.workspace()
	w.agent(w.resource(w.build(ws, "start")), "main", "main")
	return ws
}

// runsOf writes equal neighbors as one, with their number.
func runsOf(words []string) string {
	var runs []string
	for i := 0; i < len(words); {
		n := 1
		for i+n < len(words) && words[i+n] == words[i] {
			n++
		}
		runs = append(runs, fmt.Sprintf("%s*%d", words[i], n))
		i += n
	}
	return strings.Join(runs, ",")
}

// A build that is not committed is not yet the latest, and one that was taken back
// never was.
func TestChangesThatAreNotCommitted(t *testing.T) {
	s := newService(t)
	var ws *workspaceFixture
	w := stored(t, s.pool, func(w *world) { ws = mainAgent(w) })
	tx, err := s.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	w.build(ws, "start")
	w.markDeleted(ws)
	if err := tx.SendBatch(t.Context(), &w.rows).Close(); err != nil {
		t.Fatal(err)
	}
	s.check(t, w, "", "main")
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.check(t, w, "", "main")
}
