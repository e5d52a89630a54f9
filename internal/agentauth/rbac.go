package agentauth

import (
	"context"
	_ "embed"
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
type Authorizer interface {
	Authorize(ctx context.Context, subject Subject, action string, object Object) error
}

// AuthorizerFunc is a function that is an Authorizer.
type AuthorizerFunc func(ctx context.Context, subject Subject, action string, object Object) error

// Authorize calls f.
func (f AuthorizerFunc) Authorize(ctx context.Context, subject Subject, action string, object Object) error {
	return f(ctx, subject, action, object)
}

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

var (
	//go:embed rbac_model.conf
	rbacModel string
	//go:embed rbac_policy.csv
	rbacPolicy string
)

// Engine is the Authorizer on casbin. It is safe for concurrent use.
type Engine struct{ enforcer *casbin.SyncedEnforcer }

// NewEngine returns the Engine with the rules of this package. Parsing them
// takes longer than a request, so they are parsed once.
func NewEngine() (*Engine, error) { return newEngine() }

var newEngine = sync.OnceValues(func() (*Engine, error) {
	m, err := model.NewModelFromString(rbacModel)
	if err != nil {
		return nil, fmt.Errorf("rbac model: %w", err)
	}
	enforcer, err := casbin.NewSyncedEnforcer(m, stringadapter.NewAdapter(rbacPolicy))
	if err != nil {
		return nil, fmt.Errorf("rbac policy: %w", err)
	}
	return &Engine{enforcer: enforcer}, nil
})

// Authorize decides by the rules; it never fails to decide with valid rules.
func (e *Engine) Authorize(_ context.Context, subject Subject, action string, object Object) error {
	own := object.Owner != uuid.Nil && object.Owner == subject.ID
	allowed, err := e.enforcer.Enforce(string(subject.Role), object.Type, own, action)
	switch {
	case err != nil:
		return fmt.Errorf("authorize: %w", err)
	case !allowed:
		return &NotAuthorizedError{Role: subject.Role, Action: action, Type: object.Type}
	}
	return nil
}
