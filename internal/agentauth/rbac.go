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

// A Role names rights defined in rbac_policy.csv.
type Role string

const (
	// RoleSystemRestricted is the server itself: it reads what every request needs,
	// and nothing that users own.
	RoleSystemRestricted Role = "system-restricted"
	RoleOwner            Role = "owner"
	RoleMember           Role = "member"
	RoleAuditor          Role = "auditor"
)

// A Subject performs actions. Equal subjects have equal rights.
type Subject struct {
	ID   uuid.UUID
	Role Role
}

type actorKey struct{}

// WithActor returns a context in which reads are authorized for actor.
func WithActor(ctx context.Context, actor Subject) context.Context {
	return context.WithValue(ctx, actorKey{}, actor)
}

// actorFrom returns the actor of ctx, or a Subject without rights.
func actorFrom(ctx context.Context) Subject {
	actor, _ := ctx.Value(actorKey{}).(Subject)
	return actor
}

// An Object is the target of an action.
type Object struct {
	Type  string    // workspace, template, system
	ID    uuid.UUID // zero for system
	Owner uuid.UUID // zero if nobody owns it
}

// Read is the only action on this path.
const Read = "read"

// An Authorizer decides about access. It returns a [*NotAuthorizedError] for a denial
// and another error if it could not decide. One call is one check.
type Authorizer func(ctx context.Context, subject Subject, action string, object Object) error

// CheckLabel returns the name of a check in reports.
func CheckLabel(action string, object Object) string { return action + " " + object.Type }

// A NotAuthorizedError is a denial. It does not tell whether the object
// exists.
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

// casbinAuthorizer is safe for concurrent use. The rules are parsed once, because parsing
// takes longer than a request.
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
