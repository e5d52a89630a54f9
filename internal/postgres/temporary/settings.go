package temporary

import (
	"errors"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Superuser is that of a temporary server.
const Superuser = "postgres"

// Settings suit a server whose data is of no use after a crash, and which only
// this process connects to.
var Settings = []string{
	"max_connections=200",
	"shared_buffers=16MB",
	"fsync=off",
	"synchronous_commit=off",
	"full_page_writes=off",
	"wal_level=minimal",
	"max_wal_senders=0", // required by wal_level=minimal
	"autovacuum=off",
	"dynamic_shared_memory_type=mmap", // in the data folder, so that it goes with it
	"log_min_error_statement=panic",   // keeps SQL out of the log, the end of which we show
	"cluster_name=fanout-bench",
}

// Config returns how to connect to the temporary server at host, which
// is an address or the folder of a socket.
func Config(host string, port uint16, password string) (*pgxpool.Config, error) {
	// Only the parser can make a configuration, and it reads the environment and
	// a password file too. What it finds there is about some other server: all
	// of it is overridden here or overwritten below.
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
