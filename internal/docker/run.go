package docker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
	"github.com/testcontainers/testcontainers-go/modules/postgres"
)

// DefaultImage is the official image, of the version most new servers have.
const DefaultImage = "postgres:17-alpine"

const (
	// pullLimit bounds Run where it has to fetch the image: some 100 MB.
	pullLimit = 10 * time.Minute

	// startLimit bounds the start of the container and of the server in it. They
	// take a few seconds; this is for a machine under heavy load.
	startLimit = 60 * time.Second
)

// AuthMethod is how the server knows its users: the password is never shown, and
// the other side proves that it knows it too. The images of version 13 have another
// default.
const AuthMethod = "scram-sha-256"

const (
	port = "5432/tcp"

	// dataFolder is kept in memory. The images keep their data in a volume, on a
	// disk.
	dataFolder = "/fanout-bench"
)

// A Request says what to run.
type Request struct {
	// Owner names who the container belongs to; see Remove.
	Owner string
	// Image is that of the container. It has to understand the POSTGRES_*
	// variables and PGDATA, as the official one does.
	Image string
	// Password is that of User on the server.
	User, Password string
	// Settings are those of the server, as name=value.
	Settings []string
	// Ready returns nil if the server at an address accepts connections and proves
	// that it knows Password: somebody else's may be at one of those it is asked
	// for. It is asked again until there is one.
	Ready func(ctx context.Context, host string, port uint16) error
}

// A Server is where the server of a container is reached from here.
type Server struct {
	Host string
	Port uint16
}

// HasImage reports whether the engine has image, so that nothing need be
// fetched.
func (e *Engine) HasImage(ctx context.Context, image string) (bool, error) {
	_, err := e.client.ImageInspect(ctx, image)
	if errdefs.IsNotFound(err) {
		return false, nil
	}
	return err == nil, e.reduced(ctx, err)
}

// Run starts a container and returns when the server in it accepts connections.
// On an error no container of the owner is left.
func (e *Engine) Run(ctx context.Context, r Request) (Server, error) {
	server, err := e.run(ctx, r)
	if err == nil {
		return server, nil
	}
	// By label, for Run may have been interrupted before it knew the container.
	if removal := e.Remove(context.WithoutCancel(ctx), r.Owner); removal != nil {
		err = fmt.Errorf("%w; %w", err, removal)
	}
	return Server{}, err
}

func (e *Engine) run(ctx context.Context, r Request) (Server, error) {
	limited, cancel, err := e.limit(ctx, r.Image)
	if err != nil {
		return Server{}, err
	}
	defer cancel()
	command := []string{"postgres"}
	for _, s := range r.Settings {
		command = append(command, "-c", s)
	}
	ready := &readiness{
		caller: ctx,
		ask:    r.Ready,
		local:  strings.HasPrefix(e.client.DaemonHost(), "unix:"),
	}
	container, err := guarded(func() (*postgres.PostgresContainer, error) {
		return postgres.Run(limited, r.Image,
			postgres.WithUsername(r.User),
			postgres.WithPassword(r.Password),
			testcontainers.WithEnv(map[string]string{
				"PGDATA":                    dataFolder + "/data",
				"POSTGRES_INITDB_ARGS":      "--encoding=UTF8 --locale=C --no-sync --auth-host=" + AuthMethod,
				"POSTGRES_HOST_AUTH_METHOD": AuthMethod,
			}),
			testcontainers.WithTmpfs(map[string]string{dataFolder: "rw,mode=1777"}),
			testcontainers.WithCmd(command...),
			testcontainers.WithLabels(map[string]string{ownerLabel: r.Owner}),
			testcontainers.WithLogger(log.NewNoopLogger()),
			testcontainers.WithWaitStrategyAndDeadline(startLimit, ready),
		)
	})
	if err != nil {
		return Server{}, e.failure(ctx, r, container, err)
	}
	return ready.server, nil
}

// limit returns the context to start a container in. Once nothing need be fetched
// it does not end with ctx: the engine may finish the creation of a container whose
// creator has hung up, after the creator looked whether there is one to remove.
func (e *Engine) limit(ctx context.Context, image string) (context.Context, context.CancelFunc, error) {
	has, err := e.HasImage(ctx, image)
	if err != nil {
		return nil, nil, fmt.Errorf("look for the image: %w", err)
	}
	if has {
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*startLimit)
		return limited, cancel, nil
	}
	limited, cancel := context.WithTimeout(ctx, pullLimit)
	return limited, cancel, nil
}

// failure says why there is no server.
func (e *Engine) failure(ctx context.Context, r Request, container *postgres.PostgresContainer, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("start a container: %w", ctx.Err())
	}
	has, unknown := e.HasImage(ctx, r.Image)
	switch {
	case !has && unknown == nil:
		return fmt.Errorf("the image %s is not on the Docker engine and cannot be pulled; "+
			"check its name and the network, or choose one that is there", printable(r.Image))
	// Before the container: there is a value for one that was never made.
	case isReaper(err):
		return errors.New("the reaper of testcontainers cannot be started, most often because its image cannot be pulled; " +
			"do without it: TESTCONTAINERS_RYUK_DISABLED=true")
	case container != nil && container.Container != nil:
		return e.startFailure(ctx, r, container, err)
	}
	return fmt.Errorf("start a container: %w", e.reduced(ctx, err))
}
