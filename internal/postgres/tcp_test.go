//go:build linux || darwin

package postgres

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/fanout-bench/fanout-bench/internal/long"
	"github.com/fanout-bench/fanout-bench/internal/tempfolder"
)

// dataIn returns the data folder of the only server in base.
func dataIn(t *testing.T, base string) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(base, tempfolder.Prefix+"*", dataName))
	if err != nil || len(paths) != 1 {
		t.Fatalf("data folders are %q, %v; want one", paths, err)
	}
	return paths[0]
}

// refused checks that a connection fails for lack of the password.
func refused(t *testing.T, config *pgx.ConnConfig) {
	t.Helper()
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err == nil {
		conn.Close(t.Context())
		t.Error("connected")
		return
	}
	var pgErr *pgconn.PgError
	if !errors.As(err, &pgErr) || pgErr.Code != "28P01" {
		t.Errorf("error is %v, want 28P01", err)
	}
}

func TestTCP(t *testing.T) {
	s := onSharedTCP(t)
	base, conn := s.base, s.config.ConnConfig

	t.Run("databases come and go", func(t *testing.T) {
		source, err := s.Create(t.Context(), "CREATE TABLE t (id int)")
		if err != nil {
			t.Fatal(err)
		}
		copied, err := s.Clone(t.Context(), source)
		if err != nil {
			t.Fatal(err)
		}
		if got := copied.ConnConfig; got.Host != "127.0.0.1" || got.Port != conn.Port || got.Password != conn.Password {
			t.Errorf("the clone is at %s:%d, or has another password", got.Host, got.Port)
		}
		if err := s.Drop(t.Context(), copied); err != nil {
			t.Error(err)
		}
	})

	t.Run("nobody comes in without the password", func(t *testing.T) {
		execute(t, s.Server, "CREATE ROLE other LOGIN SUPERUSER")
		defer execute(t, s.Server, "DROP ROLE other")
		for _, user := range []string{superuser, "other"} {
			for _, password := range []string{"", "wrong", strings.ToLower(conn.Password)} {
				c := conn.Copy()
				c.User, c.Password = user, password
				refused(t, c)
			}
		}
		var open int
		err := s.admin.QueryRow(t.Context(), `SELECT count(*) FROM pg_hba_file_rules
			WHERE type <> 'local' AND auth_method IS DISTINCT FROM 'scram-sha-256'`).Scan(&open)
		if err != nil || open != 0 {
			t.Errorf("%d rules for hosts ask for no password, %v", open, err)
		}
	})

	t.Run("it listens on one address", func(t *testing.T) {
		var listens string
		if err := s.admin.QueryRow(t.Context(), "SHOW listen_addresses").Scan(&listens); err != nil || listens != "127.0.0.1" {
			t.Errorf("listens on %q, %v", listens, err)
		}
	})

	t.Run("the password is in no file", func(t *testing.T) {
		folder := filepath.Dir(dataIn(t, base))
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		if want := []string{dataName, logName, tempfolder.LockName}; !slices.Equal(names, want) {
			t.Errorf("folder has %q, want %q", names, want)
		}
		log, err := os.ReadFile(filepath.Join(folder, logName))
		if err != nil || strings.Contains(string(log), conn.Password) {
			t.Errorf("the password is in the log, or %v", err)
		}
	})

	t.Run("and in no text", func(t *testing.T) {
		secrets := []string{conn.Password, conn.Host, dataIn(t, base)}
		for _, text := range []string{s.Description(), s.Redacted(errors.New(strings.Join(secrets, " ")))} {
			for _, secret := range secrets {
				if strings.Contains(text, secret) {
					t.Errorf("%q shows %q", text, secret)
				}
			}
		}
	})
}

func TestEachServerHasItsOwnPassword(t *testing.T) {
	one, two := local{tcp: true}.access(), local{tcp: true}.access()
	// 26 characters of 5 bits are more than 128 bits.
	if one.password == two.password || len(one.password) < 26 {
		t.Error("passwords are equal or short")
	}
}

