package agentauth

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/pgtest"
)

// Every actor but the server pays the cascade and nothing else, even one who may read
// everything. The described rule adds its check.
func TestOthersPayTheCascadeOnly(t *testing.T) {
	pool := pgtest.Pool(t, schema)
	var ws *workspaceFixture
	var build, templateImport uuid.UUID
	stored(t, pool, func(w *world) {
		ws = w.workspace()
		build, templateImport = w.build(ws, "start"), w.templateImport(ws.template)
	})
	var owner uuid.UUID
	must.Succeed(t, pool.QueryRow(t.Context(), "SELECT owner_id FROM workspaces WHERE id = $1", ws.id).Scan(&owner))
	for _, actor := range []struct {
		name                  string
		subject               Subject
		mayBuild, mayTemplate bool // read the job
		maySystem             bool // read the system, which by the described rule is enough
	}{
		{"an owner", Subject{ID: uuid.New(), Role: RoleOwner}, true, true, true},
		{"the workspace's own", Subject{ID: owner, Role: RoleMember}, true, true, false},
		{"a member", Subject{ID: uuid.New(), Role: RoleMember}, false, true, false},
		{"an auditor", Subject{ID: uuid.New(), Role: RoleAuditor}, false, true, false},
		{"one of nearly the server's role", Subject{Role: RoleSystemRestricted + " "}, false, false, false},
		{"nobody", Subject{}, false, false, false},
	} {
		for _, job := range []struct {
			id      uuid.UUID
			may     bool
			cascade []string
			check   string
		}{
			{build, actor.mayBuild, []string{"WorkspaceBuildByJobID", "WorkspaceByID"}, "read workspace"},
			{templateImport, actor.mayTemplate, []string{"TemplateVersionByID", "TemplateByID"}, "read template"},
		} {
			for _, v := range Versions() {
				statements, checks := append([]string{"ProvisionerJobByID"}, job.cascade...), []string{job.check}
				if v.Name == pr24973Text.Name {
					checks = []string{"read system", job.check}
					if actor.maySystem {
						statements, checks = statements[:1], checks[:1]
					}
				}
				spied, layer := spyOn(t, pool, v.JobRule)
				got, err := layer.ProvisionerJobByID(WithActor(t.Context(), actor.subject), job.id)
				if job.may != (err == nil && got.ID == job.id) || !job.may && (!denied(err) || got != ProvisionerJob{}) {
					t.Errorf("%s, %s, %s: got %v, %v; want the job: %t", v.Name, actor.name, job.check, got, err, job.may)
				}
				if !slices.Equal(spied.statements, statements) || !slices.Equal(spied.checks, checks) {
					t.Errorf("%s, %s, %s: got statements %v, checks %v; want %v, %v",
						v.Name, actor.name, job.check, spied.statements, spied.checks, statements, checks)
				}
			}
		}
	}
}
