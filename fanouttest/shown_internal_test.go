package fanouttest

import (
	"errors"
	"testing"
)

// TestShown checks that secrets and names of machines are removed, and nothing else.
func TestShown(t *testing.T) {
	for text, want := range map[string]string{
		"no such order":                          "no such order",
		"GET /api/v1/users/3: 500":               "GET /api/v1/users/3: 500",
		"a ratio of 3:4 (or 1): fine":            "a ratio of 3:4 (or 1): fine",
		"postgres://me:hunter2@db/x":             "postgres://me:***@db/x",
		"open /home/me/src/shop/seed.sql: gone":  "open seed.sql: gone",
		`open C:\Users\me\seed.sql: gone`:        "open seed.sql: gone",
		"mkdir /tmp/TestList/001: exists":        "mkdir 001: exists",
		"dial tcp 10.1.2.3:5432: refused":        "dial tcp ***: refused",
		"dial tcp [::1]:5432: refused":           "dial tcp ***: refused",
		"dial tcp: lookup db.internal: no host":  "dial tcp: lookup ***: no host",
		"lookup db on 10.1.2.3:53: no host":      "lookup *** on ***: no host",
		"dial unix /tmp/.s.PGSQL.5432: refused":  "dial unix ***: refused",
		"read tcp 10.1.2.3:1->10.1.2.4:2: reset": "read tcp ***->***: reset",
		"failed to connect to `user=me database=shop`:\n\tdb.internal:5432 (10.1.2.3): dial error: timeout": "failed to connect to `user=*** database=***`: ***: dial error: timeout",
		"\x1b[31mred": "<U+001B>[31mred",
	} {
		if got := shown(errors.New(text)); got != want {
			t.Errorf("%q\n got %s\nwant %s", text, got, want)
		}
	}
}
