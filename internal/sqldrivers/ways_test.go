package sqldrivers

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/lib/pq"
	"github.com/uptrace/bun/driver/pgdriver"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

const schema = `
	CREATE TABLE item (id int PRIMARY KEY, name text);
	CREATE TABLE later (id int UNIQUE DEFERRABLE INITIALLY DEFERRED);
	INSERT INTO item SELECT i, 'item ' || i FROM generate_series(1, 9) i;`

// A way is a way to count a database.
type way struct {
	name string
	open func(t testing.TB, r *tracer.Recorder, config *pgx.ConnConfig) *sql.DB
}

var ways = []way{
	{"pgx", func(t testing.TB, r *tracer.Recorder, config *pgx.ConnConfig) *sql.DB {
		config = config.Copy()
		r.Attach(config)
		return stdlib.OpenDB(*config)
	}},
	{"pgx by DSN", func(t testing.TB, r *tracer.Recorder, config *pgx.ConnConfig) *sql.DB {
		config = config.Copy()
		r.Attach(config)
		dsn := stdlib.RegisterConnConfig(config)
		t.Cleanup(func() { stdlib.UnregisterConnConfig(dsn) })
		db, err := sql.Open("pgx", dsn)
		must(t, err)
		return db
	}},
	{"Connector of pgx", connected(func(t testing.TB, config *pgx.ConnConfig) driver.Connector {
		return stdlib.GetConnector(*config)
	})},
	{"Connector of lib/pq", connected(func(t testing.TB, config *pgx.ConnConfig) driver.Connector {
		c, err := pq.NewConnector(dsnOf(config))
		must(t, err)
		return c
	})},
	{"Connector of pgdriver", connected(func(t testing.TB, config *pgx.ConnConfig) driver.Connector {
		network, address := "tcp", net.JoinHostPort(config.Host, fmt.Sprint(config.Port))
		if strings.HasPrefix(config.Host, "/") {
			network, address = "unix", fmt.Sprintf("%s/.s.PGSQL.%d", config.Host, config.Port)
		}
		return pgdriver.NewConnector(
			pgdriver.WithNetwork(network), pgdriver.WithAddr(address), pgdriver.WithInsecure(config.TLSConfig == nil),
			pgdriver.WithUser(config.User), pgdriver.WithPassword(config.Password), pgdriver.WithDatabase(config.Database))
	})},
}

func connected(connector func(t testing.TB, config *pgx.ConnConfig) driver.Connector) func(t testing.TB, r *tracer.Recorder, config *pgx.ConnConfig) *sql.DB {
	return func(t testing.TB, r *tracer.Recorder, config *pgx.ConnConfig) *sql.DB {
		return sql.OpenDB(r.Connector(connector(t, config)))
	}
}

func dsnOf(config *pgx.ConnConfig) string {
	quoted := func(s string) string { return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) + "'" }
	mode := "disable"
	if config.TLSConfig != nil {
		mode = "require"
	}
	return fmt.Sprintf("host=%s port=%d user=%s password=%s dbname=%s sslmode=%s",
		quoted(config.Host), config.Port, quoted(config.User), quoted(config.Password), quoted(config.Database), mode)
}

// database returns a new database that is counted in the way w.
func (w way) database(t testing.TB, r *tracer.Recorder) *sql.DB {
	t.Helper()
	db := w.open(t, r, pgtest.Pool(t, schema).Config().ConnConfig)
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	must(t, db.PingContext(t.Context()))
	return db
}

// record returns what f does in a scope.
func record(t testing.TB, f func(ctx context.Context)) tracer.Recording {
	t.Helper()
	ctx, scope := tracer.Start(t.Context(), t.Name())
	f(ctx)
	return scope.End()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func mustFail(t testing.TB, err error) {
	t.Helper()
	if err == nil {
		t.Fatal("no error, and the case is about one")
	}
}
