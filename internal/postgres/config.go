package postgres

import (
	"errors"

	"github.com/jackc/pgx/v5/pgxpool"
)

const superuser = "postgres"

// temporaryConfig returns how to connect to the temporary server at host, which
// is an address or the folder of a socket.
func temporaryConfig(host string, port uint16, password string) (*pgxpool.Config, error) {
	// Only the parser can make a configuration, and it reads the environment and
	// a password file too. What it finds there is about some other server: all
	// of it is overridden here or overwritten below.
	config, err := pgxpool.ParseConfig("host=/ port=5432 user=" + superuser + " dbname=postgres" +
		" sslmode=disable passfile='' sslcertmode=disable target_session_attrs=any channel_binding=disable require_auth=''" +
		" min_protocol_version=3.0 max_protocol_version=3.0 connect_timeout=10")
	if err != nil {
		return nil, errors.New("PGSERVICE names a service that cannot be read; unset it")
	}
	conn := config.ConnConfig
	conn.Host, conn.Port, conn.Password, conn.Fallbacks = host, port, password, nil
	conn.RuntimeParams = map[string]string{}
	nameApplication(config)
	return config, nil
}
