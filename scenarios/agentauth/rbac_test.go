package agentauth

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
)

// rights says who may read what: a thing of the subject's own, and another's.
// Nobody owns the system or a template, so there the two agree.
var rights = []struct {
	role       Role
	object     string
	own, other bool
}{
	{RoleSystemRestricted, "system", true, true},
	{RoleSystemRestricted, "workspace", true, true},
	{RoleSystemRestricted, "template", true, true},
	{RoleOwner, "system", true, true},
	{RoleOwner, "workspace", true, true},
	{RoleOwner, "template", true, true},
	{RoleMember, "system", false, false},
	{RoleMember, "workspace", true, false},
	{RoleMember, "template", true, true},
	{RoleAuditor, "system", false, false},
	{RoleAuditor, "workspace", true, false},
	{RoleAuditor, "template", true, true},

	{RoleSystemRestricted, "secret", false, false},
	{RoleMember, "secret", false, false},
	{RoleAuditor, "secret", false, false},
	{"", "workspace", false, false},
	{"", "system", false, false},
	{"nobody", "workspace", false, false},
	{"nobody", "template", false, false},
	{"*", "workspace", false, false},
	{"any", "workspace", false, false},
	{"Owner", "workspace", false, false},
	{"owner ", "workspace", false, false},
	{"workspace", "workspace", false, false},
}

func TestRights(t *testing.T) {
	engine := testEngine(t)
	me := uuid.New()
	for _, r := range rights {
		for owner, allowed := range map[uuid.UUID]bool{me: r.own, uuid.New(): r.other} {
			err := engine.Authorize(t.Context(), Subject{ID: me, Role: r.role}, Read, Object{Type: r.object, ID: uuid.New(), Owner: owner})
			if allowed != (err == nil) || err != nil && !denied(err) {
				t.Errorf("%q reads %s, own: %v: got %v, want allowed: %v", r.role, r.object, owner == me, err, allowed)
			}
		}
	}
}

func TestReadingIsAllThatIsAllowed(t *testing.T) {
	engine := testEngine(t)
	me := uuid.New()
	for _, r := range rights {
		for _, action := range []string{"", "update", "delete", "Read", "*", "any"} {
			err := engine.Authorize(t.Context(), Subject{ID: me, Role: r.role}, action, Object{Type: r.object, Owner: me})
			if !denied(err) {
				t.Errorf("%q may %q %s: got %v, want a denial", r.role, action, r.object, err)
			}
		}
	}
}

// A subject without an ID owns nothing, not even what nobody owns.
func TestNobodyOwnsWhatHasNoOwner(t *testing.T) {
	for _, role := range []Role{RoleMember, RoleAuditor, ""} {
		err := testEngine(t).Authorize(t.Context(), Subject{Role: role}, Read, Object{Type: "workspace", ID: uuid.New()})
		if !denied(err) {
			t.Errorf("%q without an ID reads a workspace without an owner: got %v, want a denial", role, err)
		}
	}
}

func TestWithoutAnActorNothingMayBeRead(t *testing.T) {
	layer := NewLayer(nil, testEngine(t), systemFastPath)
	if err := layer.mayReadSystem(t.Context()); !denied(err) {
		t.Errorf("system: got %v, want a denial", err)
	}
	if err := layer.mayReadWorkspace(t.Context(), Workspace{}); !denied(err) {
		t.Errorf("workspace: got %v, want a denial", err)
	}
	if err := layer.mayReadTemplate(t.Context(), Template{}); !denied(err) {
		t.Errorf("template: got %v, want a denial", err)
	}
}

func TestDenialNamesNoID(t *testing.T) {
	me, object := Subject{ID: uuid.New(), Role: RoleMember}, Object{Type: "workspace", ID: uuid.New(), Owner: uuid.New()}
	err := testEngine(t).Authorize(t.Context(), me, Read, object)
	var refused *NotAuthorizedError
	if !errors.As(err, &refused) || *refused != (NotAuthorizedError{Role: RoleMember, Action: Read, Type: "workspace"}) {
		t.Fatalf("got %#v, want a *NotAuthorizedError for a member who reads a workspace", err)
	}
	for _, id := range []uuid.UUID{me.ID, object.ID, object.Owner} {
		if strings.Contains(err.Error(), id.String()) {
			t.Errorf("got %q, want it without the ID %s", err, id)
		}
	}
}

func TestRightsUnderConcurrentUse(t *testing.T) {
	engine := testEngine(t)
	me := uuid.New()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for _, r := range rights {
				err := engine.Authorize(t.Context(), Subject{ID: me, Role: r.role}, Read, Object{Type: r.object, Owner: me})
				if r.own != (err == nil) || err != nil && !denied(err) {
					t.Errorf("%q reads its own %s: got %v, want allowed: %v", r.role, r.object, err, r.own)
				}
			}
		})
	}
	all.Wait()
}
