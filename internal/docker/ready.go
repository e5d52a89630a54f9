package docker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/testcontainers/testcontainers-go/wait"
)

const (
	// pollInterval is how often a starting server is asked whether it is ready.
	pollInterval = 20 * time.Millisecond

	// askLimit bounds one question. An address that leads nowhere answers nothing.
	askLimit = 2 * time.Second
)

// A readiness waits for the server of a container. The log of the official image
// says "ready" once too often, and a port may be open before the server is at it,
// so it asks the server itself.
type readiness struct {
	caller context.Context // ends the wait too //nolint:containedctx // the container is started in another
	ask    func(ctx context.Context, host string, port uint16) error
	local  bool   // whether the engine is on this machine, or looks like it
	server Server // where it answered
}

var _ wait.Strategy = (*readiness)(nil)

func (r *readiness) WaitUntilReady(ctx context.Context, target wait.StrategyTarget) error {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		// Not before the container runs, which it may have ceased to.
		state, err := target.State(ctx)
		if err != nil {
			return err
		}
		if !state.Running {
			return errEnded
		}
		err = r.reach(ctx, target)
		if err == nil {
			return nil
		}
		select {
		case <-r.caller.Done():
			return r.caller.Err()
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ctx.Err(), err)
		case <-tick.C:
		}
	}
}

// reach asks the server at each address it may have. In a container of its own,
// where the socket of an engine is, the program cannot know whether the engine is
// beside it or outside; testcontainers takes it to be outside.
func (r *readiness) reach(ctx context.Context, target wait.StrategyTarget) error {
	mapped, err := target.MappedPort(ctx, port)
	if err != nil {
		return err
	}
	host, err := target.Host(ctx)
	if err != nil {
		return err
	}
	hosts := []string{host}
	if r.local {
		hosts = []string{"127.0.0.1", host} // it refuses at once
	}
	for _, host := range hosts {
		limited, cancel := context.WithTimeout(ctx, askLimit)
		err = r.ask(limited, host, mapped.Num())
		cancel()
		if err == nil {
			r.server = Server{host, mapped.Num()}
			return nil
		}
	}
	return err
}

// errEnded is the reason where the container has ended instead.
var errEnded = errors.New("the container ended")
