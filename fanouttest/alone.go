package fanouttest

import (
	"errors"
	"sync"
	"time"
)

// phases tracks the calls of Setup and Run of all Checks in the process.
var phases struct {
	gate    sync.Mutex // held while a caller waits to be alone, so that no new phase begins
	running sync.RWMutex
}

// phase calls f. Phases run in parallel, except while one is alone.
func phase(f func() error) error {
	phases.gate.Lock()
	phases.running.RLock()
	phases.gate.Unlock()
	defer phases.running.RUnlock()
	return f()
}

// patience bounds the wait for other phases, which may wait for each other.
const patience = 5 * time.Second

var errNotAlone = errors.New("other tests are still running")

// alone calls f while no phase is under way and none can begin.
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
