package fanouttest

import (
	"errors"
	"sync"
	"time"
)

// phases are the calls of Setup and Run of all Checks of a process.
var phases struct {
	gate    sync.Mutex // held by who wants to be alone, so that no more begin
	running sync.RWMutex
}

// phase calls f, which others may do at the same time unless one is alone.
func phase(f func() error) error {
	phases.gate.Lock()
	phases.running.RLock()
	phases.gate.Unlock()
	defer phases.running.RUnlock()
	return f()
}

// patience is how long to wait for others. They may wait for each other, so it ends.
const patience = 5 * time.Second

var errNotAlone = errors.New("other tests do not come to an end")

// alone calls f when no phase is under way, and lets none begin meanwhile.
func alone(f func() error) error {
	phases.gate.Lock()
	defer phases.gate.Unlock()
	for deadline := time.Now().Add(patience); !phases.running.TryLock(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			return errNotAlone
		}
	}
	defer phases.running.Unlock()
	return f()
}
