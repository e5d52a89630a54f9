package agentauth

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// Two workspaces have used the same instance ID: one uses the instance now, and the other
// was rebuilt elsewhere or deleted.
func TestInstanceRecycledByAnotherWorkspace(t *testing.T) {
	s := newService(t)
	own := func(w *world) { w.agent(w.resource(w.build(w.workspace(), "start")), "main", "own") }
	before := func(earlier func(w *world)) func(w *world) {
		return func(w *world) { earlier(w); own(w) }
	}
	after := func(later func(w *world)) func(w *world) {
		return func(w *world) { own(w); later(w) }
	}
	for _, test := range []struct {
		name string
		fill func(w *world)
		// Without a name, with the name of both agents, and with a name of the other one only:
		// rc.2, rc.3, pr-24973, pr-25158, pr-25031, one-query
		unnamed, main, other string
	}{
		{
			"built elsewhere", before(rebuiltElsewhere),
			"own 409 409 own 409 own",
			"own",
			"own 400 400 404 400 404",
		},
		{
			// The newest agent no longer runs on the instance.
			"built elsewhere, from a newer agent", after(rebuiltElsewhere),
			"400 409 409 own 409 own",
			"400 400 400 own 400 own",
			"400 400 400 404 400 404",
		},
		{
			"deleted", before(builtAndDeleted),
			"own 409 409 own own own",
			"own",
			"own 400 400 404 404 404",
		},
		{
			"deleted, with a newer agent", after(builtAndDeleted),
			"400 409 409 own own own",
			"400 400 400 own own own",
			"400 400 400 404 404 404",
		},
		{
			// Both claim the instance, and nothing tells which is right. With equal names the
			// newest is taken, as in the scenario agents-across-workspaces.
			"built on the instance as well", after(builtHere),
			"other 409 409 409 409 409",
			"other",
			"other",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := stored(t, s.pool, test.fill)
			s.check(t, w, "", test.unnamed)
			s.check(t, w, "main", test.main)
			s.check(t, w, "other", test.other)
		})
	}
}

// builtHere adds two agents, one with the name that all share.
func builtHere(w *world) { builtHereBy(w, w.workspace()) }

func builtHereBy(w *world, ws *workspaceFixture) {
	resource := w.resource(w.build(ws, "start"))
	w.agent(resource, "other", "other")
	w.agent(resource, "main", "other")
}

func rebuiltElsewhere(w *world) {
	ws := w.workspace()
	builtHereBy(w, ws)
	w.agentOf(w.resource(w.build(ws, "start")), uuid.NullUUID{}, "i-"+uuid.NewString(), "main", "elsewhere")
}

func builtAndDeleted(w *world) {
	ws := w.workspace()
	builtHereBy(w, ws)
	w.build(ws, "delete")
	w.markDeleted(ws)
}

// If stale agents count as candidates, a conflict reveals the agent names of one workspace
// to another.
func TestConflictOnRecycledInstance(t *testing.T) {
	s := newService(t)
	w := stored(t, s.pool, func(w *world) {
		ws := w.workspace()
		w.agent(w.resource(w.build(ws, "start")), "theirs", "theirs")
		w.build(ws, "start")
		gone := w.workspace()
		w.agent(w.resource(w.build(gone, "start")), "buried", "buried")
		w.build(gone, "delete")
		w.markDeleted(gone)
		resource := w.resource(w.build(w.workspace(), "start"))
		w.agent(resource, "mine", "mine")
		w.agent(resource, "mine too", "mine too")
	})
	for version, want := range map[string]string{
		rc3.Name:         "mine too, mine, buried, theirs",
		pr24973.Name:     "mine too, mine, buried, theirs",
		pr24973Text.Name: "mine too, mine, buried, theirs",
		pr24973Memo.Name: "mine too, mine, buried, theirs",
		pr25031.Name:     "mine too, mine, theirs",
		pr25158.Name:     "mine too, mine",
		oneQuery.Name:    "mine too, mine",
	} {
		got := s.ask(t, version, w, "")
		_, named, _ := strings.Cut(strings.TrimSuffix(got.message, "."), ": ")
		if got.status != http.StatusConflict || named != want {
			t.Errorf("%s: got %d naming %s, want 409 naming %s", version, got.status, named, want)
		}
	}
}
