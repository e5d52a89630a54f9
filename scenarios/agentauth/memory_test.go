package agentauth

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
)

// A read is one read of a Layer, with its arguments.
type read struct {
	name string
	do   func(ctx context.Context, l *Layer) (any, error)
}

// readsOf are all reads of the one build agent that a new world has.
func readsOf(t *testing.T, pool *pgxpool.Pool) []read {
	t.Helper()
	w := stored(t, pool, oneBuildAgent)
	var agent, resource, job, build, workspace uuid.UUID
	err := pool.QueryRow(t.Context(), `
		SELECT a.id, r.id, r.job_id, b.id, b.workspace_id
		FROM workspace_agents a JOIN workspace_resources r ON r.id = a.resource_id JOIN workspace_builds b USING (job_id)
		WHERE a.auth_instance_id = $1`, w.instanceID).Scan(&agent, &resource, &job, &build, &workspace)
	if err != nil {
		t.Fatal(err)
	}
	return []read{
		{"WorkspaceByID", func(ctx context.Context, l *Layer) (any, error) { return l.WorkspaceByID(ctx, workspace) }},
		{"WorkspaceByAgentID", func(ctx context.Context, l *Layer) (any, error) { return l.WorkspaceByAgentID(ctx, agent) }},
		{"WorkspaceBuildByID", func(ctx context.Context, l *Layer) (any, error) { return l.WorkspaceBuildByID(ctx, build) }},
		{"WorkspaceBuildByJobID", func(ctx context.Context, l *Layer) (any, error) { return l.WorkspaceBuildByJobID(ctx, job) }},
		{"LatestWorkspaceBuildByWorkspaceID", func(ctx context.Context, l *Layer) (any, error) {
			return l.LatestWorkspaceBuildByWorkspaceID(ctx, workspace)
		}},
		{"ProvisionerJobByID", func(ctx context.Context, l *Layer) (any, error) { return l.ProvisionerJobByID(ctx, job) }},
		{"WorkspaceResourceByID", func(ctx context.Context, l *Layer) (any, error) { return l.WorkspaceResourceByID(ctx, resource) }},
		{"WorkspaceAgentByInstanceID", func(ctx context.Context, l *Layer) (any, error) {
			return l.WorkspaceAgentByInstanceID(ctx, w.instanceID)
		}},
		{"WorkspaceAgentsByInstanceID", func(ctx context.Context, l *Layer) (any, error) {
			return l.WorkspaceAgentsByInstanceID(ctx, w.instanceID)
		}},
		{"WorkspaceBuildAgentsByInstanceID", func(ctx context.Context, l *Layer) (any, error) {
			return l.WorkspaceBuildAgentsByInstanceID(ctx, w.instanceID)
		}},
		{"LatestBuildAgentsByInstanceID", func(ctx context.Context, l *Layer) (any, error) {
			return l.LatestBuildAgentsByInstanceID(ctx, w.instanceID)
		}},
	}
}

func asSystem(t *testing.T) context.Context {
	return WithActor(t.Context(), Subject{Role: RoleSystemRestricted})
}

func asOwner(t *testing.T) context.Context {
	return WithActor(t.Context(), Subject{ID: uuid.New(), Role: RoleOwner})
}

func asAuditor(t *testing.T) context.Context {
	return WithActor(t.Context(), Subject{ID: uuid.New(), Role: RoleAuditor})
}

func TestMemorySecondReadCostsNothing(t *testing.T) {
	pool := pgtest.Pool(t, schema)
	for _, r := range readsOf(t, pool) {
		spied, base := spyOn(t, pool, cascade)
		layer, ctx := base.Remembering(), asSystem(t)
		first := r.must(t, ctx, layer)
		if statements, checks := spied.noted(); len(statements) == 0 || len(checks) == 0 {
			t.Errorf("%s: first read: got statements %v, checks %v; want some", r.name, statements, checks)
		}
		second := r.must(t, ctx, layer)
		if statements, checks := spied.noted(); len(statements)+len(checks) != 0 {
			t.Errorf("%s: second read: got statements %v, checks %v; want none", r.name, statements, checks)
		}
		if !reflect.DeepEqual(first, second) {
			t.Errorf("%s: got %v, then %v; want the same", r.name, first, second)
		}
	}
}

// Reads that are part of another read are remembered, and found, as well.
func TestMemoryIsSharedByReadsOfReads(t *testing.T) {
	pool := pgtest.Pool(t, schema)
	spied, base := spyOn(t, pool, systemFastPath)
	layer, ctx, reads := base.Remembering(), asSystem(t), readsOf(t, pool)
	for _, step := range []struct {
		name       string
		statements []string
	}{
		{"WorkspaceBuildByID", []string{"WorkspaceBuildByID", "WorkspaceByID"}},
		{"WorkspaceByID", nil},
		{"LatestWorkspaceBuildByWorkspaceID", []string{"LatestWorkspaceBuildByWorkspaceID"}},
		{"WorkspaceResourceByID", []string{"WorkspaceResourceByID", "ProvisionerJobByID"}},
		{"ProvisionerJobByID", nil},
	} {
		i := slices.IndexFunc(reads, func(r read) bool { return r.name == step.name })
		reads[i].must(t, ctx, layer)
		if statements, _ := spied.noted(); !slices.Equal(statements, step.statements) {
			t.Errorf("%s: got statements %v, want %v", step.name, statements, step.statements)
		}
	}
}

