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

// add queues insert, a statement that takes the id of a row, its time and the values. It returns
// the id.
func (w *world) add(id uuid.UUID, insert string, values ...any) uuid.UUID {
	w.now = w.now.Add(time.Minute)
	w.rows.Queue(insert, append([]any{id, w.now}, values...)...)
	return id
}

// store writes the rows.
func (w *world) store(ctx context.Context, pool *pgxpool.Pool) error {
	if err := pool.SendBatch(ctx, &w.rows).Close(); err != nil {
		return fmt.Errorf("store fixtures: %w", err)
	}
	return nil
}

func (w *world) template() uuid.UUID {
	return w.add(uuid.New(),
		`INSERT INTO templates (id, created_at, organization_id, name) VALUES ($1, $2, $3, 'template')`, uuid.New())
}

func (w *world) job(jobType JobType, input JobInput) uuid.UUID {
	return w.add(uuid.New(),
		`INSERT INTO provisioner_jobs (id, created_at, type, input) VALUES ($1, $2, $3, $4)`, jobType, input)
}

// templateImport adds a version of template and returns its import job.
func (w *world) templateImport(template uuid.UUID) (job uuid.UUID) {
	version := uuid.New()
	job = w.job(JobTemplateVersionImport, JobInput{TemplateVersionID: version})
	w.add(version,
		`INSERT INTO template_versions (id, created_at, template_id, job_id) VALUES ($1, $2, $3, $4)`, template, job)
	return job
}

// A workspaceFixture is a workspace to add builds to.
type workspaceFixture struct {
	id, template uuid.UUID
	builds       int
}

func (w *world) workspace() *workspaceFixture {
	template := w.template()
	id := w.add(uuid.New(), `INSERT INTO workspaces (id, created_at, owner_id, organization_id, template_id, name)
		VALUES ($1, $2, $3, $4, $5, 'workspace')`, uuid.New(), uuid.New(), template)
	return &workspaceFixture{id: id, template: template}
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
	w.add(id, `INSERT INTO workspace_builds (id, created_at, workspace_id, build_number, transition, job_id)
		VALUES ($1, $2, $3, $4, $5, $6)`, ws.id, ws.builds, transition, job)
	return job
}

func (w *world) resource(job uuid.UUID) uuid.UUID {
	return w.add(uuid.New(),
		`INSERT INTO workspace_resources (id, created_at, job_id, name) VALUES ($1, $2, $3, 'vm')`, job)
}

// agent adds a root agent of the world's instance and returns its ID. Outcomes show
// label if its token was handed out.
func (w *world) agent(resource uuid.UUID, name, label string) uuid.UUID {
	return w.agentOf(resource, uuid.NullUUID{}, w.instanceID, name, label)
}

func (w *world) agentOf(resource uuid.UUID, parent uuid.NullUUID, instanceID, name, label string) uuid.UUID {
	token := uuid.New()
	w.labels[token.String()] = label
	return w.add(uuid.New(), `INSERT INTO workspace_agents
		(id, created_at, resource_id, parent_id, name, auth_token, auth_instance_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, resource, parent, name, token, instanceID)
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
