// Package backends knows which of the backends of PostgreSQL servers belong to connections of
// this process that are counted, or that are this module's own. Whoever looks at a server can
// tell others by that.
package backends

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
)

// A Backend is the server's side of a connection. A PID of 0 says that it is not known, and so does
// an empty Host.
type Backend struct {
	PID      uint32
	Host     string
	Port     uint16
	Database string
}

var wanted atomic.Bool

// Want says that somebody looks at servers, so that a connection is worth asking for its backend.
func Want() { wanted.Store(true) }

// Wanted reports whether Want was called.
func Wanted() bool { return wanted.Load() }

// Of returns that of a connection that was made with config.
func Of(config *pgx.ConnConfig, pid uint32) Backend {
	return Backend{PID: pid, Host: config.Host, Port: config.Port, Database: config.Database}
}

var (
	mu      sync.Mutex
	open    = map[Backend]int{}
	watches = map[*Watch]bool{}
)

// Opened notes that b is known, which is to be before it gets its first statement. Call closed
// once it is no more.
func Opened(b Backend) (closed func()) {
	mu.Lock()
	defer mu.Unlock()
	open[b]++
	for w := range watches {
		if w.database == b.Database {
			w.known[b] = true
			w.opened++
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

// Tried notes that a connection to database, which will be known if it comes to be, is made.
// The server may count it in any case.
func Tried(database string) {
	mu.Lock()
	defer mu.Unlock()
	for w := range watches {
		if w.database == database {
			w.tried++
		}
	}
}

// A Watch keeps the backends of a database that are known, also those that were closed since
// it began: the server may show them for a while.
type Watch struct {
	database string
	// The mutex of the package guards what follows.
	known         map[Backend]bool
	opened, tried int
}

// Begin returns a Watch, to be ended.
func Begin(database string) *Watch {
	mu.Lock()
	defer mu.Unlock()
	w := &Watch{database: database, known: map[Backend]bool{}}
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

// Known returns the backends that are known, and the most sessions that they may have had
// since w began.
func (w *Watch) Known() (list []Backend, sessions int) {
	mu.Lock()
	defer mu.Unlock()
	for b := range w.known {
		list = append(list, b)
	}
	return list, max(w.opened, w.tried)
}

var (
	given   = map[string][]*pgx.ConnConfig{}
	givenMu sync.Mutex
)

// Give notes that a test has the database of config for itself. Call taken when it has it no more.
func Give(test string, config *pgx.ConnConfig) (taken func()) {
	givenMu.Lock()
	defer givenMu.Unlock()
	given[test] = append(given[test], config)
	return func() {
		givenMu.Lock()
		defer givenMu.Unlock()
		given[test] = slices.DeleteFunc(given[test], func(c *pgx.ConnConfig) bool { return c == config })
		if len(given[test]) == 0 {
			delete(given, test)
		}
	}
}

// Given returns copies of the configs of the databases that a test has, or one that it is
// part of.
func Given(test string) []*pgx.ConnConfig {
	givenMu.Lock()
	defer givenMu.Unlock()
	var configs []*pgx.ConnConfig
	for name, list := range given {
		if name == test || strings.HasPrefix(test, name+"/") {
			for _, config := range list {
				configs = append(configs, config.Copy())
			}
		}
	}
	return configs
}
