package agentauth

import (
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

// Of all combinations there are, one-query hands out a token for one, and then the
// versions that came before it do so too.
func TestOneQueryIsAtLeastAsStrict(t *testing.T) {
	s := newService(t)
	for _, jobType := range []JobType{JobWorkspaceBuild, JobTemplateVersionImport, JobTemplateVersionDryRun} {
		for bits := range 1 << 5 {
			flaw := func(i int) bool { return bits>>i&1 == 1 }
			s.checkStrictness(t, flaws{jobType, flaw(0), flaw(1), flaw(2), flaw(3), flaw(4)})
		}
	}
}

func (s *service) checkStrictness(t *testing.T, f flaws) {
	t.Helper()
	w := stored(t, s.pool, f.store)
	want := "404"
	if f == (flaws{jobType: JobWorkspaceBuild}) {
		want = "main"
	}
	got := s.ask(t, oneQuery.Name, w, "").outcome(w)
	if got != want {
		t.Errorf("%+v: %s: got %s, want %s", f, oneQuery.Name, got, want)
	}
	if got == "404" {
		return
	}
	for _, version := range []string{pr25158.Name, pr25031.Name} {
		if other := s.ask(t, version, w, "").outcome(w); other != got {
			t.Errorf("%+v: %s: got %s, but %s: got %s", f, oneQuery.Name, got, version, other)
		}
	}
}

func (f flaws) store(w *world) {
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
	agent := w.agentOf(resource, parent, w.instanceID, "main", "main")
	if f.deleted {
		deleteAgent(w, agent)
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
