package callsite

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Stacks show the user's own code if there is any.
func TestOwnFrames(t *testing.T) {
	const cache = "/home/ann/go/pkg/mod/"
	var (
		test    = Site{function: "example.com/shop/orders.TestList", file: "/home/ann/shop/orders/list_test.go"}
		list    = Site{function: "example.com/shop/orders.List", file: "/home/ann/shop/orders/list.go"}
		literal = Site{function: "example.com/shop/orders.List.func1", file: "/home/ann/shop/orders/list.go"}
		command = Site{function: "main.main", file: "/home/ann/shop/cmd/server/main.go"}
		sibling = Site{function: "example.com/kit.Do", file: "/home/ann/kit/do.go"} // of the workspace, or a folder that replaces it
		orm     = Site{function: "gorm.io/gorm.(*DB).Find", file: cache + "gorm.io/gorm@v1.31.2/finisher_api.go"}
		group   = Site{function: "golang.org/x/sync/errgroup.(*Group).Go.func1", file: cache + "golang.org/x/sync@v0.25.0/errgroup/errgroup.go"}
		inlined = Site{function: "example.com/shop/orders.List.(*Group).Go.func2", file: cache + "golang.org/x/sync@v0.25.0/errgroup/errgroup.go"}
		waiting = Site{function: "sync.(*WaitGroup).Go.func1", file: "/usr/local/go/src/sync/waitgroup.go"}
		message = Site{function: "example.com/shop/pb.(*client).List", file: "example.com/shop/pb/shop.pb.go"}
		store   = Site{function: "example.com/shop/db.(*Queries).ListOrders", file: "/nowhere/db/orders.sql.go"}
		byValue = Site{function: "example.com/shop/db.Queries.ListOrders", file: "/nowhere/db/orders.sql.go"}
		retry   = Site{function: "example.com/shop/db.(*Retry).Query", file: "/home/ann/shop/db/retry.go"}
		pgx     = Site{function: "github.com/jackc/pgx/v5.(*Conn).Query", file: cache + "github.com/jackc/pgx/v5@v5.12.0/conn.go"}
	)
	at := func(s Site, file string) Site { s.file = file; return s }
	for _, c := range []struct {
		name  string
		stack []Site
		skip  []string
		want  []string
	}{
		{"an ORM", []Site{test, list, orm, pgx}, nil, []string{"TestList", "List"}},
		{"an ORM that calls back", []Site{test, orm, list, orm, pgx}, nil, []string{"TestList", "List"}},
		{"an ORM that is left out, too", []Site{test, list, orm}, []string{"gorm.io/"}, []string{"TestList", "List"}},
		{"an ORM in GOMODCACHE", []Site{list, at(orm, "/cache/gorm.io/gorm@v1.31.2/finisher_api.go")}, nil, []string{"List"}},
		{"an ORM on Windows", []Site{list, at(orm, "C:/Users/ann/go/pkg/mod/gorm.io/gorm@v1.31.2/finisher_api.go")}, nil, []string{"List"}},
		{"an ORM, -trimpath", []Site{at(list, "example.com/shop/orders/list.go"), at(orm, "gorm.io/gorm@v1.31.2/finisher_api.go")}, nil, []string{"List"}},
		{"a vendored ORM", []Site{list, at(orm, "/home/ann/shop/vendor/gorm.io/gorm/finisher_api.go")}, nil, []string{"List"}},
		{"an ORM in Bazel", []Site{at(list, "orders/list.go"), at(orm, "external/io_gorm_gorm/finisher_api.go")}, nil, []string{"List"}},
		{"errgroup", []Site{group, literal, pgx}, nil, []string{"List"}},
		{"errgroup, inlined", []Site{inlined, literal, pgx}, nil, []string{"List"}},
		{"sync", []Site{waiting, literal, pgx}, nil, []string{"List"}},
		{"a module beside", []Site{test, sibling, list, pgx}, nil, []string{"TestList", "Do", "List"}},
		{"a module beside, -trimpath", []Site{test, at(sibling, "example.com/kit/do.go"), list}, nil, []string{"TestList", "Do", "List"}},
		{"a module that a folder replaces, -trimpath", []Site{test, at(sibling, "example.com/kit@v0.0.0-00010101000000-000000000000/do.go"), list}, nil, []string{"TestList", "Do", "List"}},
		{"a command that go install made", []Site{at(command, cache+"example.com/shop@v1.0.0/cmd/server/main.go"), at(list, cache+"example.com/shop@v1.0.0/orders/list.go"), orm}, nil, []string{"main", "List"}},
		{"generated", []Site{list, message, orm}, nil, []string{"List"}},
		{"a store", []Site{test, list, store, pgx}, nil, []string{"TestList", "List"}},
		{"what a store calls", []Site{list, store, retry, pgx}, nil, []string{"List"}},
		{"a store by value", []Site{list, byValue, retry, pgx}, nil, []string{"List"}},

		// Without other frames.
		{"nothing but an ORM", []Site{group, orm, pgx}, nil, []string{"Group.Go", "DB.Find"}},
		{"an ORM, and the rest left out", []Site{group, orm, pgx}, []string{"gorm.io/"}, []string{"Group.Go"}},
		{"nothing but a store", []Site{store, pgx}, nil, []string{"Queries.ListOrders"}},
		{"everything left out", []Site{list, retry, orm}, []string{"example.com/shop"}, []string{"List", "Retry.Query"}},
		{"all of everything left out", []Site{orm}, []string{""}, []string{"DB.Find"}},
	} {
		var got []string
		for _, f := range shop.Frames(slices.Clone(c.stack), c.skip) {
			got = append(got, Name(f.Function))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// An unknown program still has foreign modules.
func TestOwnFramesOfUnknownProgram(t *testing.T) {
	frames := programOf(nil, false).Frames([]Site{
		{function: "example.com/shop/orders.List", file: "/src/orders/list.go"},
		{function: "gorm.io/gorm.(*DB).Find", file: "/home/somebody/go/pkg/mod/gorm.io/gorm@v1.31.2/finisher_api.go"},
	}, nil)
	if len(frames) != 1 || Name(frames[0].Function) != "List" {
		t.Errorf("frames %v, want that of List", frames)
	}
}

func TestGeneratedFiles(t *testing.T) {
	const said, end = "// Code generated by ent, DO NOT EDIT.\n", "package orders\n"
	for _, c := range []struct {
		name, file, source string
		want               bool
	}{
		{"first", "list.go", said + "\n" + end, true},
		{"Windows line ends", "list.go", "// Code generated by ent, DO NOT EDIT.\r\n\r\npackage orders\r\n", true},
		{"after a license", "list.go", "/*\nCopyright\n*/\n\n//go:build linux\n\n" + said + end, true},
		{"not at all", "list.go", "// List\n" + end, false},
		{"by hand, in spite of its name", "list.sql.go", end, false},
		{"later", "list.go", end + said, false},
		{"within a line", "list.go", "// It is: // Code generated by ent, DO NOT EDIT.\n" + end, false},
		{"not quite", "list.go", "// Code generated by ent. Do not edit.\n" + end, false},
		{"empty", "list.go", "", false},
		{"no source", "list.go", "\x00\x01", false},
	} {
		file := filepath.Join(t.TempDir(), c.file)
		if err := os.WriteFile(file, []byte(c.source), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := shop.isGenerated(file); got != c.want {
			t.Errorf("%s: %s is generated: %t, want %t", c.name, c.file, got, c.want)
		}
		if err := os.WriteFile(file, []byte(said), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := shop.isGenerated(file); got != c.want {
			t.Errorf("%s: asked again, %s is generated: %t, want what it was", c.name, c.file, got)
		}
	}
	for file, want := range map[string]bool{
		"/nowhere/db/orders.sql.go": true, "example.com/shop/pb/shop.pb.go": true, "/nowhere/orders.go": false, "/nowhere/sql.go": false,
		t.TempDir(): false,
	} {
		if got := shop.isGenerated(file); got != want {
			t.Errorf("%s, which cannot be read, is generated: %t, want %t", file, got, want)
		}
	}
}

// Files of -trimpath are found from the folder of the test.
func TestGeneratedFileOfTrimmedPath(t *testing.T) {
	home := t.TempDir()
	for _, folder := range []string{"orders", "db"} {
		if err := os.Mkdir(filepath.Join(home, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(home, "db", "trimmed.go"), []byte("// Code generated by hand. DO NOT EDIT.\npackage db\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Join(home, "orders"))
	for file, want := range map[string]bool{"example.com/shop/db/trimmed.go": true, "example.com/shop/orders/trimmed.go": false, "example.com/kit/db/trimmed.go": false} {
		if got := shop.isGenerated(file); got != want {
			t.Errorf("%s is generated: %t, want %t", file, got, want)
		}
	}
}
