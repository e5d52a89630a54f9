package agentauth

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/uuid"
)

// What may disqualify an agent: a job of another type, and each flag that is set.
type flaws struct {
	jobType      JobType
	sub, deleted bool // the agent
	stale, ended bool // its build is not the latest; its workspace is deleted
	foreign      bool // its job names the build of another workspace
}

// allFlaws are all combinations there are, the first of which is none.
func allFlaws() (all []flaws) {
	for _, jobType := range []JobType{JobWorkspaceBuild, JobTemplateVersionImport, JobTemplateVersionDryRun} {
		for bits := range 1 << 5 {
			flaw := func(i int) bool { return bits>>i&1 == 1 }
			all = append(all, flaws{jobType, flaw(0), flaw(1), flaw(2), flaw(3), flaw(4)})
		}
	}
	return all
}

// overlooked says which flaws a version, by what is published of it, does not see:
// none but these may get a token.
func overlooked(version string, f flaws) bool {
	switch {
	case f.jobType != JobWorkspaceBuild, f.sub, f.deleted:
		return false
	case version == oneQuery.Name:
		return f == flaws{jobType: JobWorkspaceBuild}
	case version == pr25031.Name: // the join does not ask what the job names
		return !f.stale && !f.ended
	default: // the build that the job names is looked at, its workspace is not
		return !f.stale || f.foreign
	}
}

// Of all combinations there are, one-query hands out a token for one, and each other
// version for that one too.
func TestOneQueryIsAtLeastAsStrict(t *testing.T) {
	s := newService(t)
	for _, f := range allFlaws() {
		w := stored(t, s.pool, func(w *world) { f.store(w, "main", "main") })
		for _, v := range Versions() {
			got := s.ask(t, v.Name, w, "")
			switch {
			case overlooked(v.Name, f) && got.outcome(w) != "main":
				t.Errorf("%s, %+v: got %s (%s), want the token", v.Name, f, got.outcome(w), got.body)
			case !overlooked(v.Name, f) && got.status != 404 && got.status != 400:
				t.Errorf("%s, %+v: got %s (%s), want a 404 or 400", v.Name, f, got.outcome(w), got.body)
			case v.Name == oneQuery.Name && !overlooked(v.Name, f) && got.status != 404:
				t.Errorf("%s, %+v: got %s (%s), want a 404", v.Name, f, got.outcome(w), got.body)
			case overlooked(oneQuery.Name, f) && !overlooked(v.Name, f):
				t.Errorf("%s, %+v: is stricter than %s", v.Name, f, oneQuery.Name)
			}
		}
	}
}

// A flawed agent does not stand in the way of one without, nor get a token beside it.
func TestOneQueryLeavesFlawedAgentsOut(t *testing.T) {
	s := newService(t)
	for _, f := range allFlaws()[1:] {
		for _, order := range []string{"newer", "older"} {
			w := stored(t, s.pool, func(w *world) {
				if order == "older" {
					f.store(w, "main", "flawed")
				}
				w.agent(w.resource(w.build(w.workspace(), "start")), "main", "sound")
				if order == "newer" {
					f.store(w, "main", "flawed")
				}
			})
			for _, name := range []string{"", "main"} {
				if got := s.ask(t, oneQuery.Name, w, name); got.outcome(w) != "sound" {
					t.Errorf("%s agent with %+v, agent name %q: got %s (%s), want the sound one",
						order, f, name, got.outcome(w), got.body)
				}
			}
		}
	}
}

// In whatever world: one-query answers as the rules for names have it among the sound
// agents, and whoever gets a token of another version has no flaw but those overlooked.
func TestAnyWorld(t *testing.T) {
	s := newService(t)
	for seed := range uint64(12) {
		random := rand.New(rand.NewPCG(seed, 0))
		var agents []randomAgent
		w := stored(t, s.pool, func(w *world) { agents = randomAgents(w, random) })
		for _, name := range []string{"", "main", "dev"} {
			if got, want := s.ask(t, oneQuery.Name, w, name).outcome(w), answerTo(agents, name); got != want {
				t.Errorf("seed %d: %s, agent name %q: got %s, want %s among %+v", seed, oneQuery.Name, name, got, want, agents)
			}
			for _, v := range Versions() {
				got := s.ask(t, v.Name, w, name)
				i := slices.IndexFunc(agents, func(a randomAgent) bool { return a.label == got.outcome(w) })
				switch {
				case i < 0 && (got.status == 400 || got.status == 404 || got.status == 409):
				case i < 0:
					t.Errorf("seed %d: %s, agent name %q: got %s (%s)", seed, v.Name, name, got.outcome(w), got.body)
				case !overlooked(v.Name, agents[i].flaws):
					t.Errorf("seed %d: %s, agent name %q: got the token of %+v", seed, v.Name, name, agents[i])
				case name != "" && agents[i].name != name && v.Name != rc2.Name: // it ignores the name
					t.Errorf("seed %d: %s, agent name %q: got the token of %s", seed, v.Name, name, agents[i].name)
				}
			}
		}
	}
}

type randomAgent struct {
	name, label string
	flaws       flaws
}

// randomAgents adds up to six agents, oldest first: half of them sound, and the others
// with a flaw or more.
func randomAgents(w *world, random *rand.Rand) (agents []randomAgent) {
	for i := range random.IntN(7) {
		a := randomAgent{
			name:  []string{"main", "main", "dev", "MAIN"}[random.IntN(4)],
			label: fmt.Sprintf("agent-%d", i),
			flaws: allFlaws()[0],
		}
		if random.IntN(2) == 0 {
			a.flaws = allFlaws()[random.IntN(len(allFlaws()))]
		}
		a.flaws.store(w, a.name, a.label)
		agents = append(agents, a)
	}
	return agents
}

// answerTo is the outcome that the rules for names have for an instance with agents,
// written apart from what it is held against.
func answerTo(agents []randomAgent, name string) string {
	var labels []string
	for _, a := range slices.Backward(agents) {
		if a.flaws == allFlaws()[0] && (name == "" || name == a.name) {
			labels = append(labels, a.label)
		}
	}
	switch {
	case len(labels) == 0:
		return "404"
	case len(labels) > 1 && name == "":
		return "409"
	}
	return labels[0]
}

func (f flaws) store(w *world, name, label string) {
	ws := w.workspace()
	var job uuid.UUID
	switch f.jobType {
	case JobWorkspaceBuild:
		job = w.build(ws, "start")
	case JobTemplateVersionImport:
		job = w.templateImport(ws.template)
	case JobTemplateVersionDryRun:
		job = dryRun(w, ws.template)
	}
	resource := w.resource(job)
	var parent uuid.NullUUID
	if f.sub {
		parent = uuid.NullUUID{UUID: w.agentOf(resource, parent, "i-"+uuid.NewString(), "parent", "parent"), Valid: true}
	}
	agent := w.agentOf(resource, parent, w.instanceID, name, label)
	if f.deleted {
		w.deleteAgent(agent)
	}
	if f.stale {
		w.build(ws, "start")
	}
	if f.ended {
		w.markDeleted(ws)
	}
	if f.foreign {
		copyInput(w, w.build(w.workspace(), "start"), job)
	}
}
