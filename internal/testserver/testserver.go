// Package testserver has the PostgreSQL server that the tests of a binary share.
//
// It is the one the command line tool would run on, with FANOUT_DB for its --db and
// FANOUT_DATABASE_URL for its --database-url, except that tests start none in Docker: the
// tool does, and hands it to the tests that it runs.
package testserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fanout-bench/fanout-bench/internal/postgres"
	"github.com/fanout-bench/fanout-bench/internal/postgres/scratch"
)

// Limit bounds each step that no test can cancel.
const Limit = 2 * time.Minute

// ErrNoMain is the error of Shared in a binary that does not run its tests by Main.
var ErrNoMain = errors.New("the package needs a TestMain that calls Main, which closes the server")

var (
	inMain atomic.Bool

	open = sync.OnceValues(func() (*scratch.Server, error) {
		ctx, cancel := context.WithTimeout(context.Background(), Limit)
		defer cancel()
		server, err := postgres.Open(ctx, postgres.Options{
			Mode:      os.Getenv("FANOUT_DB"),
			URL:       os.Getenv("FANOUT_DATABASE_URL"),
			Variables: true,
			Notify:    func(line string) { fmt.Fprintln(os.Stderr, line) },
		})
		opened.Store(server)
		return server, err
	})
	opened atomic.Pointer[scratch.Server]
)

// Main runs the tests of m, closes the shared server if they used it, and returns the
// code to exit with. A server that does not close is a failure.
func Main(m interface{ Run() int }) int {
	inMain.Store(true)
	code := m.Run()
	server := opened.Load()
	if server == nil {
		return code
	}
	if err := server.Close(); err != nil {
		fmt.Fprintln(os.Stderr, "the server of the tests:", err)
		return max(code, 1)
	}
	return code
}

// Shared returns the server, which is started when it is first asked for.
func Shared() (*scratch.Server, error) {
	if !inMain.Load() {
		return nil, ErrNoMain
	}
	return open()
}
