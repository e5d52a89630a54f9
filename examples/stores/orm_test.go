package stores

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/Masterminds/squirrel"
	"github.com/doug-martin/goqu/v9"
	_ "github.com/doug-martin/goqu/v9/dialect/postgres"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/jmoiron/sqlx"
	"github.com/sourcegraph/conc/pool"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"golang.org/x/sync/errgroup"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/fanout-bench/fanout-bench/fanouttest"
	"github.com/fanout-bench/fanout-bench/fanouttest/testdb"
	"github.com/fanout-bench/fanout-bench/tracer"
	"github.com/fanout-bench/fanout-bench/tracer/testdata/sqlcstore"
)

// A User has Posts.
type User struct {
	bun.BaseModel `bun:"table:users" gorm:"-" db:"-"`

	ID    int `bun:",pk"`
	Name  string
	Posts []Post `bun:"rel:has-many,join:id=user_id" db:"-"`
}

type Post struct {
	bun.BaseModel `bun:"table:posts" gorm:"-" db:"-"`

	ID                int `bun:",pk"`
	UserID            int `db:"user_id"`
	Title, Body, Slug string
	CreatedAt         time.Time `db:"created_at"`
}

var blog = testdb.Template{Migrate: func(ctx context.Context, pool *pgxpool.Pool) error {
	_, err := pool.Exec(ctx, `CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL);
		CREATE TABLE item (id int PRIMARY KEY, name text NOT NULL);
		CREATE TABLE posts (id int PRIMARY KEY, user_id int NOT NULL REFERENCES users, title text NOT NULL, body text NOT NULL, slug text NOT NULL, created_at timestamptz NOT NULL);
		INSERT INTO users SELECT i, 'user ' || i FROM generate_series(1, 10) i;
		INSERT INTO item SELECT i, 'item ' || i FROM generate_series(1, 10) i;
		INSERT INTO posts SELECT i, i, 'title', 'body', 'slug', now() FROM generate_series(1, 10) i`)
	return err
}}

const (
	users = "SELECT id FROM users ORDER BY id LIMIT $1"
	posts = "SELECT id, user_id, title, body, slug, created_at FROM posts WHERE user_id = $1"
)

// A stack reads users and their posts with one library.
type stack struct {
	name string
	// lines is the number of lines to count it, in addition to those of pgx.
	lines int
	// read returns the number of users and posts.
	read func(pool *pgxpool.Pool, std *sql.DB) func(ctx context.Context, n int) (int, error)
	want string // name of the statement that grows; GetItem has its own
}

const whole = "SELECT id, user_id, title, body, slug, created_at FROM posts WHERE user_id = ?"

// first returns the ids of the first n users.
func first(n int) []int {
	ids := make([]int, n)
	for i := range ids {
		ids[i] = i + 1
	}
	return ids
}

