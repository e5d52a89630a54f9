// Package docker runs a PostgreSQL server in a container, by testcontainers, whose
// reaper removes it where this process is killed.
package docker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/distribution/reference"
	"github.com/jackc/pgx/v5"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
	module "github.com/testcontainers/testcontainers-go/modules/postgres"
	"github.com/testcontainers/testcontainers-go/wait"

	"github.com/fanout-bench/fanout-bench/internal/postgres"
)

// DefaultImage is the official image, of the version most new servers have.
const DefaultImage = "postgres:17-alpine"

const (
	// answerLimit bounds the wait for an engine, which answers within milliseconds.
	answerLimit = 2 * time.Second
	// startLimit bounds the start of the container and of the server in it, which take a
	// few seconds; this is for a machine under heavy load.
	startLimit = 60 * time.Second

	authMethod = "scram-sha-256"
	port       = "5432/tcp"
	// dataFolder is in memory. The images keep their data in a volume, on a disk.
	dataFolder = "/fanout-bench"
)

var errNoEngine = errors.New("no Docker engine answers")

// quiet keeps testcontainers from telling on stderr of each step.
var quiet = sync.OnceFunc(func() { log.SetDefault(log.NewNoopLogger()) })

// CheckImage returns why image cannot be the name of one.
func CheckImage(image string) error {
	if _, err := reference.ParseNormalizedNamed(image); err != nil {
		return fmt.Errorf("%q is not the name of an image: %w", image, err)
	}
	return nil
}

// Engine starts servers of Image, which has the variables POSTGRES_* and PGDATA, as the
// official one does. Empty means DefaultImage.
type Engine struct{ Image string }

func (e Engine) image() string { return cmp.Or(e.Image, DefaultImage) }

// Examine says which engine there is, and whether it has the image.
func (e Engine) Examine(ctx context.Context) (string, error) {
	version, has, err := find(ctx, e.image())
	switch {
	case err != nil:
		return "", err
	case has:
		return "Docker " + version + ", which has the image " + e.image(), nil
	default:
		return "Docker " + version + ", which would pull " + e.image(), nil
	}
}

// find returns the version of the engine that testcontainers finds, and whether it has
// image. It takes two seconds at most: an engine that hangs would hang testcontainers.
func find(ctx context.Context, image string) (version string, has bool, err error) {
	quiet()
	limited, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	engine, err := guarded(func() (*testcontainers.DockerClient, error) {
		return testcontainers.NewDockerClientWithOpts(limited)
	})
	if err == nil {
		defer func() { _ = engine.Close() }()
		var found client.ServerVersionResult
		found, err = engine.ServerVersion(limited, client.ServerVersionOptions{})
		version = found.Version
		// testcontainers goes on to other places where nobody answers.
		named := os.Getenv(client.EnvOverrideHost)
		if err == nil && named != "" && engine.DaemonHost() != named && testcontainers.ReadConfig().Config.TestcontainersHost == "" {
			err = errors.New("only another engine than the one that DOCKER_HOST names answers")
		}
	}
	switch {
	case ctx.Err() != nil:
		return "", false, ctx.Err()
	case limited.Err() != nil:
		return "", false, fmt.Errorf("%w within %v; restart Docker", errNoEngine, answerLimit)
	case err != nil:
		return "", false, fmt.Errorf("%w; start Docker, or set DOCKER_HOST to where one listens: %w", errNoEngine, err)
	}
	_, err = engine.ImageInspect(limited, image)
	return version, err == nil, nil
}

// has reports whether the engine has image.
func has(ctx context.Context, image string) bool {
	_, has, err := find(context.WithoutCancel(ctx), image)
	return has || err != nil
}

// Run starts a container and returns when the server in it accepts connections. The
// image is pulled if the engine does not have it. On an error no container is left.
func (e Engine) Run(ctx context.Context, r postgres.ContainerRequest) (_ postgres.Container, err error) {
	_, there, err := find(ctx, e.image())
	if err != nil {
		return postgres.Container{}, err
	}
	if !there {
		r.Notify("Docker pulls the image " + e.image() + ", once.")
	}
	command := []string{"postgres"}
	for _, s := range r.Settings {
		command = append(command, "-c", s)
	}
	started, err := guarded(func() (*module.PostgresContainer, error) {
		return module.Run(ctx, e.image(),
			module.WithUsername(r.User),
			module.WithPassword(r.Password),
			testcontainers.WithEnv(map[string]string{
				"PGDATA":                    dataFolder + "/data",
				"POSTGRES_INITDB_ARGS":      "--encoding=UTF8 --locale=C --no-sync --auth-host=" + authMethod,
				"POSTGRES_HOST_AUTH_METHOD": authMethod,
			}),
			testcontainers.WithTmpfs(map[string]string{dataFolder: "rw,mode=1777"}),
			testcontainers.WithCmd(command...),
			testcontainers.WithHostConfigModifier(onLoopback),
			// The images say so a first time while they fill a new cluster.
			testcontainers.WithWaitStrategyAndDeadline(startLimit, wait.ForLog("database system is ready to accept connections").
				WithOccurrence(2).WithPollInterval(20*time.Millisecond)),
		)
	})
	stop := func() error {
		if started == nil {
			return nil
		}
		return testcontainers.TerminateContainer(started, testcontainers.StopTimeout(0))
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("start a container of %s: %w", e.image(), errors.Join(err, stop()))
			if strings.Contains(err.Error(), "reaper: ") { // of which there is no value
				err = fmt.Errorf("%w; do without the reaper of testcontainers: TESTCONTAINERS_RYUK_DISABLED=true", err)
			} else if !has(ctx, e.image()) {
				err = fmt.Errorf("%w; name an image that is there, or can be pulled, with --image", err)
			}
		}
	}()
	if err != nil {
		return postgres.Container{}, err
	}
	mapped, err := started.MappedPort(ctx, port)
	if err != nil {
		return postgres.Container{}, err
	}
	host, err := started.Host(ctx)
	if err != nil {
		return postgres.Container{}, err
	}
	server := postgres.Container{Hosts: []string{host}, Port: mapped.Num(), Insist: insist, Stop: stop}
	if local() {
		// In a container of its own, the program cannot know whether the engine is beside
		// it or outside, which testcontainers takes it to be.
		server.Hosts = []string{loopback.String(), host}
	}
	return server, nil
}

// insist lets either side prove to the other that it knows the password.
func insist(config *pgx.ConnConfig) { config.RequireAuth = authMethod }

var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// local reports whether the engine is on this machine, or looks like it.
func local() bool {
	host := os.Getenv(client.EnvOverrideHost)
	return host == "" || strings.HasPrefix(host, "unix:")
}

// onLoopback lets only this machine reach the server, if the engine is on it. From a
// container it is reached at another address of the machine than loopback.
func onLoopback(config *container.HostConfig) {
	if _, err := os.Stat("/.dockerenv"); err != nil && local() {
		config.PortBindings = network.PortMap{network.MustParsePort(port): {{HostIP: loopback}}}
	}
}

// guarded turns a panic of f into an error: testcontainers panics where one of its
// variables is not valid.
func guarded[T any](f func() (T, error)) (result T, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("a TESTCONTAINERS_* or RYUK_* variable is not valid")
		}
	}()
	return f()
}
