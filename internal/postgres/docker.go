package postgres

import (
	"context"
	"crypto/rand"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/postgres/redact"
	"github.com/fanout-bench/fanout-bench/internal/postgres/scratch"
	"github.com/fanout-bench/fanout-bench/internal/postgres/temporary"
)

func openDocker(ctx context.Context, o Options) (*scratch.Server, error) {
	if o.Docker == nil {
		return nil, errNoDocker
	}
	password := rand.Text()
	container, err := o.Docker.Run(ctx, ContainerRequest{
		User: temporary.Superuser, Password: password, Settings: o.Settings, Notify: o.Notify,
	})
	if err != nil {
		return nil, err
	}
	for _, host := range container.Hosts {
		var config *pgxpool.Config
		if config, err = temporary.Config(host, container.Port, password); err != nil {
			break
		}
		container.Insist(config.ConnConfig) // another server may listen on that port
		var server *scratch.Server
		if server, err = scratch.New(ctx, config, "temporary server in a container", container.Stop); err == nil {
			return server, nil
		}
	}
	return nil, redact.Also(err, container.Stop())
}

func examineDocker(ctx context.Context, o Options) (string, error) {
	if o.Docker == nil {
		return "", errNoDocker
	}
	return o.Docker.Examine(ctx)
}
