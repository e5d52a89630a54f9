package agentauth

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
)

// The server itself reads a job of any type with one statement: without a check by the
// rule that was merged, with one by that which was described.
func TestServerReadsAJobWithoutTheCascade(t *testing.T) {
	for _, v := range Versions()[2:] { // rc.2 and rc.3 cascade
		for _, jobType := range []JobType{JobWorkspaceBuild, JobTemplateVersionImport, JobTemplateVersionDryRun} {
			job := ProvisionerJob{ID: uuid.New(), Type: jobType}
			spied := &spy{engine: testEngine(t)}
			layer := NewLayer(&jobsOnly{t: t, job: job}, spied, v.JobRule)
			if got, err := layer.ProvisionerJobByID(asSystem(t), job.ID); err != nil || got != job {
				t.Errorf("%s, %s: got %v, %v; want the job", v.Name, jobType, got, err)
			}
			var want []string
			if v.Name == pr24973Text.Name {
				want = []string{"read system"}
			}
			if !slices.Equal(spied.checks, want) {
				t.Errorf("%s, %s: got checks %v, want %v", v.Name, jobType, spied.checks, want)
			}
		}
	}
}

// Whoever is not the server pays the cascade, one who may read everything too, and
// nothing beside it: but for the check of the rule that was described.
func TestOthersPayTheCascadeAndNothingBesideIt(t *testing.T) {
	pool := pgtest.Pool(t, schema)
	var ws *workspaceFixture
	var build, templateImport uuid.UUID
	stored(t, pool, func(w *world) {
		ws = w.workspace()
		build, templateImport = w.build(ws, "start"), w.templateImport(ws.template)
	})
	var owner uuid.UUID
	if err := pool.QueryRow(t.Context(), "SELECT owner_id FROM workspaces WHERE id = $1", ws.id).Scan(&owner); err != nil {
		t.Fatal(err)
	}
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

// An engine that cannot decide is not one that denies: the cascade must not be
// asked in its place.
func TestFastPathThatFailsDoesNotCascade(t *testing.T) {
	cause := errors.New("cannot decide")
	undecided := AuthorizerFunc(func(context.Context, Subject, string, Object) error { return cause })
	store := &jobsOnly{t: t, job: ProvisionerJob{Type: JobWorkspaceBuild}}
	_, err := NewLayer(store, undecided, describedFastPath).ProvisionerJobByID(asSystem(t), uuid.New())
	if !errors.Is(err, cause) {
		t.Errorf("got %v, want %v", err, cause)
	}
}

// jobsOnly is a Store on which everything a cascade reads fails the test.
type jobsOnly struct {
	Store
	t   *testing.T
	job ProvisionerJob
}

func (s *jobsOnly) ProvisionerJobByID(context.Context, uuid.UUID) (ProvisionerJob, error) {
	return s.job, nil
}

func (s *jobsOnly) WorkspaceByID(context.Context, uuid.UUID) (Workspace, error) {
	return Workspace{}, s.called("WorkspaceByID")
}

func (s *jobsOnly) WorkspaceByAgentID(context.Context, uuid.UUID) (Workspace, error) {
	return Workspace{}, s.called("WorkspaceByAgentID")
}

func (s *jobsOnly) WorkspaceBuildByID(context.Context, uuid.UUID) (WorkspaceBuild, error) {
	return WorkspaceBuild{}, s.called("WorkspaceBuildByID")
}

func (s *jobsOnly) WorkspaceBuildByJobID(context.Context, uuid.UUID) (WorkspaceBuild, error) {
	return WorkspaceBuild{}, s.called("WorkspaceBuildByJobID")
}

func (s *jobsOnly) LatestWorkspaceBuildByWorkspaceID(context.Context, uuid.UUID) (WorkspaceBuild, error) {
	return WorkspaceBuild{}, s.called("LatestWorkspaceBuildByWorkspaceID")
}

func (s *jobsOnly) TemplateVersionByID(context.Context, uuid.UUID) (TemplateVersion, error) {
	return TemplateVersion{}, s.called("TemplateVersionByID")
}

func (s *jobsOnly) TemplateByID(context.Context, uuid.UUID) (Template, error) {
	return Template{}, s.called("TemplateByID")
}

func (s *jobsOnly) called(method string) error {
	s.t.Helper()
	s.t.Errorf("%s was called", method)
	return errors.New("unexpected call")
}
