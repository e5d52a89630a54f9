package agentauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A world collects the rows of one measurement. All keys are new, so worlds in one
// database are independent. Rows that are added later are newer.
type world struct {
	instanceID string
	rows       pgx.Batch
	now        time.Time
	labels     map[string]string // the owner of each session token
}

func newWorld() *world {
	return &world{
		instanceID: "i-" + uuid.NewString(),
		now:        time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		labels:     map[string]string{},
	}
}

func (w *world) tick() time.Time {
	w.now = w.now.Add(time.Minute)
	return w.now
}

// store writes the rows.
func (w *world) store(ctx context.Context, pool *pgxpool.Pool) error {
	if err := pool.SendBatch(ctx, &w.rows).Close(); err != nil {
		return fmt.Errorf("store fixtures: %w", err)
	}
	return nil
}

func (w *world) template() uuid.UUID {
	id := uuid.New()
	w.rows.Queue(`INSERT INTO templates (id, organization_id, name, created_at) VALUES ($1, $2, 'template', $3)`,
		id, uuid.New(), w.tick())
	return id
}

func (w *world) job(jobType JobType, input JobInput) uuid.UUID {
	id := uuid.New()
	w.rows.Queue(`INSERT INTO provisioner_jobs (id, type, input, created_at) VALUES ($1, $2, $3, $4)`,
		id, jobType, input, w.tick())
	return id
}

// templateImport adds a version of template and returns its import job.
func (w *world) templateImport(template uuid.UUID) (job uuid.UUID) {
	version := uuid.New()
	job = w.job(JobTemplateVersionImport, JobInput{TemplateVersionID: version})
	w.rows.Queue(`INSERT INTO template_versions (id, template_id, job_id, created_at) VALUES ($1, $2, $3, $4)`,
		version, template, job, w.tick())
	return job
}

// A workspaceFixture is a workspace to add builds to.
type workspaceFixture struct {
	id, template uuid.UUID
	builds       int
}

func (w *world) workspace() *workspaceFixture {
	ws := &workspaceFixture{id: uuid.New(), template: w.template()}
	w.rows.Queue(`INSERT INTO workspaces (id, owner_id, organization_id, template_id, name, created_at)
		VALUES ($1, $2, $3, $4, 'workspace', $5)`,
		ws.id, uuid.New(), uuid.New(), ws.template, w.tick())
	return ws
}

func (w *world) markDeleted(ws *workspaceFixture) {
	w.rows.Queue(`UPDATE workspaces SET deleted = true WHERE id = $1`, ws.id)
}

func (w *world) deleteAgent(id uuid.UUID) {
	w.rows.Queue(`UPDATE workspace_agents SET deleted = true WHERE id = $1`, id)
}

// build adds the next build of ws and returns its job.
func (w *world) build(ws *workspaceFixture, transition string) (job uuid.UUID) {
	id := uuid.New()
	job = w.job(JobWorkspaceBuild, JobInput{WorkspaceBuildID: id})
	ws.builds++
	w.rows.Queue(`INSERT INTO workspace_builds (id, workspace_id, build_number, transition, job_id, created_at)
		VALUES ($1, $2, $3, $4, $5, $6)`,
		id, ws.id, ws.builds, transition, job, w.tick())
	return job
}

func (w *world) resource(job uuid.UUID) uuid.UUID {
	id := uuid.New()
	w.rows.Queue(`INSERT INTO workspace_resources (id, job_id, name, created_at) VALUES ($1, $2, 'vm', $3)`,
		id, job, w.tick())
	return id
}

// agent adds a root agent of the world's instance and returns its ID. Outcomes show
// label if its token was handed out.
func (w *world) agent(resource uuid.UUID, name, label string) uuid.UUID {
	return w.agentOf(resource, uuid.NullUUID{}, w.instanceID, name, label)
}

func (w *world) agentOf(resource uuid.UUID, parent uuid.NullUUID, instanceID, name, label string) uuid.UUID {
	id, token := uuid.New(), uuid.New()
	w.labels[token.String()] = label
	w.rows.Queue(`INSERT INTO workspace_agents
		(id, resource_id, parent_id, name, auth_token, auth_instance_id, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		id, resource, parent, name, token, instanceID, w.tick())
	return id
}

// holder returns the label of the agent whose session token is in answer.
func (w *world) holder(answer []byte) (string, error) {
	var body AuthResponse
	if err := json.Unmarshal(answer, &body); err != nil {
		return "", err
	}
	label, ok := w.labels[body.SessionToken]
	if !ok {
		return "", errors.New("the session token belongs to no agent of this world")
	}
	return label, nil
}
