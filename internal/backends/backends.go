// Package backends keeps track of the server backends of this process's connections that are
// counted or belong to this module. Code that inspects a server can so recognize all others.
package backends

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
)

// A Backend is the server's side of a connection. A PID of 0 or an empty Host means unknown.
type Backend struct {
	PID      uint32
	Host     string
	Port     uint16
	Database string
}

var wanted atomic.Bool

// Want says that the backends of connections are needed, so asking for them is worth the cost.
func Want() { wanted.Store(true) }

// Wanted reports whether Want was called.
func Wanted() bool { return wanted.Load() }

// Of returns the backend of a connection made with config.
func Of(config *pgx.ConnConfig, pid uint32) Backend {
	return Backend{PID: pid, Host: config.Host, Port: config.Port, Database: config.Database}
}

var (
	mu      sync.Mutex
	open    = map[Backend]int{}
	watches = map[*Watch]bool{}
)

// Opened records that b is known. Call it before the first statement, and closed when the
// connection is closed.
func Opened(b Backend) (closed func()) {
	mu.Lock()
	defer mu.Unlock()
	open[b]++
	for w := range watches {
		if w.database == b.Database {
			w.known[b] = true
			w.opened[Backend{Host: b.Host, Port: b.Port, Database: b.Database}]++
		}
	}
	return sync.OnceFunc(func() {
		mu.Lock()
		defer mu.Unlock()
		if open[b]--; open[b] == 0 {
			delete(open, b)
		}
	})
}

// Tried records an attempt to connect to database. The server may count a session even if it
// fails.
func Tried(database string) {
	mu.Lock()
	defer mu.Unlock()
	for w := range watches {
		if w.database == database {
			w.tried++
		}
	}
}

// A Watch keeps the known backends of a database, including those closed since it began, because
// the server may still show them.
type Watch struct {
	database string
	// The mutex of the package guards the following.
	known  map[Backend]bool
	opened map[Backend]int // since it began, without PIDs
	tried  int
}

// Begin starts a Watch. Call End when done.
func Begin(database string) *Watch {
	mu.Lock()
	defer mu.Unlock()
	w := &Watch{database: database, known: map[Backend]bool{}, opened: map[Backend]int{}}
	for b := range open {
		if b.Database == database {
			w.known[b] = true
		}
	}
	watches[w] = true
	return w
}

// End ends w.
func (w *Watch) End() {
	mu.Lock()
	defer mu.Unlock()
	delete(watches, w)
}

// Known returns the known backends. Since w began, so many were opened at each server, without PIDs,
// and so many attempts were made to connect.
func (w *Watch) Known() (list []Backend, opened map[Backend]int, tried int) {
	mu.Lock()
	defer mu.Unlock()
	return slices.Collect(maps.Keys(w.known)), maps.Clone(w.opened), w.tried
}

var (
	given   []*gift
	givenMu sync.Mutex
)

// A gift is a database that a test has to itself.
type gift struct {
	test   string
	config *pgx.ConnConfig
}

// Give records that test has the database of config to itself. Call taken when it no longer does.
func Give(test string, config *pgx.ConnConfig) (taken func()) {
	givenMu.Lock()
	defer givenMu.Unlock()
	g := &gift{test, config}
	given = append(given, g)
	return func() {
		givenMu.Lock()
		defer givenMu.Unlock()
		given = slices.DeleteFunc(given, func(other *gift) bool { return other == g })
	}
}

// Given returns copies of the configs of databases given to test or to a test that contains it.
func Given(test string) []*pgx.ConnConfig {
	givenMu.Lock()
	defer givenMu.Unlock()
	var configs []*pgx.ConnConfig
	for _, g := range given {
		if g.test == test || strings.HasPrefix(test, g.test+"/") {
			configs = append(configs, g.config.Copy())
		}
	}
	return configs
}
