package agentauth

import (
	"context"
	"errors"

	"github.com/google/uuid"
)

// A Layer authorizes reads: it decorates a [Store] so that a caller gets only
// what the actor in the context may read. The cost of each method in statements
// and checks is its contract; the comments state it as SQL/RBAC.
type Layer struct {
	store   Store
	auth    Authorizer
	jobRule JobRule
	memory  memory // nil: nothing is remembered
}

// NewLayer returns a Layer that is safe for concurrent use.
func NewLayer(store Store, auth Authorizer, jobRule JobRule) *Layer {
	return &Layer{store: store, auth: auth, jobRule: jobRule}
}

type actorKey struct{}

// WithActor returns a context in which reads are authorized for actor.
func WithActor(ctx context.Context, actor Subject) context.Context {
	return context.WithValue(ctx, actorKey{}, actor)
}

// actorFrom returns the actor of ctx; without one, a Subject that may do nothing.
func actorFrom(ctx context.Context) Subject {
	actor, _ := ctx.Value(actorKey{}).(Subject)
	return actor
}

func (l *Layer) mayRead(ctx context.Context, object Object) error {
	return l.auth.Authorize(ctx, actorFrom(ctx), Read, object)
}

func (l *Layer) mayReadSystem(ctx context.Context) error {
	return l.mayRead(ctx, Object{Type: "system"})
}

func (l *Layer) mayReadWorkspace(ctx context.Context, w Workspace) error {
	return l.mayRead(ctx, Object{Type: "workspace", ID: w.ID, Owner: w.OwnerID})
}

func (l *Layer) mayReadTemplate(ctx context.Context, t Template) error {
	return l.mayRead(ctx, Object{Type: "template", ID: t.ID})
}

// WorkspaceByID costs 1/1.
func (l *Layer) WorkspaceByID(ctx context.Context, id uuid.UUID) (Workspace, error) {
	return recall(ctx, l, "WorkspaceByID", id, func() (Workspace, error) {
		w, err := l.store.WorkspaceByID(ctx, id)
		if err != nil {
			return Workspace{}, err
		}
		return w, l.mayReadWorkspace(ctx, w)
	})
}

// WorkspaceByAgentID costs 1/1.
func (l *Layer) WorkspaceByAgentID(ctx context.Context, agentID uuid.UUID) (Workspace, error) {
	return recall(ctx, l, "WorkspaceByAgentID", agentID, func() (Workspace, error) {
		w, err := l.store.WorkspaceByAgentID(ctx, agentID)
		if err != nil {
			return Workspace{}, err
		}
		return w, l.mayReadWorkspace(ctx, w)
	})
}

// WorkspaceBuildByID costs 2/1: a build is read by whoever may read its workspace.
func (l *Layer) WorkspaceBuildByID(ctx context.Context, id uuid.UUID) (WorkspaceBuild, error) {
	return recall(ctx, l, "WorkspaceBuildByID", id, func() (WorkspaceBuild, error) {
		b, err := l.store.WorkspaceBuildByID(ctx, id)
		if err != nil {
			return WorkspaceBuild{}, err
		}
		_, err = l.WorkspaceByID(ctx, b.WorkspaceID)
		return b, err
	})
}

// WorkspaceBuildByJobID costs 2/1.
func (l *Layer) WorkspaceBuildByJobID(ctx context.Context, jobID uuid.UUID) (WorkspaceBuild, error) {
	return recall(ctx, l, "WorkspaceBuildByJobID", jobID, func() (WorkspaceBuild, error) {
		b, err := l.store.WorkspaceBuildByJobID(ctx, jobID)
		if err != nil {
			return WorkspaceBuild{}, err
		}
		_, err = l.WorkspaceByID(ctx, b.WorkspaceID)
		return b, err
	})
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

// ProvisionerJobByID costs 1/0 and what the job rule costs.
func (l *Layer) ProvisionerJobByID(ctx context.Context, id uuid.UUID) (ProvisionerJob, error) {
	return recall(ctx, l, "ProvisionerJobByID", id, func() (ProvisionerJob, error) {
		job, err := l.store.ProvisionerJobByID(ctx, id)
		if err != nil {
			return ProvisionerJob{}, err
		}
		return job, l.jobRule(ctx, l, job)
	})
}

// WorkspaceResourceByID costs 1/0 and ProvisionerJobByID: a resource is read by
// whoever may read the job that made it.
func (l *Layer) WorkspaceResourceByID(ctx context.Context, id uuid.UUID) (WorkspaceResource, error) {
	return recall(ctx, l, "WorkspaceResourceByID", id, func() (WorkspaceResource, error) {
		r, err := l.store.WorkspaceResourceByID(ctx, id)
		if err != nil {
			return WorkspaceResource{}, err
		}
		_, err = l.ProvisionerJobByID(ctx, r.JobID)
		return r, err
	})
}

// WorkspaceAgentByInstanceID returns the newest root agent. It costs 2/1.
func (l *Layer) WorkspaceAgentByInstanceID(ctx context.Context, instanceID string) (WorkspaceAgent, error) {
	return recall(ctx, l, "WorkspaceAgentByInstanceID", instanceID, func() (WorkspaceAgent, error) {
		a, err := l.store.WorkspaceAgentByInstanceID(ctx, instanceID)
		if err != nil {
			return WorkspaceAgent{}, err
		}
		_, err = l.WorkspaceByAgentID(ctx, a.ID)
		return a, err
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

// systemRead checks before it reads: what the rows belong to is not known yet.
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

// denied reports whether err is a decision, not a failure to decide.
func denied(err error) bool {
	var e *NotAuthorizedError
	return errors.As(err, &e)
}
