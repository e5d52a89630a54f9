// Package docker runs a PostgreSQL server in a container, by testcontainers.
//
//	engine, err := docker.Connect(ctx)
//	if err != nil {
//		return err
//	}
//	server, err := engine.Run(ctx, docker.Request{Owner: owner, Image: docker.DefaultImage, …})
//	if err != nil {
//		return err
//	}
//	defer engine.Remove(context.Background(), owner)
//
// Which engine it is, and whether the reaper of testcontainers watches over the
// containers, is said by what testcontainers reads: DOCKER_HOST,
// TESTCONTAINERS_RYUK_DISABLED and its properties file. No error of this package
// contains a host, a password or an absolute path.
package docker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
)

// answerLimit bounds the wait for an engine to answer. One that works does
// within milliseconds.
const answerLimit = 2 * time.Second

// ErrNoEngine is wrapped by the error of Connect where there is no engine, or
// none that answers.
var ErrNoEngine = errors.New("no Docker engine")

// An Engine is a Docker engine that has answered. It is safe for concurrent use.
type Engine struct {
	client *testcontainers.DockerClient
	// Version is what the engine says of itself, such as "28.2.2".
	Version string
}

// quiet keeps testcontainers from writing to stderr, where the host would be
// among what it tells.
var quiet = sync.OnceFunc(func() { log.SetDefault(log.NewNoopLogger()) })

// Connect finds the engine and asks it for its version. It takes two seconds at
// most, and testcontainers remembers for as long as the process lives where it
// found the engine, or that there was none.
func Connect(ctx context.Context) (*Engine, error) {
	quiet()
	limited, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	// This looks at the same places as testcontainers.Run will. It has to come
	// first: only here does the search end with the context.
	c, err := guarded(func() (*testcontainers.DockerClient, error) {
		return testcontainers.NewDockerClientWithOpts(limited)
	})
	if err != nil {
		return nil, noEngine(ctx, limited, err)
	}
	// testcontainers goes on to the next place where nobody answers. It prefers one that
	// its properties file names.
	named := os.Getenv(client.EnvOverrideHost)
	if named != "" && c.DaemonHost() != named && testcontainers.ReadConfig().Config.TestcontainersHost == "" {
		_ = c.Close()
		return nil, noEngine(ctx, limited, errElsewhere)
	}
	version, err := c.ServerVersion(limited, client.ServerVersionOptions{})
	if err != nil {
		_ = c.Close()
		return nil, noEngine(ctx, limited, err)
	}
	return &Engine{c, printable(version.Version)}, nil
}

// ID returns what tells the engine from others.
func (e *Engine) ID(ctx context.Context) (string, error) {
	limited, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	info, err := e.client.Info(limited, client.InfoOptions{})
	if err != nil {
		return "", fmt.Errorf("ask the Docker engine who it is: %w", e.reduced(ctx, err))
	}
	return printable(info.Info.ID), nil
}

// Close closes the connections to the engine. Containers live on.
func (e *Engine) Close() error { return e.client.Close() }

var errVariable = errors.New("a TESTCONTAINERS_* or RYUK_* variable is not valid")

var errElsewhere = errors.New("another engine than the one named answers")

func noEngine(ctx, limited context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("look for a Docker engine: %w", ctx.Err())
	case limited.Err() != nil:
		return fmt.Errorf("%w answers within %s; restart Docker", ErrNoEngine, answerLimit)
	case isDenied(ctx, err):
		return fmt.Errorf("%w that this user may talk to; add the user to the group docker", ErrNoEngine)
	case errors.Is(err, errVariable):
		return fmt.Errorf("%w could be asked: %w", ErrNoEngine, err)
	case isAPIVersion(err):
		return fmt.Errorf("%w that speaks the API version that DOCKER_API_VERSION names; unset it", ErrNoEngine)
	}
	if os.Getenv(client.EnvOverrideHost) != "" {
		return fmt.Errorf("%w answers where DOCKER_HOST says; start it, or unset DOCKER_HOST", ErrNoEngine)
	}
	return fmt.Errorf("%w answers; start Docker, or set DOCKER_HOST to where one listens", ErrNoEngine)
}

// guarded turns a panic of f into an error: testcontainers panics where one of
// its variables is not valid.
func guarded[T any](f func() (T, error)) (result T, err error) {
	defer func() {
		if recover() != nil {
			err = errVariable
		}
	}()
	return f()
}