var stacks = []stack{
	{"pgx", 0, func(pool *pgxpool.Pool, _ *sql.DB) func(context.Context, int) (int, error) {
		return func(ctx context.Context, n int) (int, error) {
			_, err := pool.Exec(ctx, users, n)
			for _, id := range first(n) {
				if err == nil {
					_, err = pool.Exec(ctx, posts, id) // site: pgx
				}
			}
			return n, err
		}
	}, whole},
	{"database/sql", 1, func(_ *pgxpool.Pool, std *sql.DB) func(context.Context, int) (int, error) {
		return func(ctx context.Context, n int) (int, error) {
			_, err := std.ExecContext(ctx, users, n)
			for _, id := range first(n) {
				if err == nil {
					_, err = std.ExecContext(ctx, posts, id) // site: database/sql
				}
			}
			return n, err
		}
	}, whole},
	{"sqlc", 0, func(pool *pgxpool.Pool, _ *sql.DB) func(context.Context, int) (int, error) {
		store := sqlcstore.New(pool)
		return func(ctx context.Context, n int) (int, error) {
			list, err := store.ListItems(ctx)
			for _, item := range list[:min(n, len(list))] {
				if err == nil {
					_, err = store.GetItem(ctx, item.ID) // site: sqlc
				}
			}
			return n, err
		}
	}, "GetItem"},
	{"sqlx", 2, func(_ *pgxpool.Pool, std *sql.DB) func(context.Context, int) (int, error) {
		db := sqlx.NewDb(std, "pgx")
		return func(ctx context.Context, n int) (int, error) {
			var ids []int
			err := db.SelectContext(ctx, &ids, users, n)
			for _, id := range ids {
				var list []Post
				if err == nil {
					err = db.SelectContext(ctx, &list, posts, id) // site: sqlx
				}
			}
			return len(ids), err
		}
	}, whole},
	{"GORM", 2, func(_ *pgxpool.Pool, std *sql.DB) func(context.Context, int) (int, error) {
		db, err := openGORM(std)
		return func(ctx context.Context, n int) (int, error) {
			if err != nil {
				return 0, err
			}
			var list []User
			err := db.WithContext(ctx).Order("id").Limit(n).Find(&list).Error
			for i := range list {
				if err == nil {
					err = db.WithContext(ctx).Select("id", "user_id", "title", "body", "slug", "created_at").Where(&Post{UserID: list[i].ID}).Find(&list[i].Posts).Error // site: GORM
				}
			}
			return len(list), err
		}
	}, "SELECT id, user_id, title, body, slug, created_at FROM posts WHERE posts.user_id = ?"},
	{"ent", 2, func(_ *pgxpool.Pool, std *sql.DB) func(context.Context, int) (int, error) {
		driver, table := entsql.OpenDB(dialect.Postgres, std), entsql.Dialect(dialect.Postgres)
		return func(ctx context.Context, n int) (int, error) {
			var (
				ids   []int
				found entsql.Rows
			)
			query, args := table.Select("id").From(entsql.Table("users")).OrderBy("id").Limit(n).Query()
			err := driver.Query(ctx, query, args, &found)
			if err == nil {
				err = entsql.ScanSlice(&found, &ids)
			}
			for _, id := range ids {
				var rows entsql.Rows
				query, args := table.Select("id", "user_id", "title", "body", "slug", "created_at").From(entsql.Table("posts")).Where(entsql.EQ("user_id", id)).Query()
				if err == nil {
					err = driver.Query(ctx, query, args, &rows) // site: ent
				}
				if err == nil {
					err = rows.Close()
				}
			}
			return len(ids), err
		}
	}, whole},
	{"bun", 2, func(_ *pgxpool.Pool, std *sql.DB) func(context.Context, int) (int, error) {
		db := bun.NewDB(std, pgdialect.New())
		return func(ctx context.Context, n int) (int, error) {
			var list []User
			err := db.NewSelect().Model(&list).Order("id").Limit(int64(n)).Scan(ctx)
			for i := range list {
				if err == nil {
					err = db.NewSelect().Model(&list[i].Posts).Where("user_id = ?", list[i].ID).Scan(ctx) // site: bun
				}
			}
			return len(list), err
		}
	}, "SELECT … FROM posts AS post WHERE (user_id = ?) #"},
	{"squirrel", 1, func(_ *pgxpool.Pool, std *sql.DB) func(context.Context, int) (int, error) {
		build := squirrel.StatementBuilder.PlaceholderFormat(squirrel.Dollar).RunWith(std)
		return func(ctx context.Context, n int) (int, error) {
			_, err := build.Select("id").From("users").OrderBy("id").Limit(uint64(n)).ExecContext(ctx)
			for _, id := range first(n) {
				if err == nil {
					_, err = build.Select("id", "user_id", "title", "body", "slug", "created_at").From("posts").Where(squirrel.Eq{"user_id": id}).ExecContext(ctx) // site: squirrel
				}
			}
			return n, err
		}
	}, whole},
	{"goqu", 2, func(_ *pgxpool.Pool, std *sql.DB) func(context.Context, int) (int, error) {
		db := goqu.New("postgres", std)
		return func(ctx context.Context, n int) (int, error) {
			var ids []int
			err := db.From("users").Select("id").Order(goqu.C("id").Asc()).Limit(uint(n)).ScanValsContext(ctx, &ids)
			for _, id := range ids {
				var titles []string
				if err == nil {
					err = db.From("posts").Select("title").Where(goqu.C("user_id").Eq(id)).ScanValsContext(ctx, &titles) // site: goqu
				}
			}
			return len(ids), err
		}
	}, "SELECT title FROM posts WHERE (user_id = ?)"},
	{"errgroup", 0, func(pool *pgxpool.Pool, _ *sql.DB) func(context.Context, int) (int, error) {
		return func(ctx context.Context, n int) (int, error) {
			_, err := pool.Exec(ctx, users, n)
			group, ctx := errgroup.WithContext(ctx)
			for _, id := range first(n) {
				group.Go(func() error {
					_, err := pool.Exec(ctx, posts, id) // site: errgroup
					return err
				})
			}
			if failed := group.Wait(); failed != nil {
				err = failed
			}
			return n, err
		}
	}, whole},
	{"conc", 0, func(db *pgxpool.Pool, _ *sql.DB) func(context.Context, int) (int, error) {
		return func(ctx context.Context, n int) (int, error) {
			_, err := db.Exec(ctx, users, n)
			group := pool.New().WithErrors()
			for _, id := range first(n) {
				group.Go(func() error {
					_, err := db.Exec(ctx, posts, id) // site: conc
					return err
				})
			}
			if failed := group.Wait(); failed != nil {
				err = failed
			}
			return n, err
		}
	}, whole},
}

func openGORM(std *sql.DB) (*gorm.DB, error) {
	return gorm.Open(postgres.New(postgres.Config{Conn: std}), &gorm.Config{Logger: logger.Discard, DisableAutomaticPing: true})
}

func newBlog(t *testing.T, recorder *tracer.Recorder) (*pgxpool.Pool, *sql.DB) {
	t.Helper()
	pool := blog.Pool(t, func(config *pgxpool.Config) { recorder.Attach(config.ConnConfig) })
	std := stdlib.OpenDBFromPool(pool)
	t.Cleanup(func() { std.Close() })
	return pool, std
}

