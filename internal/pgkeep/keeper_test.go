package pgkeep_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/await"
	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/pgkeep"
	"github.com/fanout-bench/fanout-bench/internal/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

const schema = `
CREATE TABLE items (id serial PRIMARY KEY);
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER noted BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION noted()`

// A bench makes pools that take sessions from one Keeper.
type bench struct {
	t      *testing.T
	other  *pgxpool.Pool
	config *pgxpool.Config
	keeper *pgkeep.Keeper
	dials  atomic.Int32
}

func newBench(t *testing.T, schema string, change func(*pgxpool.Config)) *bench {
	t.Helper()
	b := &bench{t: t, other: pgtest.Pool(t, schema)}
	b.config = b.other.Config()
	dial := b.config.ConnConfig.DialFunc
	b.config.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		b.dials.Add(1)
		return dial(ctx, network, address)
	}
	if change != nil {
		change(b.config)
	}
	return b.anew(t)
}

// anew returns a bench like b with nothing kept.
func (b *bench) anew(t *testing.T) *bench {
	b.t = t
	b.dials.Store(0)
	b.keeper = pgkeep.New(t.Context(), b.other, b.config.ConnConfig)
	t.Cleanup(b.keeper.Close)
	return b
}

// use runs do in a new pool, takes the sessions back and returns the session.
func (b *bench) use(do func(ctx context.Context, conn *pgx.Conn) error) (pid uint32) {
	b.t.Helper()
	config := b.config.Copy()
	b.keeper.Attach(config)
	pool, err := pgxpool.NewWithConfig(b.t.Context(), config)
	must.Succeed(b.t, err)
	defer pool.Close()
	conn, err := pool.Acquire(b.t.Context())
	must.Succeed(b.t, err)
	pid = conn.Conn().PgConn().PID()
	err = do(b.t.Context(), conn.Conn())
	conn.Release()
	if err != nil {
		b.t.Error(err)
	}
	b.keeper.Keep(b.t.Context(), pool)
	return pid
}

func executing(statements ...string) func(context.Context, *pgx.Conn) error {
	return func(ctx context.Context, conn *pgx.Conn) error {
		for _, sql := range statements {
			if _, err := conn.Exec(ctx, sql); err != nil {
				return fmt.Errorf("%s: %w", sql, err)
			}
		}
		return nil
	}
}

// A session that only read is reset and reused.
func TestKept(t *testing.T) {
	b := newBench(t, schema, nil)
	for name, do := range map[string]func(ctx context.Context, conn *pgx.Conn) error{
		"reading":       executing("SELECT count(*) FROM items", "-- name: Items :many\nTABLE items"),
		"a transaction": executing("BEGIN READ ONLY", "SELECT FROM items", "SAVEPOINT a", "ROLLBACK TO a", "COMMIT"),
		"a prepared statement": func(ctx context.Context, conn *pgx.Conn) error {
			_, err := conn.Prepare(ctx, "q", "SELECT $1::int")
			return errors.Join(err, conn.QueryRow(ctx, "q", 1).Scan(new(int)))
		},
		"a batch": func(ctx context.Context, conn *pgx.Conn) error {
			batch := &pgx.Batch{}
			batch.Queue("SELECT $1::int", 1)
			batch.Queue("SELECT $1::text", "SET app.x = 1; nextval")
			return conn.SendBatch(ctx, batch).Close()
		},
		"a ping": func(ctx context.Context, conn *pgx.Conn) error { return conn.Ping(ctx) },
		"an error": func(ctx context.Context, conn *pgx.Conn) error {
			if _, err := conn.Exec(ctx, "SELECT 1 / 0"); err == nil {
				return errors.New("no error")
			}
			return nil
		},
		"a wide row": func(ctx context.Context, conn *pgx.Conn) error {
			return conn.QueryRow(ctx, "SELECT repeat('C', 1000000)").Scan(new(string))
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := b.anew(t)
			first := b.use(do)
			second := b.use(func(ctx context.Context, conn *pgx.Conn) error {
				var prepared int
				err := conn.QueryRow(ctx, "SELECT count(*) FROM pg_prepared_statements", pgx.QueryExecModeExec).Scan(&prepared)
				if status := conn.PgConn().ParameterStatus("client_encoding"); prepared != 0 || status != "UTF8" {
					t.Errorf("%d prepared statements, encoding %q", prepared, status)
				}
				return errors.Join(err, do(ctx, conn))
			})
			if third := b.use(do); first != second || second != third || b.dials.Load() != 1 {
				t.Errorf("sessions %d, %d, %d, in %d dials; want one", first, second, third, b.dials.Load())
			}
		})
	}
}

