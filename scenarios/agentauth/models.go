package agentauth

import (
	"time"

	"github.com/google/uuid"
)

type Workspace struct {
	ID             uuid.UUID
	OwnerID        uuid.UUID
	OrganizationID uuid.UUID
	TemplateID     uuid.UUID
	Name           string
	Deleted        bool
	CreatedAt      time.Time
}

type WorkspaceBuild struct {
	ID          uuid.UUID
	WorkspaceID uuid.UUID
	BuildNumber int32
	Transition  string // start, stop, delete
	JobID       uuid.UUID
	CreatedAt   time.Time
}

type JobType string

const (
	JobWorkspaceBuild        JobType = "workspace_build"
	JobTemplateVersionImport JobType = "template_version_import"
	JobTemplateVersionDryRun JobType = "template_version_dry_run"
)

type ProvisionerJob struct {
	ID        uuid.UUID
	Type      JobType
	Input     JobInput
	CreatedAt time.Time
}

// JobInput names what a job works on: one of the two, by the job's type.
type JobInput struct {
	WorkspaceBuildID  uuid.UUID `json:"workspace_build_id,omitzero"`
	TemplateVersionID uuid.UUID `json:"template_version_id,omitzero"`
}

type WorkspaceResource struct {
	ID        uuid.UUID
	JobID     uuid.UUID
	Name      string
	CreatedAt time.Time
}

type WorkspaceAgent struct {
	ID             uuid.UUID
	ResourceID     uuid.UUID
	ParentID       uuid.NullUUID // set for a sub-agent; a root agent has none
	Name           string
	AuthToken      uuid.UUID
	AuthInstanceID *string
	Deleted        bool
	CreatedAt      time.Time
}

type TemplateVersion struct {
	ID         uuid.UUID
	TemplateID uuid.UUID
	JobID      uuid.UUID
	CreatedAt  time.Time
}

type Template struct {
	ID             uuid.UUID
	OrganizationID uuid.UUID
	Name           string
	CreatedAt      time.Time
}

// A BuildAgent is an agent with the build and the workspace it belongs to.
type BuildAgent struct {
	WorkspaceAgent
	BuildID     uuid.UUID
	WorkspaceID uuid.UUID
}
