package docker

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
	"github.com/testcontainers/testcontainers-go/modules/postgres"
)

// DefaultImage is the official image, of the version most new servers have.
const DefaultImage = "postgres:17-alpine"

const (
	// pullLimit bounds Pull: an image has some 100 MB.
	pullLimit = 10 * time.Minute

	// pullableLimit bounds the question whether there is an image.
	pullableLimit = 20 * time.Second

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

// Run starts a container and returns when the server in it accepts connections. The
// engine must have all images, see Missing. On an error no container of the owner is
// left.
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
	// It does not end with ctx: the engine may finish the creation of a container whose
	// creator has hung up, after the creator looked whether there is one to remove.
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*startLimit)
	defer cancel()
	command := []string{"postgres"}
	for _, s := range r.Settings {
		command = append(command, "-c", s)
	}
	ready := &readiness{caller: ctx, ask: r.Ready, local: strings.HasPrefix(e.client.DaemonHost(), "unix:")}
	started, err := guarded(func() (*postgres.PostgresContainer, error) {
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
			testcontainers.WithHostConfigModifier(func(config *container.HostConfig) {
				if ready.local && !inContainer() {
					config.PortBindings = network.PortMap{network.MustParsePort(port): {{HostIP: loopback}}}
				}
			}),
			testcontainers.WithWaitStrategyAndDeadline(startLimit, ready),
		)
	})
	if err != nil {
		return Server{}, e.failure(ctx, r, started, err)
	}
	return ready.server, nil
}

// loopback is where nobody else reaches a server.
var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// inContainer reports whether this is a container, which reaches those beside it at
// another address of the machine than loopback.
func inContainer() bool {
	_, err := os.Stat("/.dockerenv")
	return err == nil
}

// failure says why there is no server.
func (e *Engine) failure(ctx context.Context, r Request, started *postgres.PostgresContainer, err error) error {
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("start a container: %w", ctx.Err())
	// Before the container: there is a value for one that was never made.
	case isReaper(err):
		return fmt.Errorf("the reaper of testcontainers cannot be started; do without it: TESTCONTAINERS_RYUK_DISABLED=true: %w", e.reduced(ctx, err))
	case started != nil && started.Container != nil:
		return e.startFailure(ctx, r, started, err)
	}
	return fmt.Errorf("start a container: %w", e.reduced(ctx, err))
}
