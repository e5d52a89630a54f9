package postgres

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgxpool"
)

func secretsIn(t *testing.T, url string) redactor {
	t.Helper()
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	return secretsOf(url, config.ConnConfig)
}

const (
	secretUser     = "somebodyhere"
	secretPassword = "hunter2hunter2"
)

// secretURL returns the URL of a server at address, with options.
func secretURL(address, options string) string {
	if !strings.Contains(options, "&sslmode=") { // of two, versions of the driver take another
		options += "&sslmode=disable"
	}
	return fmt.Sprintf("postgres://%s:%s@%s/db?target_session_attrs=any%s", secretUser, secretPassword, address, options)
}

// openSecret opens url, which has to fail, and checks that the error contains
// reason and nothing of what is in url.
func openSecret(t *testing.T, url, reason string, secrets ...string) {
	t.Helper()
	server, err := Open(t.Context(), Options{URL: url})
	if err == nil {
		server.Close()
		t.Fatal("no error")
	}
	if !strings.Contains(err.Error(), reason) {
		t.Errorf("error is %q, want one with %q", err, reason)
	}
	for _, s := range append(secrets, secretUser, secretPassword, url) {
		if s != "" && strings.Contains(err.Error(), s) {
			t.Errorf("error %q contains %q", err, s)
		}
	}
}

// listen returns the address of a server that answers the first message of
// every connection with answer, which closes the connection or leaves it open.
func listen(t *testing.T, answer func(*pgproto3.Backend, net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
			backend := pgproto3.NewBackend(conn, conn)
			if _, err := backend.ReceiveStartupMessage(); err == nil {
				answer(backend, conn)
			}
		}
	}()
	return listener.Addr().String()
}

func TestURLRefusedByTheServer(t *testing.T) {
	for code, reason := range map[string]string{
		"28P01": "the server refused the password (28P01)",
		"28000": "the server refused the user or the way to authenticate (28000)",
		"3D000": "the database does not exist (3D000)",
		"53300": "the server has no connection left (53300)",
		"XX000": "the server refused the connection (XX000)",
	} {
		t.Run(code, func(t *testing.T) {
			address := listen(t, func(b *pgproto3.Backend, conn net.Conn) {
				b.Send(&pgproto3.ErrorResponse{
					Severity: "FATAL", Code: code,
					Message: fmt.Sprintf("host %s, user %s, password %s", conn.LocalAddr(), secretUser, secretPassword),
				})
				_ = b.Flush()
				conn.Close()
			})
			openSecret(t, secretURL(address, ""), reason, "127.0.0.1", address)
		})
	}
}

func TestURLUnreachable(t *testing.T) {
	closed := func(*testing.T) string {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		return listener.Addr().String()
	}
	silent := func(t *testing.T) string { return listen(t, func(*pgproto3.Backend, net.Conn) {}) }
	closing := func(t *testing.T) string {
		return listen(t, func(_ *pgproto3.Backend, conn net.Conn) { conn.Close() })
	}
	for _, c := range []struct {
		name, reason string
		address      func(*testing.T) string
		options      string
	}{
		{"closed port", "connection refused", closed, ""},
		{"silent server", "timed out", silent, "&connect_timeout=1"},
		{"closing server", "the server closed the connection", closing, ""},
		{"without TLS", "the server does not offer TLS", func(t *testing.T) string {
			return listen(t, func(_ *pgproto3.Backend, conn net.Conn) { _, _ = conn.Write([]byte("N")) })
		}, "&sslmode=require"},
	} {
		t.Run(c.name, func(t *testing.T) {
			address := c.address(t)
			openSecret(t, secretURL(address, c.options), c.reason, "127.0.0.1", address)
		})
	}
	t.Run("no socket", func(t *testing.T) {
		folder := t.TempDir()
		url := fmt.Sprintf("postgres://%s:%s@/db?host=%s", secretUser, secretPassword, folder)
		openSecret(t, url, "no server listens on the socket", folder)
	})
}

func TestURLMalformed(t *testing.T) {
	for _, url := range []string{
		secretURL("host.example", "&sslmode=maybe"),
		secretURL("host.example:port", ""),
		"postgres://" + secretUser + ":" + secretPassword + "/%zz@host.example/db",
		"host=host.example user=" + secretUser + " password='" + secretPassword,
		"host=host.example user=" + secretUser + " password=" + secretPassword + " connect_timeout=x",
	} {
		openSecret(t, url, "cannot be parsed", "host.example")
	}
}
