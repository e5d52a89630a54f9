//go:build linux || darwin

package scratch_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/internal/postgres"
	"github.com/fanout-bench/fanout-bench/internal/postgres/scratch"
)

func TestMain(m *testing.M) {
	code := pgtest.Main(m)
	if err := closeTheirs(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// closeTheirs closes what startTheirs has opened.
var closeTheirs = func() error { return nil }

// startTheirs starts a server that does not let the user "odd" in without a password.
var startTheirs = sync.OnceValues(func() (*scratch.Server, error) {
	base, err := os.MkdirTemp("/tmp", "base-")
	if err != nil {
		return nil, err
	}
	closeTheirs = func() error { return os.RemoveAll(base) }
	rules := filepath.Join(base, "rules")
	err = errors.Join(os.Chmod(base, 0o755), os.WriteFile(rules, []byte("local all odd scram-sha-256\nlocal all all trust\n"), 0o644))
	if err != nil {
		return nil, err
	}
	s, err := postgres.Open(context.Background(), postgres.Options{Mode: "local", Settings: []string{"hba_file=" + rules}})
	if err == nil {
		closeTheirs = func() error { return errors.Join(s.Close(), os.RemoveAll(base)) }
	}
	return s, err
})

// theirs is a temporary server that stands for somebody else's. It is started when first
// asked for, and shared.
func theirs(t *testing.T) *scratch.Server {
	t.Helper()
	s, err := startTheirs()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// connection returns how to connect to s.
func connection(t *testing.T, s *scratch.Server) *pgx.ConnConfig {
	t.Helper()
	config, err := pgx.ParseConfig(s.ConnString())
	if err != nil {
		t.Fatal(err)
	}
	return config
}

func portOf(t *testing.T, s *scratch.Server) string {
	t.Helper()
	return strconv.Itoa(int(connection(t, s).Port))
}

// execute runs one statement on a new connection to the server.
func execute(t *testing.T, s *scratch.Server, sql string) {
	t.Helper()
	conn, err := pgx.ConnectConfig(context.Background(), connection(t, s))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}
