package agentauth

import (
	"testing"

	"github.com/google/uuid"
)

// rights says which roles may read an object of their own and one of another subject.
// Nobody owns the system or a template, so both answers are the same there.
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
	authorize := testAuthorizer(t)
	me := uuid.New()
	for _, r := range rights {
		for owner, allowed := range map[uuid.UUID]bool{me: r.own, uuid.New(): r.other} {
			err := authorize(t.Context(), Subject{ID: me, Role: r.role}, Read, Object{Type: r.object, ID: uuid.New(), Owner: owner})
			if allowed != (err == nil) || err != nil && !denied(err) {
				t.Errorf("%q reads %s, own: %v: got %v, want allowed: %v", r.role, r.object, owner == me, err, allowed)
			}
		}
	}
}
