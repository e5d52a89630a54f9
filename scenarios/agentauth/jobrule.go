package agentauth

import (
	"context"
	"fmt"
)

// A JobRule authorizes reading a provisioner job that was already fetched. It is
// where versions of the authorization layer differ.
type JobRule func(ctx context.Context, l *Layer, job ProvisionerJob) error

// cascade asks for the right to read what the job is for: 2/1 for a build's
// workspace, 2/1 for the template of a template version.
func cascade(ctx context.Context, l *Layer, job ProvisionerJob) error {
	switch job.Type {
	case JobWorkspaceBuild:
		_, err := l.WorkspaceBuildByJobID(ctx, job.ID)
		return err
	case JobTemplateVersionImport, JobTemplateVersionDryRun:
		version, err := l.store.TemplateVersionByID(ctx, job.Input.TemplateVersionID)
		if err != nil {
			return err
		}
		template, err := l.store.TemplateByID(ctx, version.TemplateID)
		if err != nil {
			return err
		}
		return l.mayReadTemplate(ctx, template)
	default:
		return fmt.Errorf("no rule for a job of type %q", job.Type)
	}
}

// systemFastPath spares a subject that may read the system the cascade: 0/1.
// For any other it costs one check more than the cascade.
func systemFastPath(ctx context.Context, l *Layer, job ProvisionerJob) error {
	if err := l.mayReadSystem(ctx); !denied(err) {
		return err
	}
	return cascade(ctx, l, job)
}