// For each library, the statement that is executed N times is identified by its table and column,
// and by the user's own line.
func TestStacks(t *testing.T) {
	site := siteOf(t)
	var table strings.Builder
	fmt.Fprintf(&table, "%-14s%-7s%-9s%-19s%s\n", "stack", "lines", "law", "site", "name")
	for _, s := range stacks {
		t.Run(strings.ReplaceAll(s.name, "/", " "), func(t *testing.T) {
			for _, recorder := range []*tracer.Recorder{fanouttest.NewRecorder(), {Sites: true}} {
				read := s.read(newBlog(t, recorder))
				for _, n := range []int{1, 2, 4, 8} {
					ctx, scope := tracer.Start(t.Context(), s.name)
					got, err := read(ctx, n)
					recording := scope.End()
					if err != nil || got != n {
						t.Fatalf("%d users, %v, want %d", got, err, n)
					}
					if counts := recording.Counts(); counts.SQL != 1+n || counts.SQLUnique != 1+n {
						t.Errorf("%d statements for %d users, %d of them different, want one and one for each: %v", counts.SQL, n, counts.SQLUnique, counts.Statements)
					}
					for i, e := range queries(recording) {
						if i == 0 {
							continue
						}
						name, _, hashed := strings.Cut(e.Name, "#")
						if hashed {
							name += "#"
						}
						if name != s.want {
							t.Fatalf("the statement is called %q, want %q", e.Name, s.want)
						}
						if at := e.Stack[len(e.Stack)-1]; site[at.Site()] != s.name {
							t.Fatalf("it is asked for at %s %s, want the line of %s", at.Name(), at.Site(), s.name)
						}
						if n == 8 && i == 8 && recorder.Stacks {
							fmt.Fprintf(&table, "%-14s%-7d%-9s%-19s%s\n", s.name, s.lines, "1 + N", e.Stack[len(e.Stack)-1].Site(), e.Name)
						}
						for _, f := range e.Stack {
							if path.Base(f.File) != "orm_test.go" {
								t.Fatalf("its stack leads through %s %s", f.Name(), f.Site())
							}
						}
					}
				}
			}
		})
	}
	t.Logf("\n%s", table.String())
}

func queries(recording tracer.Recording) []tracer.Event {
	return slices.DeleteFunc(recording.Events, func(e tracer.Event) bool { return e.Kind != tracer.KindQuery })
}

// siteOf returns the lines that comments in this file name.
func siteOf(t *testing.T) map[string]string {
	t.Helper()
	source, err := os.ReadFile("orm_test.go")
	if err != nil {
		t.Fatal(err)
	}
	sites, line := map[string]string{}, 0
	for text := range strings.Lines(string(source)) {
		line++
		if _, name, ok := strings.Cut(strings.TrimSpace(text), "// site: "); ok {
			sites[fmt.Sprintf("orm_test.go:%d", line)] = name
		}
	}
	return sites
}

// Code that loads relations writes "=" for one user and IN for several, or a list of any length.
// It is one statement, executed once.
func TestPreload(t *testing.T) {
	for name, load := range map[string]func(std *sql.DB) func(ctx context.Context, n int) (int, error){
		"GORM": func(std *sql.DB) func(ctx context.Context, n int) (int, error) {
			db, err := openGORM(std)
			return func(ctx context.Context, n int) (int, error) {
				if err != nil {
					return 0, err
				}
				var list []User
				return n, db.WithContext(ctx).Preload("Posts").Order("id").Limit(n).Find(&list).Error
			}
		},
		"bun": func(std *sql.DB) func(ctx context.Context, n int) (int, error) {
			db := bun.NewDB(std, pgdialect.New())
			return func(ctx context.Context, n int) (int, error) {
				var list []User
				return n, db.NewSelect().Model(&list).Relation("Posts").Order("id").Limit(int64(n)).Scan(ctx)
			}
		},
		"squirrel": func(std *sql.DB) func(ctx context.Context, n int) (int, error) {
			build := squirrel.StatementBuilder.PlaceholderFormat(squirrel.Dollar).RunWith(std)
			return func(ctx context.Context, n int) (int, error) {
				_, err := build.Select("id").From("users").OrderBy("id").Limit(uint64(n)).ExecContext(ctx)
				if err == nil {
					_, err = build.Select("*").From("posts").Where(squirrel.Eq{"user_id": first(n)}).ExecContext(ctx)
				}
				return n, err
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			recorder := fanouttest.NewRecorder()
			_, std := newBlog(t, recorder)
			read := load(std)
			names := map[string]int{}
			for _, n := range []int{1, 2, 4, 8} {
				ctx, scope := tracer.Start(t.Context(), name)
				if _, err := read(ctx, n); err != nil {
					t.Fatal(err)
				}
				for _, e := range queries(scope.End()) {
					names[e.Name]++
				}
			}
			if len(names) != 2 {
				t.Errorf("statements %v, want two", names)
			}
			for name, count := range names {
				if count != 4 {
					t.Errorf("%q is sent in %d of 4 runs, want all", name, count)
				}
			}
		})
	}
}
