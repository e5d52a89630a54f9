package postgres

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/postgres/scratch"
)

func TestOpenRefusesOptions(t *testing.T) {
	for _, c := range []struct {
		options Options
		want    error
		text    string
	}{
		{Options{Mode: "sqlite"}, nil, `unknown database mode "sqlite", want one of auto, url, local, docker, embedded`},
		{Options{Mode: "url"}, ErrNoURL, "database mode url needs a connection string: set --database-url or FANOUT_DATABASE_URL"},
		{Options{Mode: "url", Variables: true}, ErrNoURL, "database mode url needs a connection string: set FANOUT_DATABASE_URL"},
		{Options{Mode: "docker"}, errNoDocker, errNoDocker.Error()},
	} {
		_, err := Open(t.Context(), c.options)
		if err == nil || err.Error() != c.text || c.want != nil && !errors.Is(err, c.want) {
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

func failing(text string) func(context.Context, Options) (*scratch.Server, error) {
	return func(context.Context, Options) (*scratch.Server, error) { return nil, errors.New(text) }
}

// The flags of the command do not exist under 'go test'.
func TestAutoListsSourcesAndAdvice(t *testing.T) {
	replaceSources(t, source{mode: "url", open: openURL}, source{mode: "local", open: failing("no programs")})
	for _, test := range []struct {
		variables bool
		want      []string
	}{
		{false, []string{
			"  - url: no URL is given; set --database-url or FANOUT_DATABASE_URL\n",
			"  - local: no programs\n",
			"apt-get install postgresql\n", "brew install postgresql@17\n", "dnf install postgresql-server\n",
			"--database-url or FANOUT_DATABASE_URL",
			"start Docker; a PostgreSQL image is pulled\n",
		}},
		{true, []string{"  - url: no URL is given; set FANOUT_DATABASE_URL\n", "use FANOUT_DB=embedded, which downloads", "name a server with FANOUT_DATABASE_URL"}},
	} {
		_, err := Open(t.Context(), Options{Variables: test.variables})
		for _, want := range test.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error lacks %q:\n%v", want, err)
			}
		}
		if err != nil && strings.Contains(err.Error(), "--d") == test.variables {
			t.Errorf("with flags: %t:\n%v", !test.variables, err)
		}
	}
}

func TestAutoDoesNotFallBackFromAURL(t *testing.T) {
	called := false
	replaceSources(t, source{mode: "url", open: failing("refused")}, source{mode: "local", open: func(context.Context, Options) (*scratch.Server, error) {
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
	replaceSources(t, source{mode: "local", open: func(context.Context, Options) (*scratch.Server, error) {
		cancel()
		return nil, errors.New("killed")
	}}, source{mode: "docker", open: func(context.Context, Options) (*scratch.Server, error) {
		t.Error("next source tried")
		return nil, nil
	}})
	if _, err := Open(ctx, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}

func TestModeLocalIgnoresTheURL(t *testing.T) {
	if _, tried, err := candidates(Options{Mode: "local", URL: "postgres://host.invalid"}); err != nil || len(tried) != 1 || tried[0].mode != "local" {
		t.Errorf("sources are %v, %v", tried, err)
	}
}
