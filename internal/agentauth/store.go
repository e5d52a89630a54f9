package agentauth

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// A Querier is a *pgxpool.Pool, a *pgx.Conn or a pgx.Tx.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Queries reads rows. Each method sends one statement and authorizes nothing. Without
// a row it returns [pgx.ErrNoRows]. Lists are ordered by creation, newest
// first.
type Queries struct{ DB Querier }

func one[T any](ctx context.Context, q Queries, sql string, args ...any) (T, error) {
	rows, _ := q.DB.Query(ctx, sql, args...) // the rows carry its error
	return pgx.CollectOneRow(rows, pgx.RowToStructByName[T])
}

func many[T any](ctx context.Context, q Queries, sql string, args ...any) ([]T, error) {
	rows, _ := q.DB.Query(ctx, sql, args...) // the rows carry its error
	return pgx.CollectRows(rows, pgx.RowToStructByName[T])
}

func (q Queries) WorkspaceByID(ctx context.Context, id uuid.UUID) (Workspace, error) {
	return one[Workspace](ctx, q, `-- name: WorkspaceByID :one
SELECT id, owner_id, organization_id, template_id, name, deleted, created_at
FROM workspaces
WHERE id = $1`, id)
}

func (q Queries) WorkspaceByAgentID(ctx context.Context, agentID uuid.UUID) (Workspace, error) {
	return one[Workspace](ctx, q, `-- name: WorkspaceByAgentID :one
SELECT w.id, w.owner_id, w.organization_id, w.template_id, w.name, w.deleted, w.created_at
FROM workspace_agents a
JOIN workspace_resources r ON r.id = a.resource_id
JOIN workspace_builds b ON b.job_id = r.job_id
JOIN workspaces w ON w.id = b.workspace_id
WHERE a.id = $1`, agentID)
}

func (q Queries) WorkspaceBuildByID(ctx context.Context, id uuid.UUID) (WorkspaceBuild, error) {
	return one[WorkspaceBuild](ctx, q, `-- name: WorkspaceBuildByID :one
SELECT id, workspace_id, build_number, transition, job_id, created_at
FROM workspace_builds
WHERE id = $1`, id)
}

func (q Queries) WorkspaceBuildByJobID(ctx context.Context, jobID uuid.UUID) (WorkspaceBuild, error) {
	return one[WorkspaceBuild](ctx, q, `-- name: WorkspaceBuildByJobID :one
SELECT id, workspace_id, build_number, transition, job_id, created_at
FROM workspace_builds
WHERE job_id = $1`, jobID)
}

func (q Queries) LatestWorkspaceBuildByWorkspaceID(ctx context.Context, workspaceID uuid.UUID) (WorkspaceBuild, error) {
	return one[WorkspaceBuild](ctx, q, `-- name: LatestWorkspaceBuildByWorkspaceID :one
SELECT id, workspace_id, build_number, transition, job_id, created_at
FROM workspace_builds
WHERE workspace_id = $1
ORDER BY build_number DESC
LIMIT 1`, workspaceID)
}

func (q Queries) ProvisionerJobByID(ctx context.Context, id uuid.UUID) (ProvisionerJob, error) {
	return one[ProvisionerJob](ctx, q, `-- name: ProvisionerJobByID :one
SELECT id, type, input, created_at
FROM provisioner_jobs
WHERE id = $1`, id)
}

func (q Queries) WorkspaceResourceByID(ctx context.Context, id uuid.UUID) (WorkspaceResource, error) {
	return one[WorkspaceResource](ctx, q, `-- name: WorkspaceResourceByID :one
SELECT id, job_id, name, created_at
FROM workspace_resources
WHERE id = $1`, id)
}

func (q Queries) TemplateVersionByID(ctx context.Context, id uuid.UUID) (TemplateVersion, error) {
	return one[TemplateVersion](ctx, q, `-- name: TemplateVersionByID :one
SELECT id, template_id, job_id, created_at
FROM template_versions
WHERE id = $1`, id)
}

