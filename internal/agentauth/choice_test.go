package agentauth

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// These tests check which agent each version chooses. Each line of answers is for
// rc.2, rc.3, pr-24973, pr-25158, pr-25031, one-query.

func TestVersionsInOrder(t *testing.T) {
	want := []string{"v2.33.0-rc.2", "v2.33.0-rc.3", "pr-24973", "pr-24973-text", "pr-24973-memo", "pr-25158", "pr-25031", "one-query"}
	var got []string
	for _, v := range Versions() {
		got = append(got, v.Name)
	}
	if !slices.Equal(got, want) || Path().Reference != want[0] {
		t.Errorf("got %v, reference %s; want %v, reference %s", got, Path().Reference, want, want[0])
	}
}

// siblings are three agents of one build; gamma is the newest.
func siblings(w *world) {
	job := w.build(w.workspace(), "start")
	for _, name := range []string{"alpha", "beta", "gamma"} {
		w.agent(w.resource(job), name, name)
	}
}

func TestSeveralAgentsWithName(t *testing.T) {
	s := newService(t)
	w := stored(t, s.pool, siblings)
	s.check(t, w, "alpha", "gamma alpha alpha alpha alpha alpha") // rc.2 ignores the name
	s.check(t, w, "beta", "gamma beta beta beta beta beta")
	s.check(t, w, "gamma", "gamma")
}

func TestSeveralAgentsWithoutNameConflictNamesThem(t *testing.T) {
	s := newService(t)
	w := stored(t, s.pool, func(w *world) {
		siblings(w)
		// Neither can be chosen, so the message must not offer them.
		ws := w.workspace()
		resource := w.resource(w.build(ws, "start"))
		root := w.agentOf(resource, uuid.NullUUID{}, "i-"+uuid.NewString(), "elsewhere", "elsewhere")
		w.agentOf(resource, uuid.NullUUID{UUID: root, Valid: true}, w.instanceID, "container", "container")
		w.agent(w.resource(w.templateImport(ws.template)), "import", "import")
	})
	for _, v := range Versions()[1:] {
		got := s.ask(t, v.Name, w, "")
		_, named, _ := strings.Cut(strings.TrimSuffix(got.message, "."), ": ")
		if got.status != http.StatusConflict || named != "gamma, beta, alpha" {
			t.Errorf("%s: got %d %s, want 409 naming gamma, beta, alpha", v.Name, got.status, got.body)
		}
	}
}

func TestWrongAgentName(t *testing.T) {
	s := newService(t)
	for name, fill := range map[string]func(*world){"one agent": oneBuildAgent, "several agents": siblings} {
		w := stored(t, s.pool, fill)
		for _, wrong := range []string{"delta", "GAMMA", "main ", "alpha,beta", "%"} {
			for _, v := range Versions()[1:] { // rc.2 ignores the name
				if got := s.ask(t, v.Name, w, wrong); got.status != http.StatusNotFound {
					t.Errorf("%s, %s, agent name %q: got %d %s, want 404", name, v.Name, wrong, got.status, got.body)
				}
			}
		}
	}
}

func TestTwoAgentsOfOneName(t *testing.T) {
	s := newService(t)
	w := stored(t, s.pool, func(w *world) {
		job := w.build(w.workspace(), "start")
		w.agent(w.resource(job), "main", "older")
		w.agent(w.resource(job), "main", "newer")
	})
	s.check(t, w, "main", "newer")
	s.check(t, w, "", "newer 409 409 409 409 409")
}

func TestNewestIsByCreation(t *testing.T) {
	s := newService(t)
	w := stored(t, s.pool, func(w *world) {
		job := w.build(w.workspace(), "start")
		w.agent(w.resource(job), "main", "newest")
		w.now = w.now.Add(-time.Hour)
		w.agent(w.resource(job), "main", "stored-later")
	})
	s.check(t, w, "main", "newest")
}

func TestSubAgentsAreExcluded(t *testing.T) {
	s := newService(t)
	w := stored(t, s.pool, func(w *world) {
		resource := w.resource(w.build(w.workspace(), "start"))
		root := w.agent(resource, "main", "root")
		w.agentOf(resource, uuid.NullUUID{UUID: root, Valid: true}, w.instanceID, "container", "sub-agent")
	})
	s.check(t, w, "", "root")
	s.check(t, w, "main", "root")
	s.check(t, w, "container", "root 404 404 404 404 404")
}

// rc.2 takes the newest agent of any kind. An agent of a template import has no
// workspace, so the layer cannot authorize the read, and the answer is 404 instead of
// the handler's 400 for such a job.
func TestTemplateVersionAgentsAreExcluded(t *testing.T) {
	s := newService(t)
	w := stored(t, s.pool, func(w *world) {
		ws := w.workspace()
		w.agent(w.resource(w.build(ws, "start")), "main", "workspace")
		w.agent(w.resource(w.templateImport(ws.template)), "import", "import")
		w.agent(w.resource(dryRun(w, ws.template)), "dry-run", "dry-run")
	})
	s.check(t, w, "", "404 workspace workspace workspace workspace workspace")
	s.check(t, w, "main", "404 workspace workspace workspace workspace workspace")
	s.check(t, w, "import", "404")
	s.check(t, w, "dry-run", "404")
}

// dryRun adds a dry run of a version of template and returns its job.
func dryRun(w *world, template uuid.UUID) (job uuid.UUID) {
	version := uuid.New()
	w.add(version, `INSERT INTO template_versions (id, created_at, template_id, job_id) VALUES ($1, $2, $3, $4)`,
		template, w.job(JobTemplateVersionImport, JobInput{TemplateVersionID: version}))
	return w.job(JobTemplateVersionDryRun, JobInput{TemplateVersionID: version})
}

// The versions that keep stale candidates find them ambiguous. Given the name that they
// share, these versions choose the newest. Given the name of a stale one, they refuse it
// as recycled.
func TestStaleBuildsOfOneWorkspace(t *testing.T) {
	s := newService(t)
	w := stored(t, s.pool, func(w *world) {
		ws := w.workspace()
		w.agent(w.resource(w.build(ws, "start")), "renamed", "first")
		w.agent(w.resource(w.build(ws, "start")), "main", "second")
		w.agent(w.resource(w.build(ws, "start")), "main", "latest")
	})
	s.check(t, w, "", "latest 409 409 latest 409 latest")
	s.check(t, w, "main", "latest")
	s.check(t, w, "renamed", "latest 400 400 404 400 404")
}

// The latest build is the one with the highest number, whenever it was
// stored.
func TestLatestBuildIsByNumber(t *testing.T) {
	s := newService(t)
	w := stored(t, s.pool, func(w *world) {
		ws := w.workspace()
		ws.builds = 7
		w.agent(w.resource(w.build(ws, "start")), "main", "latest")
		ws.builds = 3
		w.build(ws, "start")
	})
	s.check(t, w, "", "latest")
}

func TestRecycledInstance(t *testing.T) {
	s := newService(t)
	for _, transition := range []string{"start", "stop", "delete"} {
		w := stored(t, s.pool, func(w *world) {
			ws := w.workspace()
			w.agent(w.resource(w.build(ws, "start")), "main", "stale")
			w.build(ws, transition)
		})
		for _, name := range []string{"", "main"} {
			s.check(t, w, name, "400 400 400 404 400 404")
		}
	}
}