// TestURLOverTCP uses a server as one that belongs to somebody else.
func TestURLOverTCP(t *testing.T) {
	conn := onSharedTCP(t).config.ConnConfig
	url := fmt.Sprintf("postgres://%s:%s@%s:%d/postgres?sslmode=disable", conn.User, conn.Password, conn.Host, conn.Port)
	given, err := Open(t.Context(), Options{URL: url, TCP: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := given.Create(t.Context(), ""); err != nil {
		t.Error(err)
	}
	if err := given.Close(); err != nil {
		t.Error(err)
	}
}

// TestImpostor connects to somebody who listens where the server was.
func TestImpostor(t *testing.T) {
	for name, demand := range map[string]pgproto3.BackendMessage{
		"wants the password":   &pgproto3.AuthenticationCleartextPassword{},
		"wants no password":    &pgproto3.AuthenticationOk{},
		"wants it in a digest": &pgproto3.AuthenticationMD5Password{},
	} {
		t.Run(name, func(t *testing.T) {
			said := make(chan error, 1)
			at, err := net.ResolveTCPAddr("tcp", listen(t, func(b *pgproto3.Backend, conn net.Conn) {
				b.Send(demand)
				b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
				_ = b.Flush()
				_, err := conn.Read(make([]byte, 1))
				said <- err
			}))
			if err != nil {
				t.Fatal(err)
			}
			config, err := tcpConfig(at.AddrPort().Port(), "hunter2hunter2")
			if err != nil {
				t.Fatal(err)
			}
			if conn, err := pgx.ConnectConfig(t.Context(), config.ConnConfig); err == nil {
				conn.Close(t.Context())
				t.Error("connected")
			}
			if err := <-said; err == nil {
				t.Error("the impostor was told something")
			}
		})
	}
}

// takenPort returns a port that somebody listens on until the test ends.
func takenPort(t *testing.T) uint16 {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener.Addr().(*net.TCPAddr).AddrPort().Port()
}

func TestLongTakenPort(t *testing.T) {
	long.Test(t)
	account := testAccount(t)
	p, taken := installed(t, account), takenPort(t)

	t.Run("once", func(t *testing.T) {
		tried := 0
		a := overTCP()
		a.port = func() (uint16, error) {
			if tried++; tried == 1 {
				return taken, nil
			}
			return freePort()
		}
		s, err := launch(t.Context(), p, account, base(t), a, "here", settings)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if s.config.ConnConfig.Port == taken || tried < 2 {
			t.Errorf("port is %d after %d tries, and %d is taken", s.config.ConnConfig.Port, tried, taken)
		}
		if _, err := s.Create(t.Context(), ""); err != nil {
			t.Error(err)
		}
	})

	t.Run("always", func(t *testing.T) {
		tried := 0
		a := overTCP()
		a.port = func() (uint16, error) { tried++; return taken, nil }
		base := base(t)
		_, err := launch(t.Context(), p, account, base, a, "here", settings)
		if err == nil || err.Error() != "somebody took the port of the server, 3 times in a row" || tried != 3 {
			t.Errorf("error after %d tries is %v", tried, err)
		}
		wantEmpty(t, base)
	})

	t.Run("none to be had", func(t *testing.T) {
		a := overTCP()
		a.port = func() (uint16, error) { return 0, errors.New("no port") }
		if _, err := launch(t.Context(), p, account, base(t), a, "here", settings); err == nil || err.Error() != "no port" {
			t.Errorf("error is %v", err)
		}
	})
}

// TestPasswordFile runs an initdb that tells what it can.
func TestPasswordFile(t *testing.T) {
	account := testAccount(t)
	p := installed(t, account)
	p.initdb = scriptIn(t, base(t), "initdb", `for a; do
	case $a in --pwfile=*) f=${a#--pwfile=} ;; esac
done
set -- $(ls -ln "$f")
[ $3 = $(id -u) ] && echo mine
echo $1
cat "$f"
exit 1`)
	base, a := base(t), overTCP()
	_, err := startCluster(t.Context(), p, account, base, a, settings)
	if err == nil || !strings.HasPrefix(err.Error(), "initdb failed: mine | -rw-------") || !strings.HasSuffix(err.Error(), " | ***") {
		t.Errorf("error is %v", err)
	}
	wantEmpty(t, base)
}

func TestSocketPorts(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a[b]")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".s.PGSQL.5432", ".s.PGSQL.5432.lock", ".s.PGSQL.65535", ".s.PGSQL.65536", "PG_VERSION"} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := socketPorts(folder); !slices.Equal(got, []uint16{5432, 65535}) {
		t.Errorf("ports are %d", got)
	}
}
