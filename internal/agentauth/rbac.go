package agentauth

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"sync"

	"github.com/casbin/casbin/v3"
	"github.com/casbin/casbin/v3/model"
	stringadapter "github.com/casbin/casbin/v3/persist/string-adapter"
	"github.com/google/uuid"
)

// A Role is what a subject may do, by the rules in rbac_policy.csv.
type Role string

const (
	// RoleSystemRestricted is the server acting for itself: it reads what every
	// request needs, and nothing of a user's own.
	RoleSystemRestricted Role = "system-restricted"
	RoleOwner            Role = "owner"
	RoleMember           Role = "member"
	RoleAuditor          Role = "auditor"
)

// A Subject acts. Equal subjects have equal rights.
type Subject struct {
	ID   uuid.UUID
	Role Role
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

// An Object is acted upon.
type Object struct {
	Type  string    // workspace, template, system
	ID    uuid.UUID // zero for system
	Owner uuid.UUID // zero where nobody owns it
}

// Read is the one action this path needs.
const Read = "read"

// An Authorizer decides. It returns a [*NotAuthorizedError] for a denial and
// any other error when it could not decide. One call is one check.
type Authorizer func(ctx context.Context, subject Subject, action string, object Object) error

// CheckLabel names a check in reports.
func CheckLabel(action string, object Object) string { return action + " " + object.Type }

// A NotAuthorizedError says that the subject may not do the action. It does not
// tell whether the object exists.
type NotAuthorizedError struct {
	Role   Role
	Action string
	Type   string
}

func (e *NotAuthorizedError) Error() string {
	return fmt.Sprintf("%s may not %s this %s", e.Role, e.Action, e.Type)
}

// denied reports whether err is a decision, not a failure to decide.
func denied(err error) bool {
	var e *NotAuthorizedError
	return errors.As(err, &e)
}

var (
	//go:embed rbac_model.conf
	rbacModel string
	//go:embed rbac_policy.csv
	rbacPolicy string
)

// casbinAuthorizer is safe for concurrent use. Parsing the rules takes longer than a
// request, so they are parsed once.
var casbinAuthorizer = sync.OnceValues(func() (Authorizer, error) {
	m, err := model.NewModelFromString(rbacModel)
	if err != nil {
		return nil, fmt.Errorf("rbac model: %w", err)
	}
	enforcer, err := casbin.NewSyncedEnforcer(m, stringadapter.NewAdapter(rbacPolicy))
	if err != nil {
		return nil, fmt.Errorf("rbac policy: %w", err)
	}
	return func(_ context.Context, subject Subject, action string, object Object) error {
		own := object.Owner != uuid.Nil && object.Owner == subject.ID
		allowed, err := enforcer.Enforce(string(subject.Role), object.Type, own, action)
		switch {
		case err != nil:
			return fmt.Errorf("authorize: %w", err)
		case !allowed:
			return &NotAuthorizedError{Role: subject.Role, Action: action, Type: object.Type}
		}
		return nil
	}, nil
})