// Whatever happened in a session, the next one is like new.
func TestSessionStateIsNotReused(t *testing.T) {
	b := newBench(t, schema, nil)
	for _, test := range []struct {
		name  string
		leave func(ctx context.Context, conn *pgx.Conn) error
		probe string // true in a new session
	}{
		{"a setting", executing("SET work_mem = '1234kB'"), "current_setting('work_mem') <> '1234kB'"},
		{"a setting of the application", executing("SET app.tenant = '7'"), "current_setting('app.tenant', true) IS NULL"},
		{"a local setting of the application", executing("BEGIN", "SET LOCAL app.tenant = '7'", "COMMIT"), "current_setting('app.tenant', true) IS NULL"},
		{"a setting by a function", executing("SELECT set_config('app.tenant', '7', false)"), "current_setting('app.tenant', true) IS NULL"},
		{"a setting by an argument", func(ctx context.Context, conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, "SELECT set_config($1, $2, false)", "app.tenant", "7")
			return err
		}, "current_setting('app.tenant', true) IS NULL"},
		{"a setting by a query in XML", executing("SELECT query_to_xml($$SELECT set_config('app.' || 'tenant', '7', false)$$, true, true, '')"), "current_setting('app.tenant', true) IS NULL"},
		{"a setting by a block", executing("DO $$ BEGIN PERFORM set_config('app.tenant', '7', false); END $$"), "current_setting('app.tenant', true) IS NULL"},
		{"a setting beneath pgx", func(ctx context.Context, conn *pgx.Conn) error {
			_, err := conn.PgConn().Exec(ctx, "SELECT 1; SET app.tenant = '7'").ReadAll()
			return err
		}, "current_setting('app.tenant', true) IS NULL"},
		{"a setting in a batch", func(ctx context.Context, conn *pgx.Conn) error {
			batch := &pgx.Batch{}
			batch.Queue("SELECT 1")
			batch.Queue("SET app.tenant = '7'")
			return conn.SendBatch(ctx, batch).Close()
		}, "current_setting('app.tenant', true) IS NULL"},
		{"defaults of transactions", executing("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"), "current_setting('transaction_read_only') = 'off'"},
		{"a search path", executing("SET search_path = pg_catalog"), "to_regclass('items') IS NOT NULL"},
		{"a role", executing("SET ROLE pg_monitor"), "current_user = session_user"},
		{"a seed", executing("SELECT setseed(0.25)"), "random() <> 0.5687261750127487"},
		{"a temporary table", executing("CREATE TEMP TABLE items (id text)"), "to_regclass('pg_temp.items') IS NULL"},
		{"a temporary table by a query", executing("SELECT 1 INTO TEMP left_over"), "to_regclass('pg_temp.left_over') IS NULL"},
		{"a lock", executing("SELECT pg_advisory_lock(7)"), "NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())"},
		{"a listener", executing("LISTEN events"), "NOT EXISTS (SELECT pg_listening_channels())"},
		{"a cursor", executing("BEGIN", "DECLARE c CURSOR WITH HOLD FOR SELECT 1", "COMMIT"), "NOT EXISTS (SELECT FROM pg_cursors WHERE name = 'c')"},
		{"a prepared statement", executing("PREPARE q AS SELECT 1"), "NOT EXISTS (SELECT FROM pg_prepared_statements WHERE name = 'q')"},
		{"a sequence", executing("SELECT nextval('items_id_seq')"), "true"},
		{"an open transaction", executing("BEGIN"), "pg_current_xact_id_if_assigned() IS NULL"},
		{"a failed transaction", func(ctx context.Context, conn *pgx.Conn) error {
			if err := executing("BEGIN", "SELECT 1 / 0")(ctx, conn); err == nil {
				return errors.New("no error")
			}
			return nil
		}, "pg_current_xact_id_if_assigned() IS NULL"},
		{"rows that nobody read", func(ctx context.Context, conn *pgx.Conn) error {
			_, err := conn.Query(ctx, "SELECT generate_series(1, 100000)")
			return err
		}, "true"},
		{"a batch that nobody closed", func(ctx context.Context, conn *pgx.Conn) error {
			batch := &pgx.Batch{}
			batch.Queue("SELECT generate_series(1, 100000)")
			conn.SendBatch(ctx, batch)
			return nil
		}, "true"},
		{"a pipeline that nobody closed", func(ctx context.Context, conn *pgx.Conn) error {
			pipeline := conn.PgConn().StartPipeline(ctx)
			pipeline.SendQueryParams("SELECT generate_series(1, 100000)", nil, nil, nil, nil)
			return pipeline.Flush()
		}, "true"},
		{"rows for the server", func(ctx context.Context, conn *pgx.Conn) error {
			_, err := conn.CopyFrom(ctx, pgx.Identifier{"items"}, []string{"id"}, pgx.CopyFromRows([][]any{{1}}))
			return err
		}, "true"},
		{"a statement that was given up", func(ctx context.Context, conn *pgx.Conn) error {
			ctx, cancel := context.WithTimeout(ctx, time.Millisecond)
			defer cancel()
			if _, err := conn.Exec(ctx, "SELECT count(*) FROM generate_series(1, 100000000)"); err == nil {
				return errors.New("no error")
			}
			return nil
		}, "true"},
		{"a request to cancel", func(ctx context.Context, conn *pgx.Conn) error { return conn.PgConn().CancelRequest(ctx) }, "true"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := b.anew(t)
			// The first session is one that was kept already.
			kept := b.use(executing("SELECT 1"))
			if left := b.use(test.leave); left != kept {
				t.Fatalf("session %d does the work, want %d", left, kept)
			}
			pid := b.use(func(ctx context.Context, conn *pgx.Conn) error {
				var asNew bool
				err := conn.QueryRow(ctx, "SELECT "+test.probe).Scan(&asNew)
				if err == nil && !asNew {
					t.Errorf("the next session is not like new: %s is false", test.probe)
				}
				return err
			})
			if pid == kept {
				t.Error("the session was kept")
			}
		})
	}
}

