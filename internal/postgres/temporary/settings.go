package temporary

import (
	"errors"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Superuser is the superuser of a temporary server.
const Superuser = "postgres"

// Settings are for a server that only this process uses and whose data need not survive a
// crash.
var Settings = []string{
	"max_connections=200",
	"shared_buffers=16MB",
	"fsync=off",
	"synchronous_commit=off",
	"full_page_writes=off",
	"wal_level=minimal",
	"max_wal_senders=0", // required by wal_level=minimal
	"autovacuum=off",
	"dynamic_shared_memory_type=mmap", // kept in the data folder and removed with it
	"log_min_error_statement=panic",   // keeps SQL out of the log, which errors quote
	"cluster_name=fanout-bench",
}

// Config returns how to connect to the temporary server at host, an address or the folder of
// a socket.
func Config(host string, port uint16, password string) (*pgxpool.Config, error) {
	// Only the parser can make a configuration, but it also reads the environment and a
	// password file, which concern other servers. Everything is overridden here or below.
	config, err := pgxpool.ParseConfig("host=/ port=5432 user=" + Superuser + " dbname=postgres" +
		" sslmode=disable passfile='' sslcertmode=disable target_session_attrs=any channel_binding=disable require_auth=''" +
		" min_protocol_version=3.0 max_protocol_version=3.0 connect_timeout=10")
	if err != nil {
		return nil, errors.New("PGSERVICE names a service that cannot be read; unset it")
	}
	conn := config.ConnConfig
	conn.Host, conn.Port, conn.Password, conn.Fallbacks = host, port, password, nil
	conn.RuntimeParams = map[string]string{}
	return config, nil
}
