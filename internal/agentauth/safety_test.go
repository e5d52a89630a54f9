package agentauth

import (
	"testing"

	"github.com/google/uuid"
)

// In each world some version may hand out a token wrongly. If a version does, that is its
// published behavior, recorded in the table. The last version never does.
func TestWhoGetsNoToken(t *testing.T) {
	s := newService(t)
	for _, test := range []struct {
		name string
		fill func(w *world)
		// rc.2, rc.3, pr-24973, pr-25158, pr-25031, one-query
		want string
	}{
		{"agent of a template import", func(w *world) { w.agent(w.resource(w.templateImport(w.template())), "main", "import") }, "404"},
		{"agent of a dry run", func(w *world) { w.agent(w.resource(dryRun(w, w.template())), "main", "dry-run") }, "404"},
		{"deleted agent", func(w *world) {
			w.deleteAgent(w.agent(w.resource(w.build(w.workspace(), "start")), "main", "deleted"))
		}, "404"},

		// The data model forbids such a row. It is the reason for rc.2's 400.
		{"build whose job is a template import", importThatBuilds, "400 404 404 404 404 404"},

		// All versions except the two joins trust the job's input. They check the build it
		// names instead of the agent's own.
		{"job that names another workspace's build", func(w *world) { foreignInput(w, false) }, "main main main main main 404"},
		{"stale job that names another workspace's build", func(w *world) { foreignInput(w, true) }, "main main main main 400 404"},

		{"job that names no build", func(w *world) {
			w.rows.Queue(`UPDATE provisioner_jobs SET input = '{}' WHERE id = $1`, builtBy(w))
		}, "404 404 404 404 main 404"},
		{"job that names a build that there is not", func(w *world) {
			w.rows.Queue(`UPDATE provisioner_jobs SET input = jsonb_build_object('workspace_build_id', gen_random_uuid()) WHERE id = $1`, builtBy(w))
		}, "404 404 404 404 main 404"},

		// The fast path does not look for the build that would have allowed the job in the
		// cascade.
		{"job without a build that names another workspace's", func(w *world) {
			job := w.job(JobWorkspaceBuild, JobInput{})
			copyInput(w, w.build(w.workspace(), "start"), job)
			w.agent(w.resource(job), "main", "main")
		}, "404 404 main main 404 404"},

		// No version looks at the transition of the latest build.
		{"agent of a build that stops", func(w *world) { w.agent(w.resource(w.build(w.workspace(), "stop")), "main", "main") }, "main"},
		{"agent of a build that deletes", func(w *world) { w.agent(w.resource(w.build(w.workspace(), "delete")), "main", "main") }, "main"},

		{"deleted agent beside an older one that is alive", func(w *world) {
			resource := w.resource(w.build(w.workspace(), "start"))
			w.agent(resource, "main", "alive")
			w.deleteAgent(w.agent(resource, "main", "deleted"))
		}, "alive"},
		{"sub-agent of a sub-agent", func(w *world) {
			resource := w.resource(w.build(w.workspace(), "start"))
			root := w.agentOf(resource, uuid.NullUUID{}, "i-"+uuid.NewString(), "main", "root")
			sub := w.agentOf(resource, uuid.NullUUID{UUID: root, Valid: true}, w.instanceID, "container", "sub-agent")
			w.agentOf(resource, uuid.NullUUID{UUID: sub, Valid: true}, w.instanceID, "process", "sub-sub-agent")
		}, "404"},
		{"sub-agent of a deleted agent", func(w *world) {
			resource := w.resource(w.build(w.workspace(), "start"))
			root := w.agent(resource, "main", "root")
			w.agentOf(resource, uuid.NullUUID{UUID: root, Valid: true}, w.instanceID, "container", "sub-agent")
			w.deleteAgent(root)
		}, "404"},

		// Deleting a workspace takes a build, which makes the agent stale. Only the two joins
		// also look at the deleted flag.
		{"deleted workspace whose last build is the agent's", markedDeleted, "main main main main 404 404"},
		{"the same beside an older agent that is alive", aliveAndMarkedDeleted, "main 409 409 409 alive alive"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s.check(t, stored(t, s.pool, test.fill), "", test.want)
		})
	}
}

// builtBy adds an agent of the latest build of a workspace, and returns its job.
func builtBy(w *world) (job uuid.UUID) {
	job = w.build(w.workspace(), "start")
	w.agent(w.resource(job), "main", "main")
	return job
}

// importThatBuilds stores a job of the wrong type whose input names both a build
// and a template version.
func importThatBuilds(w *world) {
	ws := w.workspace()
	job := w.build(ws, "start")
	w.agent(w.resource(job), "main", "main")
	w.rows.Queue(`UPDATE provisioner_jobs j SET type = other.type, input = j.input || other.input
		FROM provisioner_jobs other WHERE j.id = $1 AND other.id = $2`, job, w.templateImport(ws.template))
}

func foreignInput(w *world, stale bool) {
	ws := w.workspace()
	job := w.build(ws, "start")
	w.agent(w.resource(job), "main", "main")
	copyInput(w, w.build(w.workspace(), "start"), job)
	if stale {
		w.build(ws, "start")
	}
}

// copyInput gives the job to the input of the job from.
func copyInput(w *world, from, to uuid.UUID) {
	w.rows.Queue(`UPDATE provisioner_jobs SET input = (SELECT input FROM provisioner_jobs WHERE id = $1) WHERE id = $2`, from, to)
}

func markedDeleted(w *world) {
	ws := w.workspace()
	w.agent(w.resource(w.build(ws, "start")), "main", "main")
	w.markDeleted(ws)
}

func aliveAndMarkedDeleted(w *world) {
	w.agent(w.resource(w.build(w.workspace(), "start")), "main", "alive")
	markedDeleted(w)
}
