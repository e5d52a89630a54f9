// Package docker runs a PostgreSQL server in a container with testcontainers, whose reaper
// removes the container if this process is killed.
package docker

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/distribution/reference"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
	module "github.com/testcontainers/testcontainers-go/modules/postgres"
	"github.com/testcontainers/testcontainers-go/wait"

	"github.com/fanout-bench/fanout-bench/internal/bounded"
	"github.com/fanout-bench/fanout-bench/internal/postgres/redact"
	"github.com/fanout-bench/fanout-bench/internal/postgres/scratch"
	"github.com/fanout-bench/fanout-bench/internal/postgres/temporary"
)

// DefaultImage is the official image, in the version of most new servers.
const DefaultImage = "postgres:17-alpine"

const (
	// answerLimit bounds the wait for an engine, which usually answers within milliseconds.
	answerLimit = 2 * time.Second
	// startLimit bounds the start of the container and its server, which takes a few seconds,
	// more under heavy load.
	startLimit = 60 * time.Second
	// pullLimit replaces startLimit if an image has to be pulled. An engine that hangs looks
	// like a slow network.
	pullLimit = 15 * time.Minute
	// stopLimit bounds the removal of the container, for which testcontainers would wait forever.
	stopLimit = 20 * time.Second

	authMethod = "scram-sha-256"
	port       = "5432/tcp"
	// dataFolder is in memory. By default the images keep data in a volume on disk.
	dataFolder = "/fanout-bench"
)

var errNoEngine = errors.New("no Docker engine answers")

// quiet keeps testcontainers from logging each step to stderr.
var quiet = sync.OnceFunc(func() { log.SetDefault(log.NewNoopLogger()) })

// CheckImage returns an error if image is not a valid image name.
func CheckImage(image string) error {
	if _, err := reference.ParseNormalizedNamed(image); err != nil {
		return fmt.Errorf("%q is not the name of an image: %w", image, err)
	}
	return nil
}

// Engine starts servers of Image, which must accept the POSTGRES_* and PGDATA variables like
// the official one. Empty means DefaultImage.
type Engine struct {
	Image string

	limit time.Duration // for tests: replaces startLimit
}

func (e Engine) image() string { return cmp.Or(e.Image, DefaultImage) }

// Examine describes the engine and says whether it has the image.
func (e Engine) Examine(ctx context.Context) (string, error) {
	version, missing, err := find(ctx, e.image())
	switch {
	case err != nil:
		return "", err
	case len(missing) == 0:
		return "Docker " + version + " with the image " + e.image(), nil
	default:
		return "Docker " + version + ", which has to pull " + e.image(), nil
	}
}

// find returns the version of the engine that testcontainers finds, and which of images it
// lacks. It takes at most two seconds, because testcontainers waits forever for an engine that hangs.
func find(ctx context.Context, images ...string) (version string, missing []string, err error) {
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
		// testcontainers falls back to other engines if one does not answer.
		named := os.Getenv(client.EnvOverrideHost)
		if err == nil && named != "" && engine.DaemonHost() != named && testcontainers.ReadConfig().Config.TestcontainersHost == "" {
			err = errors.New("the engine in DOCKER_HOST does not answer, only another one does")
		}
	}
	for _, image := range images {
		if err == nil {
			if _, inspectErr := engine.ImageInspect(limited, image); inspectErr != nil {
				missing = append(missing, image)
			}
		}
	}
	switch {
	case ctx.Err() != nil:
		return "", nil, ctx.Err()
	case limited.Err() != nil:
		return "", nil, fmt.Errorf("%w within %v; restart Docker", errNoEngine, answerLimit)
	case err != nil:
		return "", nil, fmt.Errorf("%w; start Docker, or set DOCKER_HOST to its address: %w", errNoEngine, err)
	}
	return version, missing, nil
}

// has reports whether the engine has the image, as far as is known.
func has(ctx context.Context, image string) bool {
	_, missing, err := find(context.WithoutCancel(ctx), image)
	return len(missing) == 0 || err != nil
}

// images returns the images that a start needs.
func (e Engine) images() []string {
	if testcontainers.ReadConfig().RyukDisabled {
		return []string{e.image()}
	}
	return []string{e.image(), testcontainers.ReaperDefaultImage} //nolint:staticcheck // its replacement is internal
}

