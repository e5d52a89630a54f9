package sqltext_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/tracer/internal/sqltext"
)

// The first of each list is a name, and the others are the same statement.
func TestSameName(t *testing.T) {
	for _, same := range [][]string{
		{
			"SELECT name FROM item WHERE id = ?",
			"SELECT name FROM item WHERE id = $1", "SELECT name FROM item WHERE id=$12", "SELECT name FROM item WHERE id = @id", "SELECT name FROM item WHERE id=@id",
			"SELECT name FROM item WHERE id=?", "SELECT name FROM item WHERE id = 'a'", "SELECT name FROM item WHERE id = E'\\'", "SELECT name FROM item WHERE id = $$a$$",
			"SELECT name FROM item WHERE id = -42", "SELECT name FROM item WHERE id = - 1.5e-3", "SELECT name FROM item WHERE id =+1", "SELECT name FROM item WHERE id = 0x1F",
			"SELECT name FROM item WHERE id = TRUE", "SELECT name FROM item WHERE id = null",
			"SELECT\n\tname -- the name\nFROM item /* all */ WHERE id = 1;", "-- an old line end\rSELECT name FROM item WHERE id = 1", ";SELECT name FROM item WHERE id = $1 ; ;",
			`SELECT "name" FROM "item" WHERE "id" = $1`,
			// As an ORM writes several values.
			"SELECT name FROM item WHERE id IN ($1)", "SELECT name FROM item WHERE id IN ($1,$2)", "SELECT name FROM item WHERE id in (1, -2, 3)",
			"SELECT name FROM item WHERE id IN (NULL)", "SELECT name FROM item WHERE id IN ('a', NULL, 'b')",
		},
		{
			"SELECT name FROM item WHERE (a, b) = (?)",
			"SELECT name FROM item WHERE (a,b) = ($1,$2)", "SELECT name FROM item WHERE (a,b) IN (($1,$2))", "SELECT name FROM item WHERE (a,b) IN (($1,$2),($3,$4))",
		},
		{"SELECT name FROM item WHERE id <> ?", "SELECT name FROM item WHERE id != $1", "SELECT name FROM item WHERE id NOT IN ($1)", "SELECT name FROM item WHERE id NOT IN ($1, $2)"},
		{"SELECT name FROM item WHERE id = ?::uuid", "SELECT name FROM item WHERE id IN ($1::uuid)", "SELECT name FROM item WHERE id IN ('a'::uuid, $2 :: uuid)"},
		{"SELECT name FROM item WHERE id = any(?)", "SELECT name FROM item WHERE id = any ($1)", "SELECT name FROM item WHERE id = any('{1,2}')"},
		{"SELECT name FROM item WHERE id = any(ARRAY[?])", "SELECT name FROM item WHERE id = any(ARRAY[1])", "SELECT name FROM item WHERE id = any(ARRAY [1, 2, 3])"},
		{"INSERT INTO item (id, name) VALUES (?)", "INSERT INTO item(id,name) VALUES ($1,$2)", "INSERT INTO item (id, name) VALUES (1, NULL), (2, 'b'), (3, TRUE)"},
		{"INSERT INTO item VALUES (DEFAULT, ?), (?)", "INSERT INTO item VALUES (DEFAULT, 1), (2, 3)", "INSERT INTO item VALUES (DEFAULT, 1), (2, 3), (DEFAULT, 4), (5, 6)"},
		{"INSERT INTO item VALUES (?, lower(?))", "INSERT INTO item VALUES ($1, lower($2))", "INSERT INTO item VALUES ($1, lower($2)), ($3, lower($4))"},
		{"SELECT f(?)", "SELECT f($1)", "SELECT f($1, $2)"},
		{"savepoint ?", "savepoint sp_1", "savepoint sp0xc000012345;", `savepoint "a b"`},
		{"release savepoint ?", "release savepoint sp_1", `release savepoint "Sp"`}, {"release ?", "release sp_1"},
		{"rollback to savepoint ?", "rollback to savepoint sp_1"}, {"rollback work to ?", "rollback work to sp_1"},
		{"begin; savepoint ?; savepoint ?", "begin; savepoint a; savepoint b"},
	} {
		for _, sql := range same {
			if got := sqltext.Name(sql); got != same[0] {
				t.Errorf("Name(%q)\n got %q\nwant %q", sql, got, same[0])
			}
		}
	}
}

