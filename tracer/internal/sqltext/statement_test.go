package sqltext_test

import (
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/tracer/internal/sqltext"
)

func TestName(t *testing.T) {
	for _, c := range []struct{ name, sql, want string }{
		// A header of sqlc.
		{"one", "-- name: GetItem :one\nSELECT 1", "GetItem"},
		{"many", "-- name: GetItems :many\nSELECT 1", "GetItems"},
		{"exec", "-- name: DropItem :exec\nDELETE FROM item", "DropItem"},
		{"execrows", "-- name: DropItem :execrows\nDELETE FROM item", "DropItem"},
		{"execresult", "-- name: DropItem :execresult\nDELETE FROM item", "DropItem"},
		{"execlastid", "-- name: AddItem :execlastid\nINSERT INTO item VALUES (1)", "AddItem"},
		{"batchexec", "-- name: AddItem :batchexec\nINSERT INTO item VALUES (1)", "AddItem"},
		{"batchone", "-- name: GetItem :batchone\nSELECT 1", "GetItem"},
		{"batchmany", "-- name: GetItems :batchmany\nSELECT 1", "GetItems"},
		{"copyfrom", "-- name: AddItems :copyfrom\nINSERT INTO item VALUES (1)", "AddItems"},
		{"underscore and digits", "-- name: _get_item_2 :one\nSELECT 1", "_get_item_2"},
		{"no space after the dashes", "--name: GetItem :one\nSELECT 1", "GetItem"},
		{"space before", " \n\t-- name: GetItem :one\nSELECT 1", "GetItem"},
		{"Windows line ends", "-- name: GetItem :one\r\nSELECT 1", "GetItem"},
		{"block comment", "/* name: GetItem :one */ SELECT 1", "GetItem"},
		{"junk after the kind", "-- name: GetItem :one 'junk'\nSELECT 1", "GetItem"},

		// Not a header.
		{"header after the statement", "SELECT 1 -- name: GetItem :one\n", "SELECT ?"},
		{"header after another comment", "-- by hand\n-- name: GetItem :one\nSELECT 1", "SELECT ?"},
		{"header in a literal", "SELECT '-- name: GetItem :one'", "SELECT ?"},
		{"header without a kind", "-- name: GetItem\nSELECT 1", "SELECT ?"},
		{"header with a name that is none", "-- name: Get-Item :one\nSELECT 1", "SELECT ?"},
		{"header with a digit first", "-- name: 2Items :one\nSELECT 1", "SELECT ?"},
		{"header with a letter that is none of sqlc's", "-- name: GetÄpfel :one\nSELECT 1", "SELECT ?"},

		// Normalized SQL.
		{"nothing", "", ""},
		{"space", " \n\t ", ""},
		{"comment only", "-- nothing\n", ""},
		{"semicolon only", ";", ""},
		{"space is folded", "SELECT  *\n\tFROM   item", "SELECT * FROM item"},
		{"letter case is kept", "select * From Item", "select * From Item"},
		{"comments are removed", "SELECT /* a */ id -- b\nFROM item", "SELECT id FROM item"},
		{"nested comment", "/* a /* b */ c */ SELECT id FROM item", "SELECT id FROM item"},
		{"number", "SELECT * FROM item WHERE id = 42", "SELECT * FROM item WHERE id = ?"},
		{"negative number", "SELECT * FROM item WHERE id = -42", "SELECT * FROM item WHERE id = ?"},
		{"parameter", "SELECT * FROM item WHERE id = $1", "SELECT * FROM item WHERE id = ?"},
		{"string", "SELECT * FROM item WHERE name = 'it''s'", "SELECT * FROM item WHERE name = ?"},
		{"backslash in a string", `SELECT 'a\', 'b'`, "SELECT ?, ?"},
		{"dollar quotes", "SELECT $$it's$$, $q$ $$ $q$", "SELECT ?, ?"},
		{"jsonb", `SELECT '{"a": "b"}'::jsonb`, "SELECT ?::jsonb"},
		{"IN one", "SELECT id FROM item WHERE id IN (1)", "SELECT id FROM item WHERE id = ?"},
		{"IN three", "SELECT id FROM item WHERE id IN (1, 2, 3)", "SELECT id FROM item WHERE id = ?"},
		{"IN parameters", "SELECT id FROM item WHERE id IN ($1,$2)", "SELECT id FROM item WHERE id = ?"},
		{"one row", "INSERT INTO item VALUES ($1, $2)", "INSERT INTO item VALUES (?)"},
		{"three rows", "INSERT INTO item VALUES ($1, $2), ($3, $4), ($5, $6)", "INSERT INTO item VALUES (?)"},
		{"rows in lower case", "insert into item values (1, 'a'),(2, 'b')", "insert into item values (?)"},
		{"rows and what follows", "INSERT INTO item VALUES (1), (2) ON CONFLICT (id) DO NOTHING", "INSERT INTO item VALUES (?) ON CONFLICT (id) DO NOTHING"},
		{"rows with a keyword", "INSERT INTO item VALUES (DEFAULT, 1), (DEFAULT, 2)", "INSERT INTO item VALUES (DEFAULT, ?)"},
		{"rows with a call", "INSERT INTO item VALUES (1, now()), (2, now())", "INSERT INTO item VALUES (?, now())"},
		{"rows in FROM", "SELECT * FROM (VALUES (1, 'a'), (2, 'b')) v", "SELECT * FROM (VALUES (?)) v"},
		{"quotes that are needed are kept", `SELECT "T"."a b", "order" FROM "T"`, `SELECT "T"."a b", "order" FROM "T"`},
		{"other quotes are not", `SELECT * FROM "item" WHERE "item"."id" = $1`, "SELECT * FROM item WHERE item.id = ?"},
		{"a quote in quotes", `SELECT "a""b" FROM item`, `SELECT "a""b" FROM item`},
		{"several statements", "SELECT 1; SELECT 'a'", "SELECT ?; SELECT ?"},
		{"body of DO", "DO $$ BEGIN PERFORM 1; END $$", "DO ?"},
		{"name of a prepared statement", "ps1", "ps1"},
		{"identifiers in any script", "SELECT größe FROM 表", "SELECT größe FROM 表"},
		{"the name of what was too much", "…", "…"},
	} {
		if got := sqltext.Name(c.sql); got != c.want {
			t.Errorf("%s: Name(%q)\n got %q\nwant %q", c.name, c.sql, got, c.want)
		}
	}
}