func (q Queries) TemplateByID(ctx context.Context, id uuid.UUID) (Template, error) {
	return one[Template](ctx, q, `-- name: TemplateByID :one
SELECT id, organization_id, name, created_at
FROM templates
WHERE id = $1`, id)
}

// WorkspaceAgentByInstanceID returns the newest root agent of the instance.
func (q Queries) WorkspaceAgentByInstanceID(ctx context.Context, instanceID string) (WorkspaceAgent, error) {
	return one[WorkspaceAgent](ctx, q, `-- name: WorkspaceAgentByInstanceID :one
SELECT id, resource_id, parent_id, name, auth_token, auth_instance_id, deleted, created_at
FROM workspace_agents
WHERE auth_instance_id = $1 AND parent_id IS NULL AND NOT deleted
ORDER BY created_at DESC, id
LIMIT 1`, instanceID)
}

// WorkspaceAgentsByInstanceID returns all root agents of the instance.
func (q Queries) WorkspaceAgentsByInstanceID(ctx context.Context, instanceID string) ([]WorkspaceAgent, error) {
	return many[WorkspaceAgent](ctx, q, `-- name: WorkspaceAgentsByInstanceID :many
SELECT id, resource_id, parent_id, name, auth_token, auth_instance_id, deleted, created_at
FROM workspace_agents
WHERE auth_instance_id = $1 AND parent_id IS NULL AND NOT deleted
ORDER BY created_at DESC, id`, instanceID)
}

// WorkspaceBuildAgentsByInstanceID returns the root agents of the instance that belong
// to a build of a live workspace.
func (q Queries) WorkspaceBuildAgentsByInstanceID(ctx context.Context, instanceID string) ([]BuildAgent, error) {
	return many[BuildAgent](ctx, q, `-- name: WorkspaceBuildAgentsByInstanceID :many
SELECT a.id, a.resource_id, a.parent_id, a.name, a.auth_token, a.auth_instance_id, a.deleted, a.created_at,
    b.id AS build_id, b.workspace_id
FROM workspace_agents a
JOIN workspace_resources r ON r.id = a.resource_id
JOIN provisioner_jobs j ON j.id = r.job_id AND j.type = 'workspace_build'
JOIN workspace_builds b ON b.job_id = j.id
JOIN workspaces w ON w.id = b.workspace_id AND NOT w.deleted
WHERE a.auth_instance_id = $1 AND a.parent_id IS NULL AND NOT a.deleted
ORDER BY a.created_at DESC, a.id`, instanceID)
}

// LatestBuildAgentsByInstanceID returns the root agents of the instance whose build is
// the latest of a live workspace. It combines all the conditions that other versions
// check one by one, and requires that job and build name each other.
func (q Queries) LatestBuildAgentsByInstanceID(ctx context.Context, instanceID string) ([]BuildAgent, error) {
	return many[BuildAgent](ctx, q, `-- name: LatestBuildAgentsByInstanceID :many
SELECT a.id, a.resource_id, a.parent_id, a.name, a.auth_token, a.auth_instance_id, a.deleted, a.created_at,
    b.id AS build_id, b.workspace_id
FROM workspace_agents a
JOIN workspace_resources r ON r.id = a.resource_id
JOIN provisioner_jobs j ON j.id = r.job_id AND j.type = 'workspace_build'
JOIN workspace_builds b ON b.job_id = j.id AND b.id::text = j.input ->> 'workspace_build_id'
JOIN workspaces w ON w.id = b.workspace_id AND NOT w.deleted
WHERE a.auth_instance_id = $1 AND a.parent_id IS NULL AND NOT a.deleted
    AND NOT EXISTS (
        SELECT FROM workspace_builds newer
        WHERE newer.workspace_id = b.workspace_id AND newer.build_number > b.build_number
    )
ORDER BY a.created_at DESC, a.id`, instanceID)
}
