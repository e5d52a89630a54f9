package agentauth

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
)

func TestSystemRestrictedJobReadRunsNoBuildOrWorkspaceQuery(t *testing.T) {
	for _, v := range Versions()[2:] { // rc.2 and rc.3 cascade
		for _, jobType := range []JobType{JobWorkspaceBuild, JobTemplateVersionImport, JobTemplateVersionDryRun} {
			job := ProvisionerJob{ID: uuid.New(), Type: jobType}
			layer := NewLayer(&jobsOnly{t: t, job: job}, testEngine(t), v.JobRule)
			ctx := WithActor(t.Context(), Subject{Role: RoleSystemRestricted})
			if got, err := layer.ProvisionerJobByID(ctx, job.ID); err != nil || got != job {
				t.Errorf("%s, %s: got %v, %v; want the job", v.Name, jobType, got, err)
			}
		}
	}
}

func TestAuditorJobReadPaysTheCascadeAndIsNotAuthorized(t *testing.T) {
	pool := pgtest.Pool(t, schema)
	var job uuid.UUID
	stored(t, pool, func(w *world) { job = w.build(w.workspace(), "start") })
	cascade := []string{"ProvisionerJobByID", "WorkspaceBuildByJobID", "WorkspaceByID"}
	for i, v := range Versions() {
		checks := []string{"read system", "read workspace"}
		if i < 2 {
			checks = checks[1:] // rc.2 and rc.3 do not try the fast path
		}
		spied, layer := spyOn(t, pool, v.JobRule)
		got, err := layer.ProvisionerJobByID(WithActor(t.Context(), Subject{ID: uuid.New(), Role: RoleAuditor}), job)
		var refused *NotAuthorizedError
		if !errors.As(err, &refused) || got != (ProvisionerJob{}) {
			t.Errorf("%s: got %v, %v; want no job and a *NotAuthorizedError", v.Name, got, err)
		}
		if !slices.Equal(spied.statements, cascade) || !slices.Equal(spied.checks, checks) {
			t.Errorf("%s: got statements %v, checks %v; want %v, %v", v.Name, spied.statements, spied.checks, cascade, checks)
		}
	}
}

// Whoever may read the workspace may read the job that built it, by either rule.
func TestWorkspaceOwnerReadsTheJobByTheCascade(t *testing.T) {
	pool := pgtest.Pool(t, schema)
	var job uuid.UUID
	var ws *workspaceFixture
	stored(t, pool, func(w *world) {
		ws = w.workspace()
		job = w.build(ws, "start")
	})
	var owner uuid.UUID
	if err := pool.QueryRow(t.Context(), "SELECT owner_id FROM workspaces WHERE id = $1", ws.id).Scan(&owner); err != nil {
		t.Fatal(err)
	}
	for _, v := range Versions() {
		layer := NewLayer(Queries{pool}, testEngine(t), v.JobRule)
		got, err := layer.ProvisionerJobByID(WithActor(t.Context(), Subject{ID: owner, Role: RoleMember}), job)
		if err != nil || got.ID != job {
			t.Errorf("%s: got %v, %v; want the job", v.Name, got, err)
		}
	}
}

// An engine that cannot decide is not one that denies: the cascade must not be
// asked in its place.
func TestFastPathThatFailsDoesNotCascade(t *testing.T) {
	cause := errors.New("cannot decide")
	undecided := AuthorizerFunc(func(context.Context, Subject, string, Object) error { return cause })
	for _, v := range Versions()[2:] {
		store := &jobsOnly{t: t, job: ProvisionerJob{Type: JobWorkspaceBuild}}
		_, err := NewLayer(store, undecided, v.JobRule).ProvisionerJobByID(t.Context(), uuid.New())
		if !errors.Is(err, cause) {
			t.Errorf("%s: got %v, want %v", v.Name, err, cause)
		}
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
