package unseen

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fanout-bench/fanout-bench/internal/backends"
	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func connect(t *testing.T, config *pgx.ConnConfig) *pgx.Conn {
	t.Helper()
	conn, err := pgx.ConnectConfig(t.Context(), config)
	must.Succeed(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func open(t *testing.T, config *pgx.ConnConfig) *Database {
	t.Helper()
	d, err := Open(t.Context(), config.Copy())
	must.Succeed(t, err)
	t.Cleanup(func() { d.Close(context.Background()) })
	return d
}

func look(t *testing.T, d *Database) Look {
	t.Helper()
	l, err := d.Look(t.Context())
	must.Succeed(t, err)
	return l
}

func run(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	_, err := conn.Exec(t.Context(), sql)
	must.Succeed(t, err)
}

func TestSince(t *testing.T) {
	config := pgtest.Pool(t, "CREATE TABLE item AS SELECT generate_series(1, 100000) AS id").Config().ConnConfig
	other := connect(t, config)
	run(t, other, "SELECT 1")
	d := open(t, config)
	for _, c := range []struct {
		name        string
		do          func()
		open, brief int
	}{
		{"nothing", func() {}, 0, 0},
		{"opened", func() { connect(t, config) }, 0, 0},
		{"a statement", func() { run(t, other, "SELECT 1") }, 1, 0},
		{"a transaction begun", func() { run(t, other, "BEGIN") }, 1, 0},
		{"idle in it", func() {}, 0, 0},
		{"two connections", func() { run(t, other, "COMMIT"); run(t, connect(t, config), "SELECT 1") }, 2, 0},
		{"another database", func() { run(t, connect(t, pgtest.Pool(t, "").Config().ConnConfig), "SELECT 1") }, 0, 0},
		{"known ones", func() {
			backends.Tried(config.Database)
			conn := connect(t, config)
			t.Cleanup(backends.Opened(backends.Of(config, conn.PgConn().PID())))
			run(t, conn, "SELECT 1")
		}, 0, 0},
		{"known and closed", func() {
			conn := connect(t, config)
			backends.Opened(backends.Of(config, conn.PgConn().PID()))()
			run(t, conn, "SELECT 1")
			must.Succeed(t, conn.Close(t.Context()))
		}, 0, 0},
		{"known, with parallel workers", func() {
			conn := connect(t, config)
			t.Cleanup(backends.Opened(backends.Of(config, conn.PgConn().PID())))
			run(t, conn, "SET max_parallel_workers_per_gather = 2; SET min_parallel_table_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SELECT count(*) FROM item")
		}, 0, 0},
	} {
		before := look(t, d)
		c.do()
		work := look(t, d).Since(before)
		if len(work.By) != c.open || work.Brief != c.brief || work.None() != (c.open+c.brief == 0) {
			t.Errorf("%s: work %+v, want %d open and %d brief", c.name, work, c.open, c.brief)
		}
	}
	for range 20 {
		before := look(t, d)
		for range 3 {
			conn := connect(t, config)
			run(t, conn, "SELECT 1")
			must.Succeed(t, conn.Close(t.Context()))
		}
		// Each is in one of the two, however long its backend takes to end.
		if work := look(t, d).Since(before); d.sessions && len(work.By)+work.Brief != 3 {
			t.Errorf("work %+v, want that of 3 connections", work)
		}
	}
}

// A role without permission does not report false work.
func TestRoleWithoutPermission(t *testing.T) {
	config := pgtest.Pool(t, "").Config().ConnConfig
	other := connect(t, config)
	role := pgx.Identifier{config.Database + "_role"}.Sanitize()
	run(t, other, "CREATE ROLE "+role+" LOGIN PASSWORD 'x'")
	t.Cleanup(func() { _, _ = other.Exec(context.Background(), "DROP ROLE "+role) })
	limited := config.Copy()
	limited.User, limited.Password = config.Database+"_role", "x"
	d := open(t, limited)
	before := look(t, d)
	run(t, other, "SELECT 1")
	run(t, connect(t, config), "SELECT 1")
	if work := look(t, d).Since(before); len(work.By) > 0 {
		t.Errorf("work %+v", work)
	}
	before = look(t, d)
	run(t, connect(t, limited), "SELECT 1") // its own
	if work := look(t, d).Since(before); len(work.By) != 1 {
		t.Errorf("work %+v, want that of one connection", work)
	}
}

// A pooled connection reports a PID that differs from the backend's.
type pooled struct{ net.Conn }

func (p pooled) Read(b []byte) (int, error) {
	n, err := p.Conn.Read(b)
	if i := bytes.Index(b[:n], []byte{'K', 0, 0, 0, 12}); i >= 0 {
		b[i+8]++
	}
	return n, err
}

func TestPooler(t *testing.T) {
	config := pgtest.Pool(t, "").Config().ConnConfig
	direct := open(t, config)
	through := config.Copy()
	dial := config.DialFunc
	through.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		return pooled{conn}, err
	}
	if d, err := Open(t.Context(), through.Copy()); !errors.Is(err, ErrHidden) {
		t.Errorf("Open() = %v, %v, want ErrHidden", d, err)
	}
	// Known backends are not found under another address.
	through.Host, through.Port = "pooler", 1
	closed := backends.Opened(backends.Of(through, 1<<30))
	if _, err := direct.Look(t.Context()); !errors.Is(err, ErrHidden) {
		t.Errorf("Look() = %v, want ErrHidden", err)
	}
	closed()
	again := open(t, config)
	look(t, again)
	t.Cleanup(backends.Opened(backends.Of(config, 0))) // by a driver that does not say
	if _, err := again.Look(t.Context()); !errors.Is(err, ErrHidden) {
		t.Errorf("Look() = %v, want ErrHidden", err)
	}
}

func TestMajor(t *testing.T) {
	for version, want := range map[string]int{"": 0, "18": 18, "15.18 (Debian 15.18-0+deb12u1)": 15, "19beta1": 19, "x": 0} {
		if got := major(version); got != want {
			t.Errorf("major(%q) = %d, want %d", version, got, want)
		}
	}
}

// TestServers knows backends of another server with the same PIDs, and of this server by another
// name.
func TestServers(t *testing.T) {
	config := pgtest.Pool(t, "").Config().ConnConfig
	other := connect(t, config)
	run(t, other, "SELECT 1")
	d := open(t, config)
	servers.Store(address{"replica", 1}, d.server.Add(time.Second))
	servers.Store(address{"alias", 1}, d.server)
	defer servers.Delete(address{"replica", 1})
	defer servers.Delete(address{"alias", 1})
	known := func(host string, pid uint32) {
		t.Cleanup(backends.Opened(backends.Backend{PID: pid, Host: host, Port: 1, Database: config.Database}))
	}
	known("replica", other.PgConn().PID())
	known("replica", 1<<30)
	known("alias", 1<<30) // closed
	before := look(t, d)
	run(t, other, "SELECT 1")
	if work := look(t, d).Since(before); len(work.By) != 1 {
		t.Errorf("work %+v, want that of one connection", work)
	}
	// Connections to the other server do not hide sessions here, however many they are.
	before = look(t, d)
	for pid := range uint32(3) {
		backends.Tried(config.Database)
		known("replica", pid+1)
	}
	brief := connect(t, config)
	run(t, brief, "SELECT 1")
	must.Succeed(t, brief.Close(t.Context()))
	for open := true; open; {
		must.Succeed(t, d.conn.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1)", brief.PgConn().PID()).Scan(&open))
	}
	if work := look(t, d).Since(before); d.sessions && work.Brief != 1 {
		t.Errorf("work %+v, want that of one brief connection", work)
	}
	known("alias", other.PgConn().PID())
	before = look(t, d)
	run(t, other, "SELECT 1")
	if work := look(t, d).Since(before); !work.None() {
		t.Errorf("work %+v of a known connection", work)
	}
}