// No value is in the name, in any quotes, even if the server would refuse the statement.
func TestNameHidesValues(t *testing.T) {
	for _, sql := range []string{
		`SELECT 'secret'`,
		`SELECT 'it''s secret'`,
		`SELECT 'a' 'secret'`,
		"SELECT 'a'\n'secret'",
		`SELECT E'secret'`,
		`SELECT E'it\'s secret'`,
		`SELECT e'\\', 'secret'`,
		`SELECT E'\\\'secret'`,
		`SELECT U&'\0061 secret'`,
		`SELECT U&'!0061 secret' UESCAPE '!'`,
		`SELECT N'secret'`,
		`SELECT $$secret$$`,
		`SELECT $$it's secret$$`,
		`SELECT $q$secret$q$`,
		`SELECT $q$ $$ secret $q$`,
		`SELECT $q_1$secret$q_1$`,
		`SELECT $é$secret$é$`,
		`SELECT $func$secret$func$`,
		"SELECT E'a'\n'b\\' secret'", // the escapes go on in the second part
		`SELECT '{"password": "secret"}'::jsonb`,
		`SELECT '{"a": {"b": ["secret"]}}'::jsonb -> 'secret'`,
		`SELECT ARRAY['secret', 'secret']`,
		`SELECT * FROM item WHERE name IN ('a', 'secret')`,
		`INSERT INTO item VALUES (1, 'a'), (2, 'secret')`,
		`INSERT INTO item VALUES (1, lower('secret')), (2, lower('secret'))`,
		`ALTER ROLE r PASSWORD 'secret'`,
		`NOTIFY c, 'secret'`,
		`CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $f$ SELECT 'secret' $f$`,
		"SELECT 1 -- secret",
		"SELECT 1 /* secret */",
		"SELECT 1 /* a /* b */ secret */",
		"SELECT 'secret",
		"SELECT E'secret\\'",
		"SELECT $$secret",
		"SELECT $q$secret",
		"SELECT /* secret",
		"SELECT 'x\x00secret'",
		"SELECT '\xff secret'",
		"-- name: GetItem :one secret\nSELECT 'secret'",
	} {
		if got := sqltext.Name(sql); strings.Contains(got, "secret") {
			t.Errorf("Name(%q) = %q, want the secret left out", sql, got)
		}
	}
	for _, sql := range []string{"SELECT 987654", "SELECT -987654", "SELECT 0.987654", "SELECT .987654", "SELECT 987654e9", "SELECT 1e987654", "SELECT 0x987654"} {
		if got := sqltext.Name(sql); strings.Contains(got, "987654") {
			t.Errorf("Name(%q) = %q, want the number left out", sql, got)
		}
	}
}

// The server refuses it, but it may be recorded before that.
func TestNameOfInvalidUTF8(t *testing.T) {
	for _, c := range []struct{ sql, want string }{
		{"SELECT '\xc3'", "SELECT ?"},
		{"SELECT '\xff', 1", "SELECT ?, ?"},
		{"SELECT $$\xf0\x9f$$", "SELECT ?"},
		{"SELECT id -- \xff", "SELECT id"},
		{"-- name: GetItem :one \xff\nSELECT 1", "GetItem"},
		{"-- name: Get\xff :one\nSELECT 1", "SELECT ?"},
		{"\xff", "\xff"},
	} {
		if got := sqltext.Name(c.sql); got != c.want {
			t.Errorf("Name(%q)\n got %q\nwant %q", c.sql, got, c.want)
		}
	}
}

func TestNameOfMegabyte(t *testing.T) {
	const size = 1 << 20
	for _, c := range []struct{ name, sql, want string }{
		{"string", "SELECT '" + strings.Repeat("x", size) + "'", "SELECT ?"},
		{"dollar quotes", "SELECT $q$" + strings.Repeat("$", size) + "$q$", "SELECT ?"},
		{"comment", "SELECT /*" + strings.Repeat("*", size) + "*/ id", "SELECT id"},
		{"IN list", "SELECT id FROM item WHERE id IN (" + strings.Repeat("1,", size/2) + "1)", "SELECT id FROM item WHERE id = ?"},
		{"rows", "INSERT INTO item VALUES " + strings.Repeat("(1,2),", size/6) + "(1,2)", "INSERT INTO item VALUES (?)"},
		{"signs", "SELECT 1; SELECT " + strings.Repeat("+-", size/2), ""},
		{"space", "SELECT" + strings.Repeat(" ", size) + "id", "SELECT id"},
		{"header", "-- name: GetItem :one\nSELECT '" + strings.Repeat("x", size) + "'", "GetItem"},
	} {
		if got := sqltext.Name(c.sql); got != c.want && (c.want != "" || len(got) > 100) {
			t.Errorf("%s: Name of a megabyte is %d bytes, %.60q…\nwant %q", c.name, len(got), got, c.want)
		}
	}
}
