package postgres

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

func TestReason(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{&net.DNSError{Err: "no such host", Name: "secret", IsNotFound: true}, "host not found"},
		{&net.DNSError{Err: "server misbehaving", Name: "secret"}, "the host's address could not be looked up"},
		{&net.DNSError{Err: "i/o timeout", Name: "secret", IsTimeout: true}, "timed out"},
		{&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, "connection refused"},
		{&tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: &x509.Certificate{}, Host: "secret"}},
			"the server's TLS certificate could not be verified"},
		{context.DeadlineExceeded, "timed out"},
		{&net.OpError{Op: "write", Err: os.NewSyscallError("write", syscall.EPIPE)}, "the server closed the connection"},
		{&net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, "the server closed the connection"},
		{&pgconn.PgError{Code: "53100", Message: "could not extend file \"base/1/2\""}, "the disk of the server is full (53100)"},
		{&pgconn.PgError{Code: "57P01", Message: "terminating connection due to unexpected postmaster exit"},
			"the server closed the connection (57P01)"},
		{io.ErrUnexpectedEOF, "the server closed the connection"},
		{useOfClosed(t), "the server closed the connection"},
		{&pgconn.PgError{Code: "42601", Message: "syntax\x1b[2J error"}, "syntax[2J error (42601)"},
		{errors.New("secret"), "the connection failed"},
	} {
		if got := reason(fmt.Errorf("secret: %w", c.err)); got != c.want {
			t.Errorf("%v: %q, want %q", c.err, got, c.want)
		}
	}
}

// useOfClosed returns what the driver says of a connection that is used after its end.
func useOfClosed(t *testing.T) error {
	t.Helper()
	config, err := temporaryConfig("/", 5432, "")
	if err != nil {
		t.Fatal(err)
	}
	client, server := net.Pipe()
	_ = server.Close()
	conn, err := pgconn.Construct(&pgconn.HijackedConn{Conn: client, Frontend: pgproto3.NewFrontend(client, client), Config: &config.ConnConfig.Config})
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close(t.Context())
	err = conn.Ping(t.Context())
	if err == nil {
		t.Fatal("a closed connection works")
	}
	return err
}
