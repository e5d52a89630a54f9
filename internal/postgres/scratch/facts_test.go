package scratch

import "testing"

func TestFacts(t *testing.T) {
	good := facts{version: "13.0", number: 130000, role: "r", mayCreate: true}
	if err := good.check(); err != nil {
		t.Error(err)
	}
	old, standby, role := good, good, good
	old.version, old.number = "12.22", 120022
	standby.readOnly = true
	role.role, role.mayCreate = "o\"h\x1b[31m", false
	for _, c := range []struct {
		facts facts
		want  string
	}{
		{old, "PostgreSQL 12.22 is too old; use version 13 or newer"},
		{standby, "the server is a read-only standby; use the primary"},
		{role, `the role may not create databases; allow it to: ALTER ROLE "o""h[31m" CREATEDB`},
	} {
		if err := c.facts.check(); err == nil || err.Error() != c.want {
			t.Errorf("%+v: %v, want %s", c.facts, err, c.want)
		}
	}
}
