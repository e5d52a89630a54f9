package postgres

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
)

func TestModes(t *testing.T) {
	if got, want := Modes(), []string{"auto", "url", "local", "docker", "embedded"}; !slices.Equal(got, want) {
		t.Errorf("modes are %q, want %q", got, want)
	}
}

func TestOpenRefusesOptions(t *testing.T) {
	for _, c := range []struct {
		options Options
		want    error
		text    string
	}{
		{Options{Mode: "sqlite"}, ErrUnknownMode, `unknown database mode "sqlite", want one of auto, url, local, docker, embedded`},
		{Options{Mode: "url"}, ErrNoURL, ErrNoURL.Error()},
		{Options{Mode: "url", Variables: true}, errNoURLVariable, "database mode url needs a connection string: set FANOUT_DATABASE_URL"},
		{Options{Mode: "docker"}, errNoDocker, errNoDocker.Error()},
	} {
		_, err := Open(t.Context(), c.options)
		if !errors.Is(err, c.want) || err.Error() != c.text {
			t.Errorf("mode %q: %v, want %s", c.options.Mode, err, c.text)
		}
	}
}

// replaceSources makes Open use other sources until the test ends.
func replaceSources(t *testing.T, replaced ...source) {
	original := sources
	t.Cleanup(func() { sources = original })
	sources = replaced
}

func failing(text string) func(context.Context, Options) (*Server, error) {
	return func(context.Context, Options) (*Server, error) { return nil, errors.New(text) }
}

func TestAutoSaysWhatItTriedAndWhatToDo(t *testing.T) {
	replaceSources(t, source{mode: "url", open: openURL}, source{mode: "local", open: failing("no programs")})
	_, err := Open(t.Context(), Options{})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"  - url: neither --database-url nor FANOUT_DATABASE_URL is set\n",
		"  - local: no programs\n",
		"apt-get install postgresql\n", "brew install postgresql@17\n", "dnf install postgresql-server\n",
		"--database-url or FANOUT_DATABASE_URL",
		"start Docker, which then pulls an image of PostgreSQL\n",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error lacks %q:\n%v", want, err)
		}
	}
}

// Under 'go test' there are no flags of the command.
func TestAutoAdvisesVariables(t *testing.T) {
	replaceSources(t, source{mode: "url", open: openURL})
	_, err := Open(t.Context(), Options{Variables: true})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"  - url: FANOUT_DATABASE_URL is not set\n", "leave the rest to FANOUT_DB=embedded\n", "point to a server with FANOUT_DATABASE_URL"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error lacks %q:\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "--d") {
		t.Errorf("it names flags:\n%v", err)
	}
}

func TestAutoDoesNotFallBackFromAURL(t *testing.T) {
	called := false
	replaceSources(t, source{mode: "url", open: failing("refused")}, source{mode: "local", open: func(context.Context, Options) (*Server, error) {
		called = true
		return nil, nil
	}})
	_, err := Open(t.Context(), Options{URL: "postgres://localhost"})
	if err == nil || err.Error() != "use the given PostgreSQL server: refused" || called {
		t.Errorf("error is %v, next source tried: %v", err, called)
	}
}

func TestAutoStopsWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	replaceSources(t, source{mode: "local", open: func(context.Context, Options) (*Server, error) {
		cancel()
		return nil, errors.New("killed")
	}}, source{mode: "docker", open: func(context.Context, Options) (*Server, error) {
		t.Error("next source tried")
		return nil, nil
	}})
	if _, err := Open(ctx, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}

func TestDialect(t *testing.T) {
	const empty = `CREATE DATABASE "n" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'`
	for _, c := range []struct {
		d             dialect
		create, clone string
	}{
		{dialect{13, true}, empty, `CREATE DATABASE "n" TEMPLATE "m"`},
		{dialect{14, false}, empty, `CREATE DATABASE "n" TEMPLATE "m"`},
		{dialect{15, false}, empty + ` LOCALE_PROVIDER libc`, `CREATE DATABASE "n" TEMPLATE "m"`},
		{dialect{15, true}, empty + ` LOCALE_PROVIDER libc STRATEGY FILE_COPY`, `CREATE DATABASE "n" TEMPLATE "m" STRATEGY FILE_COPY`},
	} {
		if got := c.d.createEmpty("n"); got != c.create {
			t.Errorf("%+v creates with %s, want %s", c.d, got, c.create)
		}
		if got := c.d.createClone("n", "m"); got != c.clone {
			t.Errorf("%+v clones with %s, want %s", c.d, got, c.clone)
		}
	}
}

func TestServerFactsCheck(t *testing.T) {
	good := serverFacts{version: "13.0", number: 130000, role: "r", mayCreate: true}
	if err := good.check(); err != nil {
		t.Error(err)
	}
	old, standby, role := good, good, good
	old.version, old.number = "12.22", 120022
	standby.readOnly = true
	role.role, role.mayCreate = "o\"h\x1b[31m", false
	for _, c := range []struct {
		facts serverFacts
		want  string
	}{
		{old, "PostgreSQL 12.22 is too old, 13 is the oldest supported version"},
		{standby, "the server is a read-only standby"},
		{role, `the role may not create databases; allow it with: ALTER ROLE "o""h[31m" CREATEDB`},
	} {
		if err := c.facts.check(); err == nil || err.Error() != c.want {
			t.Errorf("%+v: %v, want %s", c.facts, err, c.want)
		}
	}
}

func TestRedactor(t *testing.T) {
	const path = `postgres://u:p%40ss%2Fw%27rd%20x@h/d`
	for _, c := range []struct{ given, text, want string }{
		{"postgres://bob:hunter22@db.example.com/d", `role "bob" of db.example.com: xhunter22x`, `role "bob" of db.example.com: x***x`},
		{"postgres://a:p@h/d", "a path has a hash p", "a path has a hash ***"},
		{"postgres://u:%24%5E.@h/d", "got $^. from h", "got *** from h"},
		{path, "cannot use " + path, "cannot use ***"},
		{path, "as it is: p@ss/w'rd x", "as it is: ***"},
		{path, "in a URL: postgres://u:p%40ss%2Fw%27rd%20x@other", "in a URL: postgres://u:***@other"},
		{path, "in a URL: ?password=p%40ss%2Fw%27rd+x", "in a URL: ?password=***"},
		{path, `in keywords: password='p@ss/w\'rd x'`, "in keywords: password='***'"},
		{"postgres://h/d?password=hunter22", "hunter22", "***"},
		{`user=u password='hunt\'er\\22'`, `hunt'er\22 hunt\'er\\22`, "*** ***"},
		{"host=h1,h2 user=u", "h1, then h2", "h1, then h2"},
	} {
		config, err := pgxpool.ParseConfig(c.given)
		if err != nil {
			t.Fatal(err)
		}
		if got := passwordOf(c.given, config.ConnConfig).text(c.text); got != c.want {
			t.Errorf("%s: %q became %q, want %q", c.given, c.text, got, c.want)
		}
	}
}