func TestMemoryAnotherActorPays(t *testing.T) {
	pool := pgtest.Pool(t, schema)
	for _, r := range readsOf(t, pool) {
		spied, base := spyOn(t, pool, cascade)
		layer := base.Remembering()
		r.must(t, asSystem(t), layer)
		want, wantChecks := spied.noted()
		r.must(t, asOwner(t), layer)
		if got, checks := spied.noted(); !slices.Equal(got, want) || !slices.Equal(checks, wantChecks) {
			t.Errorf("%s: another actor: got statements %v, checks %v; want %v, %v", r.name, got, checks, want, wantChecks)
		}
	}
}

func TestMemoryIsNotForThoseWhoAreDenied(t *testing.T) {
	pool := pgtest.Pool(t, schema)
	for _, r := range readsOf(t, pool) {
		_, base := spyOn(t, pool, cascade)
		layer := base.Remembering()
		r.must(t, asSystem(t), layer)
		got, err := r.do(asAuditor(t), layer)
		if !denied(err) || !reflect.ValueOf(got).IsZero() {
			t.Errorf("%s: got %v, %v; want nothing and a denial", r.name, got, err)
		}
	}
}

func TestMemoryForgetsDenials(t *testing.T) {
	pool := pgtest.Pool(t, schema)
	for _, r := range readsOf(t, pool) {
		spied, base := spyOn(t, pool, cascade)
		layer, ctx := base.Remembering(), asSystem(t)
		spied.failCheck = &NotAuthorizedError{Role: RoleSystemRestricted, Action: Read}
		if got, err := r.do(ctx, layer); !denied(err) || !reflect.ValueOf(got).IsZero() {
			t.Errorf("%s: first read: got %v, %v; want nothing and a denial", r.name, got, err)
		}
		spied.noted()
		r.must(t, ctx, layer)
		if statements, checks := spied.noted(); len(statements) == 0 || len(checks) == 0 {
			t.Errorf("%s: after a denial: got statements %v, checks %v; want some", r.name, statements, checks)
		}
	}
}

func TestMemoryForgetsErrors(t *testing.T) {
	pool := pgtest.Pool(t, schema)
	cause := errors.New("connection lost")
	for _, r := range readsOf(t, pool) {
		spied, base := spyOn(t, pool, cascade)
		layer, ctx := base.Remembering(), asSystem(t)
		spied.failStatement = cause
		if got, err := r.do(ctx, layer); !errors.Is(err, cause) || !reflect.ValueOf(got).IsZero() {
			t.Errorf("%s: first read: got %v, %v; want nothing and %v", r.name, got, err, cause)
		}
		spied.noted()
		r.must(t, ctx, layer)
		if statements, checks := spied.noted(); len(statements) == 0 || len(checks) == 0 {
			t.Errorf("%s: after an error: got statements %v, checks %v; want some", r.name, statements, checks)
		}
	}
}

func TestMemoryForgetsWhatWasNotThere(t *testing.T) {
	pool := pgtest.Pool(t, schema)
	_, base := spyOn(t, pool, cascade)
	layer, ctx, w := base.Remembering(), asSystem(t), newWorld()
	if _, err := layer.WorkspaceAgentByInstanceID(ctx, w.instanceID); !errors.Is(err, pgx.ErrNoRows) {
		t.Fatalf("before there is an agent: got %v, want %v", err, pgx.ErrNoRows)
	}
	oneBuildAgent(w)
	if err := w.store(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	if _, err := layer.WorkspaceAgentByInstanceID(ctx, w.instanceID); err != nil {
		t.Errorf("when there is one: got %v, want the agent", err)
	}
}

func TestMemoryEndsWithTheRequest(t *testing.T) {
	pool := pgtest.Pool(t, schema)
	for _, r := range readsOf(t, pool) {
		spied, base := spyOn(t, pool, cascade)
		ctx := asSystem(t)
		r.must(t, ctx, base.Remembering())
		want, wantChecks := spied.noted()
		for name, layer := range map[string]*Layer{"another request": base.Remembering(), "the base": base, "the base again": base} {
			r.must(t, ctx, layer)
			if got, checks := spied.noted(); !slices.Equal(got, want) || !slices.Equal(checks, wantChecks) {
				t.Errorf("%s: %s: got statements %v, checks %v; want %v, %v", r.name, name, got, checks, want, wantChecks)
			}
		}
	}
}

// The same through the version that remembers: its second request sees what
// changed since the first.
func TestMemoryIsNotKeptForTheNextRequest(t *testing.T) {
	s := newService(t)
	w := stored(t, s.pool, oneBuildAgent)
	s.check(t, w, "", "main")
	if _, err := s.pool.Exec(t.Context(), "UPDATE workspace_agents SET deleted = true WHERE auth_instance_id = $1", w.instanceID); err != nil {
		t.Fatal(err)
	}
	s.check(t, w, "", "404")
}

func (r read) must(t *testing.T, ctx context.Context, l *Layer) any {
	t.Helper()
	v, err := r.do(ctx, l)
	if err != nil {
		t.Fatalf("%s: %v", r.name, err)
	}
	return v
}
