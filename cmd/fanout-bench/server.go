package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/docker"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/internal/postgres"
	"github.com/fanout-bench/fanout-bench/internal/postgres/scratch"
)

// urlVariable is not DATABASE_URL, so that nobody's own database is used by accident.
const urlVariable = "FANOUT_DATABASE_URL"

// dbVariable is what package testdb reads instead of --db.
const dbVariable = "FANOUT_DB"

const serverOfTests = `The tests of a command find a PostgreSQL server themselves. With --db, --database-url or
--image, or if the machine has only Docker, they share one server.`

// serverFlagNames are the names of serverFlags.
var serverFlagNames = []string{"db", "database-url", "image"}

// serverFlags say where to get PostgreSQL.
type serverFlags struct {
	db    choice
	url   string
	image string
}

func (s *serverFlags) add(flags *pflag.FlagSet) {
	s.db = newChoice(postgres.Modes()...)
	flags.Var(&s.db, "db", "where to get PostgreSQL: "+s.db.list())
	flags.StringVar(&s.url, "database-url", "", "`URL` of a server to make a scratch database on (default $"+urlVariable+")")
	flags.StringVar(&s.image, "image", "", "`IMAGE` of the server; implies --db docker (default "+docker.DefaultImage+")")
}

// check validates the flags before anything is started.
func (s *serverFlags) check(flags *pflag.FlagSet) error {
	switch {
	case flags.Changed("database-url") && strings.TrimSpace(s.url) == "":
		return fmt.Errorf("--database-url is empty; remove it to use $%s or a server on this machine", urlVariable)
	case !flags.Changed("image"):
		return nil
	case strings.TrimSpace(s.image) == "":
		return fmt.Errorf("--image is empty; remove it to use %s", docker.DefaultImage)
	case flags.Changed("database-url"):
		return errors.New("--image and --database-url name two servers; remove one")
	case docker.CheckImage(s.image) != nil:
		return fmt.Errorf("--image: %w", docker.CheckImage(s.image))
	case s.mode() != postgres.ModeDocker:
		return fmt.Errorf("--image needs --db docker, not --db %s", s.db.value)
	}
	return nil
}

// open obtains the server and describes it on stderr.
func (s *serverFlags) open(ctx context.Context, stderr io.Writer, doing string) (*scratch.Server, error) {
	show := newProgress(stderr)
	show.line("obtaining PostgreSQL")
	o := s.options()
	o.Notify = func(line string) {
		show.clear()
		fmt.Fprintln(stderr, line)
	}
	server, err := postgres.Open(ctx, o)
	show.clear()
	switch {
	case errors.Is(err, postgres.ErrNoURL):
		return nil, exit.With(exit.Usage, err)
	case err != nil:
		return nil, exit.With(exit.NotMeasured, err)
	}
	fmt.Fprintf(stderr, "%s on %s.\n", doing, server.Description())
	return server, nil
}

// ofTests opens a server for the tests of a command. Without flags it returns none, and the tests
// find a server themselves. They cannot start Docker, so ofTests does if the machine has nothing else.
func (s *serverFlags) ofTests(ctx context.Context, stderr io.Writer) (*scratch.Server, error) {
	asked, needed := *s, true
	mode := os.Getenv(dbVariable)
	if s.mode() == postgres.ModeAuto && s.url == "" {
		switch {
		case mode == postgres.ModeDocker:
		case mode != "" && mode != postgres.ModeAuto, s.databaseURL() != "", !onlyDocker(ctx):
			return nil, nil
		default:
			needed = false // the tests can still download one
		}
		asked.db.value = postgres.ModeDocker
	}
	server, err := asked.open(ctx, stderr, "The command measures")
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, exit.ErrInterrupted
	case err != nil && !needed:
		fmt.Fprintf(stderr, "Docker cannot provide a server, so tests look for one themselves: %v\n", err)
		return nil, nil
	}
	return server, err
}

// onlyDocker reports whether Docker is the only source of a server besides a download.
func onlyDocker(ctx context.Context) bool {
	if postgres.Installed(ctx) {
		return false
	}
	_, err := docker.Engine{}.Examine(ctx)
	return err == nil
}

func (s *serverFlags) options() postgres.Options {
	return postgres.Options{Mode: s.mode(), URL: s.databaseURL(), Docker: docker.Engine{Image: s.image}}
}

// mode returns --db, or docker if there is an image.
func (s *serverFlags) mode() string {
	if s.image != "" && s.db.value == postgres.ModeAuto {
		return postgres.ModeDocker
	}
	return s.db.value
}

func (s *serverFlags) databaseURL() string {
	return cmp.Or(s.url, os.Getenv(urlVariable))
}
