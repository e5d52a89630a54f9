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
		{pgconn.ErrConnClosed, "the server closed the connection"},
		{&pgconn.PgError{Code: "42601", Message: "syntax\x1b[2J error"}, "syntax[2J error (42601)"},
		{errors.New("secret"), "the connection failed"},
	} {
		if got := reason(fmt.Errorf("secret: %w", c.err)); got != c.want {
			t.Errorf("%v: %q, want %q", c.err, got, c.want)
		}
	}
}