// Code that a statement does not name may leave anything in a session.
func TestDatabaseWithCodeOfItsOwn(t *testing.T) {
	const tenant = "FUNCTION tenant() RETURNS text STABLE LANGUAGE sql AS $$ SELECT set_config('app.tenant', '7', false) $$"
	for name, own := range map[string]string{
		"a function":  "CREATE " + tenant,
		"a procedure": "CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1'",
		"a view":      "CREATE VIEW tenants AS SELECT set_config('app.tenant', '7', false)",
		"a policy":    "CREATE POLICY p ON items USING (set_config('app.tenant', id::text, false) <> '')",
		"a domain":    "CREATE DOMAIN tenant AS text CHECK (set_config('app.tenant', VALUE, false) <> '')",
		"an operator": "CREATE OPERATOR !! (FUNCTION = pg_catalog.setseed, RIGHTARG = float8)",
	} {
		if b := newBench(t, schema+";"+own, nil); b.keeper != nil {
			t.Errorf("%s: sessions are kept", name)
		}
	}
	b := newBench(t, schema+"; CREATE "+tenant, nil)
	if first := b.use(executing("SELECT tenant()")); first == b.use(executing("SELECT 1")) {
		t.Error("the session was kept")
	}
}

// A session that has ended is replaced.
func TestEndedSessionIsReplaced(t *testing.T) {
	b := newBench(t, schema, nil)
	first := b.use(executing("SELECT 1"))
	if _, err := b.other.Exec(t.Context(), "SELECT pg_terminate_backend($1)", int(first)); err != nil {
		t.Fatal(err)
	}
	if second := b.use(executing("SELECT 1")); second == first {
		t.Error("the ended session is reused")
	}
}

// A statement in a reused session can be canceled, without effect on other sessions.
func TestCancel(t *testing.T) {
	b := newBench(t, schema, nil)
	first := b.use(executing("SELECT 1"))
	second := b.use(func(ctx context.Context, conn *pgx.Conn) error {
		done := make(chan error, 1)
		go func() {
			_, err := conn.Exec(ctx, "SELECT count(*) FROM generate_series(1, 1000000000)")
			done <- err
		}()
		await.Until(t, "the statement", func() bool {
			var running bool
			const active = "SELECT count(*) > 0 FROM pg_stat_activity WHERE pid = $1 AND state = 'active'"
			return b.other.QueryRow(ctx, active, int(conn.PgConn().PID())).Scan(&running) == nil && running
		})
		err := conn.PgConn().CancelRequest(ctx)
		var canceled *pgconn.PgError
		if got := <-done; !errors.As(got, &canceled) || canceled.Code != "57014" {
			t.Errorf("got %v, want that it was canceled", got)
		}
		return err
	})
	if third := b.use(executing("SELECT 1")); first != second || second == third {
		t.Errorf("sessions %d, %d, %d; want the second to be the first and no other", first, second, third)
	}
}

