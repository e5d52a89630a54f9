package agentauth

import (
	"context"

	"github.com/google/uuid"
)

// A Layer authorizes reads. It decorates [Queries] so that a caller gets only what the
// actor in the context may read. The cost of each method in statements and checks is its
// contract; the comments state it as SQL/RBAC.
type Layer struct {
	store     Queries
	authorize Authorizer
	jobRule   JobRule
	memory    map[memoryKey]any // authorized reads of one request; nil: nothing is remembered
}

// A JobRule authorizes reading a provisioner job that was already fetched. Versions of
// the authorization layer differ in it.
type JobRule func(ctx context.Context, l *Layer, job ProvisionerJob) error

type memoryKey struct {
	method string
	arg    any
	actor  Subject
}

// Remembering returns a Layer for one request that repeats no authorized read.
// It does not remember errors and denials. It must not be used concurrently or after
// the request, because its results become stale.
func (l *Layer) Remembering() *Layer {
	remembering := *l
	remembering.memory = map[memoryKey]any{}
	return &remembering
}

// recall returns the earlier result of this read, or performs it. arg must be comparable.
func recall[T any](ctx context.Context, l *Layer, method string, arg any, read func() (T, error)) (T, error) {
	key := memoryKey{method: method, arg: arg, actor: actorFrom(ctx)}
	if v, ok := l.memory[key]; ok {
		return v.(T), nil
	}
	v, err := read()
	if err != nil {
		var none T // never return a row that was denied
		return none, err
	}
	if l.memory != nil {
		l.memory[key] = v
	}
	return v, nil
}

// rowRead reads before it authorizes, because the row names its owner.
func rowRead[A, T any](
	ctx context.Context, l *Layer, method string, arg A,
	read func(context.Context, A) (T, error), may func(context.Context, T) error,
) (T, error) {
	return recall(ctx, l, method, arg, func() (T, error) {
		row, err := read(ctx, arg)
		if err != nil {
			return row, err
		}
		return row, may(ctx, row)
	})
}

// systemRead checks before it reads, because the rows' owner is not known yet.
func systemRead[T any](
	ctx context.Context, l *Layer, method, instanceID string,
	read func(context.Context, string) ([]T, error),
) ([]T, error) {
	return recall(ctx, l, method, instanceID, func() ([]T, error) {
		if err := l.mayReadSystem(ctx); err != nil {
			return nil, err
		}
		return read(ctx, instanceID)
	})
}

func (l *Layer) mayRead(ctx context.Context, object Object) error {
	return l.authorize(ctx, actorFrom(ctx), Read, object)
}

func (l *Layer) mayReadSystem(ctx context.Context) error {
	return l.mayRead(ctx, Object{Type: "system"})
}

func (l *Layer) mayReadWorkspace(ctx context.Context, w Workspace) error {
	return l.mayRead(ctx, Object{Type: "workspace", ID: w.ID, Owner: w.OwnerID})
}

// mayReadBuild requires the right to read the build's workspace.
func (l *Layer) mayReadBuild(ctx context.Context, b WorkspaceBuild) error {
	_, err := l.WorkspaceByID(ctx, b.WorkspaceID)
	return err
}

// WorkspaceByID costs 1/1.
func (l *Layer) WorkspaceByID(ctx context.Context, id uuid.UUID) (Workspace, error) {
	return rowRead(ctx, l, "WorkspaceByID", id, l.store.WorkspaceByID, l.mayReadWorkspace)
}

// WorkspaceByAgentID costs 1/1.
func (l *Layer) WorkspaceByAgentID(ctx context.Context, agentID uuid.UUID) (Workspace, error) {
	return rowRead(ctx, l, "WorkspaceByAgentID", agentID, l.store.WorkspaceByAgentID, l.mayReadWorkspace)
}

// WorkspaceBuildByID costs 2/1.
func (l *Layer) WorkspaceBuildByID(ctx context.Context, id uuid.UUID) (WorkspaceBuild, error) {
	return rowRead(ctx, l, "WorkspaceBuildByID", id, l.store.WorkspaceBuildByID, l.mayReadBuild)
}

// WorkspaceBuildByJobID costs 2/1.
func (l *Layer) WorkspaceBuildByJobID(ctx context.Context, jobID uuid.UUID) (WorkspaceBuild, error) {
	return rowRead(ctx, l, "WorkspaceBuildByJobID", jobID, l.store.WorkspaceBuildByJobID, l.mayReadBuild)
}

// LatestWorkspaceBuildByWorkspaceID costs 2/1.
func (l *Layer) LatestWorkspaceBuildByWorkspaceID(ctx context.Context, workspaceID uuid.UUID) (WorkspaceBuild, error) {
	return recall(ctx, l, "LatestWorkspaceBuildByWorkspaceID", workspaceID, func() (WorkspaceBuild, error) {
		if _, err := l.WorkspaceByID(ctx, workspaceID); err != nil {
			return WorkspaceBuild{}, err
		}
		return l.store.LatestWorkspaceBuildByWorkspaceID(ctx, workspaceID)
	})
}

// ProvisionerJobByID costs 1/0 plus the job rule.
func (l *Layer) ProvisionerJobByID(ctx context.Context, id uuid.UUID) (ProvisionerJob, error) {
	return rowRead(ctx, l, "ProvisionerJobByID", id, l.store.ProvisionerJobByID, func(ctx context.Context, job ProvisionerJob) error {
		return l.jobRule(ctx, l, job)
	})
}

// WorkspaceResourceByID costs 1/0 plus ProvisionerJobByID: it requires the right to
// read the job that made the resource.
func (l *Layer) WorkspaceResourceByID(ctx context.Context, id uuid.UUID) (WorkspaceResource, error) {
	return rowRead(ctx, l, "WorkspaceResourceByID", id, l.store.WorkspaceResourceByID, func(ctx context.Context, r WorkspaceResource) error {
		_, err := l.ProvisionerJobByID(ctx, r.JobID)
		return err
	})
}

// WorkspaceAgentByInstanceID returns the newest root agent. It costs 2/1.
func (l *Layer) WorkspaceAgentByInstanceID(ctx context.Context, instanceID string) (WorkspaceAgent, error) {
	return rowRead(ctx, l, "WorkspaceAgentByInstanceID", instanceID, l.store.WorkspaceAgentByInstanceID, func(ctx context.Context, a WorkspaceAgent) error {
		_, err := l.WorkspaceByAgentID(ctx, a.ID)
		return err
	})
}

// WorkspaceAgentsByInstanceID costs 1/1.
func (l *Layer) WorkspaceAgentsByInstanceID(ctx context.Context, instanceID string) ([]WorkspaceAgent, error) {
	return systemRead(ctx, l, "WorkspaceAgentsByInstanceID", instanceID, l.store.WorkspaceAgentsByInstanceID)
}

// WorkspaceBuildAgentsByInstanceID costs 1/1.
func (l *Layer) WorkspaceBuildAgentsByInstanceID(ctx context.Context, instanceID string) ([]BuildAgent, error) {
	return systemRead(ctx, l, "WorkspaceBuildAgentsByInstanceID", instanceID, l.store.WorkspaceBuildAgentsByInstanceID)
}

// LatestBuildAgentsByInstanceID costs 1/1.
func (l *Layer) LatestBuildAgentsByInstanceID(ctx context.Context, instanceID string) ([]BuildAgent, error) {
	return systemRead(ctx, l, "LatestBuildAgentsByInstanceID", instanceID, l.store.LatestBuildAgentsByInstanceID)
}
