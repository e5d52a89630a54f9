package scratch_test

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/postgres/scratch"
)

const (
	secretUser     = "somebodyhere"
	secretPassword = "hunter2hunter2"
)

// secretURL returns the URL of a server at address, with options.
func secretURL(address, options string) string {
	if !strings.Contains(options, "&sslmode=") { // given twice, driver versions differ in which one they use
		options += "&sslmode=disable"
	}
	return fmt.Sprintf("postgres://%s:%s@%s/db?target_session_attrs=any%s", secretUser, secretPassword, address, options)
}

// openSecret opens url and checks that the error is one line that contains all of parts
// and neither url nor its password.
func openSecret(t *testing.T, url string, parts ...string) {
	t.Helper()
	server, err := scratch.Given(t.Context(), url)
	if err == nil {
		server.Close()
		t.Fatal("no error")
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error is %q, want one with %q", err, part)
		}
	}
	for _, s := range []string{secretPassword, url, "\n"} {
		if strings.Contains(err.Error(), s) {
			t.Errorf("error %q contains %q", err, s)
		}
	}
}

// listen returns the address of a server that answers the first message of every
// connection with answer. answer may close the connection or leave it open.
func listen(t *testing.T, answer func(*pgproto3.Backend, net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must.Succeed(t, err)
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
	address := listen(t, func(b *pgproto3.Backend, conn net.Conn) {
		b.Send(&pgproto3.ErrorResponse{
			Severity: "FATAL", Code: "28P01",
			Message: fmt.Sprintf("password \x1b[2J%s of %s is wrong", secretPassword, secretUser),
		})
		_ = b.Flush()
		conn.Close()
	})
	openSecret(t, secretURL(address, ""), address, "FATAL: password [2J*** of "+secretUser+" is wrong (SQLSTATE 28P01)")
}

func TestURLUnreachable(t *testing.T) {
	closed := func(*testing.T) string {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		must.Succeed(t, err)
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
		{"silent server", "context deadline exceeded", silent, "&connect_timeout=1"},
		{"closing server", "unexpected EOF", closing, ""},
		{"without TLS", "server refused TLS", func(t *testing.T) string {
			return listen(t, func(_ *pgproto3.Backend, conn net.Conn) { _, _ = conn.Write([]byte("N")) })
		}, "&sslmode=require"},
	} {
		t.Run(c.name, func(t *testing.T) {
			address := c.address(t)
			openSecret(t, secretURL(address, c.options), c.reason, address, secretUser)
		})
	}
	t.Run("two hosts", func(t *testing.T) {
		one, other := closed(t), closed(t)
		openSecret(t, secretURL(one+","+other, ""), one, other)
	})
	t.Run("no socket", func(t *testing.T) {
		folder := t.TempDir()
		url := fmt.Sprintf("postgres://%s:%s@/db?host=%s", secretUser, secretPassword, folder)
		openSecret(t, url, "no such file or directory", folder)
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
		openSecret(t, url, "cannot be parsed")
	}
}