// All of these have different names.
func TestDifferentNames(t *testing.T) {
	const from = "FROM a_table_of_items WHERE a_column_of_it = $1 AND another_column_of_it = $2"
	known := map[string]string{}
	for _, sql := range []string{
		"SELECT a FROM item", "SELECT A FROM item", `SELECT "A" FROM item`, `SELECT "a""" FROM item`, `SELECT "a" FROM "item" "select"`, "SELECT a FROM item select",
		"SELECT a - 1", "SELECT a, -1", "SELECT a + 1", "SELECT -a", "SELECT - $1", "SELECT CASE WHEN a THEN b END - 1", "SELECT CASE WHEN a THEN b END + 1",
		"SELECT * FROM item WHERE a IS NULL", "SELECT * FROM item WHERE a IS NOT NULL", "SELECT * FROM item WHERE a IS TRUE", "SELECT * FROM item WHERE a = $1",
		"SELECT * FROM item WHERE a = b", "SELECT * FROM item WHERE a = ANY($1)", "SELECT * FROM item WHERE a <> $1", "SELECT * FROM item WHERE a IN (SELECT $1)",
		"SELECT * FROM item WHERE a IN ($1 + b)", "SELECT * FROM item WHERE a IN (b)", "SELECT * FROM item WHERE a IN (b, c)", "SELECT * FROM item WHERE a IN ($1, c)",
		"SELECT * FROM item WHERE a @> $1", "SELECT * FROM item WHERE a <@ $1", "SELECT * FROM item WHERE a ?| $1", "SELECT * FROM item WHERE a ?& $1", "SELECT * FROM item WHERE a @? $1", "SELECT * FROM item WHERE @ a",
		"SELECT * FROM item WHERE a -> 'b'", "SELECT * FROM item WHERE a ->> 'b'", "SELECT * FROM item WHERE a ? 'b'", "SELECT * FROM item WHERE a::int = $1",
		"SELECT savepoint a FROM item", "SELECT savepoint b FROM item", "ALTER TABLE item RENAME TO a", "ALTER TABLE item RENAME TO b",
		"begin; ALTER TABLE item RENAME TO a", "savepoint a", "savepoint a; release a", "rollback", "rollback work", "rollback to a", "rollback and no chain",
		"INSERT INTO item VALUES (DEFAULT)", "INSERT INTO item VALUES (now())", "INSERT INTO item VALUES (now()), ($1)",
		// The same, short enough to read.
		"SELECT a_first_column, a_second_column " + from, "SELECT a_first_column, a_third_column " + from, "SELECT a_first_column, another AS a_second_column " + from,
		"SELECT DISTINCT a_first_column, a_second_column " + from, "SELECT a_first_column, a_second_column " + from + " ORDER BY a_first_column, a_second_column",
		"SELECT a_first_column, a_second_column " + from + " ORDER BY a_second_column, a_first_column",
		"SELECT * " + from + strings.Repeat(" AND x = $3", 100), "SELECT * " + from + strings.Repeat(" AND x = $3", 101),
		`SELECT "A" ` + from + strings.Repeat(" ", 50) + "ORDER BY a_first_column, a_second_column", `SELECT a ` + from + "ORDER BY a_first_column, a_second_column",
	} {
		name := sqltext.Name(sql)
		if other, same := known[name]; same {
			t.Errorf("%q and\n%q are both %q", sql, other, name)
		}
		known[name] = sql
	}
}

var hash = regexp.MustCompile(` #[0-9a-f]{7}$`)

// Names of statements that are too long for a line have the tables and the columns in conditions.
func TestLongNames(t *testing.T) {
	for _, c := range []struct{ name, sql, want string }{
		{
			"GORM", `SELECT * FROM "posts" WHERE "posts"."user_id" IN ($1,$2,$3) AND "posts"."deleted_at" IS NULL`,
			"SELECT * FROM posts WHERE posts.user_id = ? AND posts.deleted_at IS NULL",
		},
		{
			"GORM, columns", `SELECT "posts"."id","posts"."created_at","posts"."updated_at","posts"."title" FROM "posts" WHERE "posts"."user_id" = $1`,
			"SELECT … FROM posts WHERE posts.user_id = ? #",
		},
		{
			"bun", `SELECT "post"."id", "post"."user_id", "post"."title", "post"."body" FROM "posts" AS "post" WHERE ("post"."user_id" IN (1, 2))`,
			"SELECT … FROM posts AS post WHERE (post.user_id = ?) #",
		},
		{
			"ent", `SELECT DISTINCT "posts"."id", "posts"."title", "posts"."body", "posts"."user_posts" FROM "posts" WHERE "user_posts" IN ($1, $2) ORDER BY "posts"."id"`,
			"SELECT DISTINCT … FROM posts WHERE user_posts = ? ORDER BY posts.id #",
		},
		{
			"a join", `SELECT o.id, o.total, c.name FROM orders o JOIN customers c ON c.id = o.customer_id AND c.tenant_id = o.tenant_id WHERE o.status = $1`,
			"SELECT … FROM orders o JOIN customers c ON … WHERE o.status = ? #",
		},
		{
			"insert", `INSERT INTO "posts" ("created_at","updated_at","user_id","title") VALUES ($1,$2,$3,$4),($5,$6,$7,$8) RETURNING "id", "created_at", "title"`,
			"INSERT INTO posts (…) VALUES (?) RETURNING … #",
		},
		{
			"update", `UPDATE "posts" SET "created_at"=$1,"updated_at"=$2,"user_id"=$3,"title"=$4,"body"=$5,"published"=$6 WHERE "posts"."deleted_at" IS NULL AND "id" = $7`,
			"UPDATE posts SET … WHERE posts.deleted_at IS NULL AND id = ? #",
		},
		{
			"upsert", `INSERT INTO posts (id, user_id, title) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id, title = excluded.title`,
			"INSERT INTO posts (…) VALUES (?) ON CONFLICT (id) DO UPDATE SET … #",
		},
		{
			"a statement within", `WITH recent AS (SELECT id, user_id, title FROM posts WHERE created_at > now() - interval '1 day') SELECT count(*) FROM recent WHERE user_id = $1`,
			"WITH recent AS (…) SELECT count(*) FROM recent WHERE user_id = ? #",
		},
		{
			"a list with statements", `SELECT id, (SELECT count(*) FROM comments WHERE post_id = p.id), x IS DISTINCT FROM y FROM posts p WHERE p.user_id = $1`,
			"SELECT … FROM posts p WHERE p.user_id = ? #",
		},
		{
			"many conditions", `SELECT id FROM posts WHERE a_long_column = $1 AND a_longer_column = $2 AND the_longest_column_of_all_of_them = $3`,
			"SELECT id FROM posts WHERE a_long_column = ? AND a_longer_column = ? … #",
		},
		{"a long word", "SELECT " + strings.Repeat("é", 1000), "SELECT " + strings.Repeat("é", 32) + " … #"},
	} {
		got := sqltext.Name(c.sql)
		if readable := hash.ReplaceAllString(got, " #"); readable != c.want {
			t.Errorf("%s\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}