// A pool reuses all connections of the previous one, and Close ends them.
func TestSeveralConnections(t *testing.T) {
	b := newBench(t, schema, nil)
	for range 3 {
		config := b.config.Copy()
		config.MaxConns = 4
		b.keeper.Attach(config)
		pool, err := pgxpool.NewWithConfig(t.Context(), config)
		must.Succeed(t, err)
		var conns []*pgxpool.Conn
		for range config.MaxConns {
			conn, err := pool.Acquire(t.Context())
			must.Succeed(t, err)
			conns = append(conns, conn)
		}
		for _, conn := range conns {
			conn.Release()
		}
		b.keeper.Keep(t.Context(), pool)
		pool.Close()
	}
	if n := b.dials.Load(); n != 4 {
		t.Errorf("%d dials for 3 pools of 4 connections, want 4", n)
	}
	b.keeper.Close()
	await.Until(t, "end of the kept sessions", func() bool {
		var n int
		const others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
		must.Succeed(t, b.other.QueryRow(t.Context(), others).Scan(&n))
		return n == 0
	})
}

// Configurations for another server or user open their own sessions.
func TestOtherConfigurations(t *testing.T) {
	b := newBench(t, schema, nil)
	first := b.use(executing("SELECT 1"))
	for name, change := range map[string]func(config *pgx.ConnConfig){
		"another setting": func(config *pgx.ConnConfig) { config.RuntimeParams["work_mem"] = "8MB" },
		"another database": func(config *pgx.ConnConfig) {
			config.Database = pgtest.Pool(t, "").Config().ConnConfig.Database
		},
	} {
		config := b.config.ConnConfig.Copy()
		change(config)
		conn, err := b.keeper.Connect(t.Context(), config)
		must.Succeed(t, err)
		if conn.PgConn().PID() == first {
			t.Errorf("%s: the kept session was reused", name)
		}
		must.Succeed(t, b.keeper.Release(t.Context(), conn))
	}
	conn, err := b.keeper.Connect(t.Context(), b.config.ConnConfig.Copy())
	must.Succeed(t, err)
	if conn.PgConn().PID() != first {
		t.Error("the kept session was not reused")
	}
	must.Succeed(t, b.keeper.Release(t.Context(), conn))
}

// A nil Keeper changes nothing.
func TestNoKeeper(t *testing.T) {
	b := newBench(t, "CREATE VIEW v AS SELECT 1", nil)
	if b.keeper != nil {
		t.Fatal("New returned a Keeper")
	}
	b.use(executing("SELECT 1"))
	conn, err := b.keeper.Connect(t.Context(), b.config.ConnConfig)
	must.Succeed(t, err)
	if err := b.keeper.Release(t.Context(), conn); err != nil || !conn.IsClosed() {
		t.Errorf("got %v, closed %t", err, conn.IsClosed())
	}
}

// TLS connections work but are not kept.
func TestTLS(t *testing.T) {
	plain := pgtest.Pool(t, "").Config().ConnConfig
	address := secured(t, func(ctx context.Context) (net.Conn, error) {
		network, address := pgconn.NetworkAddress(plain.Host, plain.Port)
		return plain.DialFunc(ctx, network, address)
	})
	b := newBench(t, schema, func(config *pgxpool.Config) {
		config.ConnConfig.TLSConfig = &tls.Config{InsecureSkipVerify: true}
		config.ConnConfig.Host, config.ConnConfig.Port = address.IP.String(), uint16(address.Port)
		config.ConnConfig.DialFunc = (&net.Dialer{}).DialContext
	})
	for range 2 {
		b.use(func(ctx context.Context, conn *pgx.Conn) error {
			if _, ok := conn.PgConn().Conn().(*tls.Conn); !ok {
				t.Error("the connection does not use TLS")
			}
			return errors.Join(executing("SELECT 1")(ctx, conn), conn.PgConn().CancelRequest(ctx))
		})
	}
	if first, second := b.use(executing("SELECT 1")), b.use(executing("SELECT 1")); first == second {
		t.Error("the session was kept")
	}
}

// secured forwards TLS connections to a server.
func secured(t *testing.T, dial func(ctx context.Context) (net.Conn, error)) *net.TCPAddr {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must.Succeed(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must.Succeed(t, err)
	config := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must.Succeed(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer client.Close()
				if _, err := io.ReadFull(client, make([]byte, 8)); err != nil { // the request for TLS
					return
				}
				if _, err := client.Write([]byte("S")); err != nil {
					return
				}
				server, err := dial(context.Background())
				if err != nil {
					return
				}
				defer server.Close()
				inner := tls.Server(client, config)
				go func() { _, _ = io.Copy(inner, server); _ = inner.Close() }()
				_, _ = io.Copy(server, inner)
			}()
		}
	}()
	return listener.Addr().(*net.TCPAddr)
}