// Open starts a server in a container, pulls the image if necessary, and returns when the server
// accepts connections. On error it leaves no container, unless the engine hangs.
func (e Engine) Open(ctx context.Context, settings []string, notify func(line string)) (*scratch.Server, error) {
	missing, err := e.missing(ctx)
	if err != nil {
		return nil, err
	}
	limit := cmp.Or(e.limit, startLimit)
	if len(missing) > 0 {
		limit = pullLimit
	}
	if slices.Contains(missing, e.image()) {
		notify("Docker pulls " + e.image() + ", once.")
	}
	password := rand.Text()
	container, err := e.runWithin(ctx, limit, settings, password)
	stop := func() error {
		if container == nil {
			return nil
		}
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopLimit)
		defer cancel()
		var failed error
		err := bounded.Wait(limited, 0, func() { // only the stop ends with limited, not the removal
			failed = testcontainers.TerminateContainer(container, testcontainers.StopContext(limited), testcontainers.StopTimeout(0))
		})
		if err == nil {
			err = failed
		}
		if err != nil {
			err = fmt.Errorf("remove the container %.12s: %w", container.GetContainerID(), err)
		}
		return err
	}
	if err == nil {
		var server *scratch.Server
		if server, err = connect(ctx, container, password, stop); err == nil {
			return server, nil
		}
	}
	err = redact.Also(fmt.Errorf("start a container of %s: %w", e.image(), err), stop())
	if strings.Contains(err.Error(), "reaper: ") { // there is no error value for it
		err = fmt.Errorf("%w; disable the reaper of testcontainers with TESTCONTAINERS_RYUK_DISABLED=true", err)
	} else if !has(ctx, e.image()) {
		err = fmt.Errorf("%w; name another image with --image", err)
	}
	return nil, err
}

// missing returns the images that have to be pulled.
func (e Engine) missing(ctx context.Context) ([]string, error) {
	images, err := guarded(func() ([]string, error) { return e.images(), nil })
	if err != nil {
		return nil, err
	}
	_, missing, err := find(ctx, images...)
	return missing, err
}

// runWithin is run with a limit, which it also keeps if the engine hangs.
func (e Engine) runWithin(ctx context.Context, limit time.Duration, settings []string, password string) (*module.PostgresContainer, error) {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var (
		begun, started *module.PostgresContainer
		failed         error
	)
	// After the limit it removes what it began, but waits forever for some answers.
	err := bounded.Wait(limited, stopLimit, func() { begun, failed = e.run(limited, settings, password) })
	if err == nil {
		started, err = begun, failed
	}
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		err = fmt.Errorf("it takes longer than %v; if 'docker ps' hangs too, restart Docker: %w", limit, err)
	}
	return started, err
}

func (e Engine) run(ctx context.Context, settings []string, password string) (*module.PostgresContainer, error) {
	command := []string{"postgres"}
	for _, s := range settings {
		command = append(command, "-c", s)
	}
	return guarded(func() (*module.PostgresContainer, error) {
		return module.Run(ctx, e.image(),
			module.WithUsername(temporary.Superuser),
			module.WithPassword(password),
			testcontainers.WithEnv(map[string]string{
				"PGDATA":                    dataFolder + "/data",
				"POSTGRES_INITDB_ARGS":      "--encoding=UTF8 --locale=C --no-sync --auth-host=" + authMethod,
				"POSTGRES_HOST_AUTH_METHOD": authMethod,
			}),
			testcontainers.WithTmpfs(map[string]string{dataFolder: "rw,mode=1777"}),
			testcontainers.WithCmd(command...),
			testcontainers.WithHostConfigModifier(onLoopback),
			// The images log this once before, while they create the cluster.
			testcontainers.WithWaitStrategyAndDeadline(startLimit, wait.ForLog("database system is ready to accept connections").
				WithOccurrence(2).WithPollInterval(20*time.Millisecond)),
		)
	})
}

// connect returns the server in a container. Inside another container the program cannot know
// whether the engine runs beside it or outside, as testcontainers assumes.
func connect(ctx context.Context, c *module.PostgresContainer, password string, stop func() error) (*scratch.Server, error) {
	mapped, err := c.MappedPort(ctx, port)
	if err != nil {
		return nil, err
	}
	host, err := c.Host(ctx)
	if err != nil {
		return nil, err
	}
	hosts := []string{host}
	if local() {
		hosts = []string{loopback.String(), host}
	}
	for _, host := range hosts {
		var config *pgxpool.Config
		if config, err = temporary.Config(host, mapped.Num(), password); err != nil {
			return nil, err
		}
		// Another server may listen on that port, so both prove that they know the password.
		config.ConnConfig.RequireAuth = authMethod
		var server *scratch.Server
		if server, err = scratch.New(ctx, config, "temporary server in a container", stop); err == nil {
			return server, nil
		}
	}
	return nil, err
}

var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// local reports whether the engine seems to be on this machine.
func local() bool {
	host := os.Getenv(client.EnvOverrideHost)
	return host == "" || strings.HasPrefix(host, "unix:")
}

// onLoopback publishes the port for this machine only, if the engine is on it. A container
// reaches the server at another address than loopback.
func onLoopback(config *container.HostConfig) {
	if _, err := os.Stat("/.dockerenv"); err != nil && local() {
		config.PortBindings = network.PortMap{network.MustParsePort(port): {{HostIP: loopback}}}
	}
}

// guarded turns a panic of f into an error: testcontainers panics if one of its variables is
// invalid.
func guarded[T any](f func() (T, error)) (result T, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("a TESTCONTAINERS_* or RYUK_* variable is invalid; unset it")
		}
	}()
	return f()
}
