package agentauth

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// A Version is one implementation of the path; Source and Summary may be empty.
type Version struct {
	Name    string // "pr-24973"
	Source  string // URL that documents it, and its fate; empty for our own
	Summary string // one line on how it differs
	// JobRule authorizes job reads in the version's [Layer].
	JobRule JobRule
	// Authenticate returns the agent that claim entitles to a session token.
	Authenticate func(ctx context.Context, l *Layer, claim Claim) (WorkspaceAgent, error)
}

// A Claim is the subject of a verified request.
type Claim struct {
	InstanceID string
	AgentName  string // empty: the only agent there is
}

// A refusal is an error with the status and message for the caller.
type refusal struct {
	status  int
	message string
}

func (r *refusal) Error() string { return r.message }

func refusef(status int, format string, args ...any) error {
	return &refusal{status: status, message: fmt.Sprintf(format, args...)}
}

// choose picks one of candidates, newest first, by the rules that rc.3 introduced, and
// returns its index.
func choose(candidates []WorkspaceAgent, name string) (int, error) {
	switch {
	case len(candidates) == 0:
		return 0, refusef(http.StatusNotFound, "No agent of this instance was found.")
	case name != "":
		i := slices.IndexFunc(candidates, func(a WorkspaceAgent) bool { return a.Name == name })
		if i < 0 {
			return 0, refusef(http.StatusNotFound, "No agent of this instance has the name asked for.")
		}
		return i, nil
	case len(candidates) > 1:
		var names []string
		for _, a := range candidates {
			names = append(names, a.Name)
		}
		return 0, refusef(http.StatusConflict,
			"Several agents run on this instance; name one of them: %s.", strings.Join(names, ", "))
	}
	return 0, nil
}

// requireLatestBuild refuses a job whose build is not the latest of its workspace: the
// instance ID was recycled. It costs 4/2.
func requireLatestBuild(ctx context.Context, l *Layer, job ProvisionerJob) error {
	build, err := l.WorkspaceBuildByID(ctx, job.Input.WorkspaceBuildID)
	if err != nil {
		return err
	}
	latest, err := l.LatestWorkspaceBuildByWorkspaceID(ctx, build.WorkspaceID)
	if err != nil {
		return err
	}
	if latest.ID != build.ID {
		return errRecycled()
	}
	return nil
}

func errRecycled() error {
	return refusef(http.StatusBadRequest, "The agent of this instance belongs to an earlier build.")
}
