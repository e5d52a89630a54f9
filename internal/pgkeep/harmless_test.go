package pgkeep

import (
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
)

var volatile = map[string]bool{"set_config": true, "setseed": true, "nextval": true}

func TestReads(t *testing.T) {
	for sql, want := range map[string]bool{
		"SELECT 1":     true,
		"select 1 ;\n": true,
		"-- name: GetItem :one\nSELECT * FROM items WHERE id = $1":     true,
		"-- one\r-- two\n  WITH a AS (SELECT 1) TABLE a":               true,
		"(SELECT 1) UNION (VALUES (2))":                                true,
		"SELECT 'set' AS set, do FROM call":                            true,
		"SHOW work_mem":                                                true,
		"begin isolation level serializable":                           true,
		"rollback to savepoint sp_1":                                   true,
		"-- ping":                                                      true,
		"":                                                             true,
		"SET work_mem = '8MB'":                                         false,
		"set local app.tenant = '7'":                                   false,
		"SELECT set_config('app.tenant', '7', false)":                  false,
		"SELECT pg_catalog.SET_CONFIG('app.tenant', '7', false)":       false,
		`SELECT "set_config"('app.tenant', '7', false)`:                false,
		`SELECT U&"set\005fconfig"('app.tenant', '7', false)`:          false,
		"SELECT setseed(0.5)":                                          false,
		"SELECT id, nextval('s') FROM items":                           false,
		"SELECT 1; SET app.tenant = '7'":                               false,
		"BEGIN; SET app.tenant = '7'":                                  false,
		"/* SELECT */ SET app.tenant = '7'":                            false,
		"/* /* */ SELECT */ SET app.tenant = '7'":                      false,
		"-- SELECT\rSET app.tenant = '7'":                              false,
		"--\n--\nSET app.tenant = '7'":                                 false,
		"\f--select\nSET app.tenant = 7":                               false,
		"\v-- SELECT\nSET app.tenant = 7":                              false,
		"SELECT 1 INTO TEMP t":                                         false,
		"WITH a AS (DELETE FROM items RETURNING id) SELECT * FROM a":   false,
		"UPDATE pg_settings SET setting = '8MB'":                       false,
		"SELECT FROM items FOR UPDATE":                                 false,
		"INSERT INTO items VALUES (1)":                                 false,
		"CREATE TEMP TABLE t (id int)":                                 false,
		"DO $$ BEGIN PERFORM set_config('app.tenant', '7', false) END": false,
		"CALL p()":                   false,
		"LOAD 'auto_explain'":        false,
		"LISTEN events":              false,
		"DECLARE c CURSOR FOR TABLE": false,
		"PREPARE q AS SELECT 1":      false,
		"COPY items TO STDOUT":       false,
		"EXPLAIN SELECT 1":           false,
		"SET ROLE other":             false,
	} {
		if got := reads(sql, volatile); got != want {
			t.Errorf("reads(%q) = %t, want %t", sql, got, want)
		}
	}
}

func TestHarmless(t *testing.T) {
	query := func(sql string) pgproto3.FrontendMessage { return &pgproto3.Query{String: sql} }
	parse := func(sql string) pgproto3.FrontendMessage {
		return &pgproto3.Parse{Name: "set app.x = 1", Query: sql}
	}
	encoded := func(messages ...pgproto3.FrontendMessage) []byte {
		var all []byte
		for _, m := range messages {
			var err error
			if all, err = m.Encode(all); err != nil {
				t.Fatal(err)
			}
		}
		return all
	}
	whole := encoded(query("SELECT 1"), parse("SELECT $1::int"), &pgproto3.Bind{Parameters: [][]byte{[]byte("SET x.y = 1")}}, &pgproto3.Sync{})
	for _, test := range []struct {
		name     string
		messages []byte
		want     bool
	}{
		{"reads", whole, true},
		{"nothing", nil, true},
		{"a password", encoded(&pgproto3.PasswordMessage{Password: "set app.x = 1"}), true},
		{"a setting", encoded(query("SELECT 1"), query("SET app.x = 1")), false},
		{"a prepared setting", encoded(parse("SELECT 1"), parse("SET app.x = 1"), &pgproto3.Sync{}), false},
		{"a function of the protocol", encoded(&pgproto3.FunctionCall{}), false},
		{"rows", encoded(&pgproto3.CopyData{Data: []byte("1")}), false},
		{"part of a message", whole[:len(whole)-1], false},
		{"part of a header", whole[:3], false},
		{"an impossible length", []byte{'S', 0, 0, 0, 3}, false},
		{"a length beyond the data", []byte{'Q', 0xff, 0xff, 0xff, 0xff, 'S'}, false},
	} {
		if got := harmless(test.messages, volatile); got != test.want {
			t.Errorf("%s: %t, want %t", test.name, got, test.want)
		}
	}
}

// No prefix of a message counts as harmless.
func FuzzHarmless(f *testing.F) {
	f.Add([]byte("Q\x00\x00\x00\x0dSELECT 1\x00"))
	f.Add([]byte("P\x00\x00\x00\x08\x00S\x00\x00"))
	f.Fuzz(func(t *testing.T, messages []byte) {
		if harmless(messages, volatile) && len(messages) > 0 && len(messages) < 5 {
			t.Error("a part of a message counts as a whole message")
		}
	})
}
