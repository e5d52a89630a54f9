// The models are rows; their fields are the columns of schema.sql.

package agentauth

import (
	"time"

	"github.com/google/uuid"
)

// A Workspace is a user's working environment in the cloud.
type Workspace struct {
	ID             uuid.UUID
	OwnerID        uuid.UUID
	OrganizationID uuid.UUID
	TemplateID     uuid.UUID
	Name           string
	Deleted        bool
	CreatedAt      time.Time
}

// A WorkspaceBuild starts, stops or deletes a Workspace. The latest has the highest number.
type WorkspaceBuild struct {
	ID          uuid.UUID
	WorkspaceID uuid.UUID
	BuildNumber int32
	Transition  string // start, stop, delete
	JobID       uuid.UUID
	CreatedAt   time.Time
}

// A JobType is the kind of a ProvisionerJob's work.
type JobType string

const (
	JobWorkspaceBuild        JobType = "workspace_build"
	JobTemplateVersionImport JobType = "template_version_import"
	JobTemplateVersionDryRun JobType = "template_version_dry_run"
)

// A ProvisionerJob makes the resources of a build or of a template version.
type ProvisionerJob struct {
	ID        uuid.UUID
	Type      JobType
	Input     JobInput
	CreatedAt time.Time
}

// JobInput names the job's subject: one of the two, by the job's type.
type JobInput struct {
	WorkspaceBuildID  uuid.UUID `json:"workspace_build_id,omitzero"`
	TemplateVersionID uuid.UUID `json:"template_version_id,omitzero"`
}

// A WorkspaceResource is something a job made, such as a VM.
type WorkspaceResource struct {
	ID        uuid.UUID
	JobID     uuid.UUID
	Name      string
	CreatedAt time.Time
}

// A WorkspaceAgent runs on a resource and authenticates with its AuthToken.
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

// A TemplateVersion is one state of a Template, imported by a job.
type TemplateVersion struct {
	ID         uuid.UUID
	TemplateID uuid.UUID
	JobID      uuid.UUID
	CreatedAt  time.Time
}

// A Template is the definition of workspaces.
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
