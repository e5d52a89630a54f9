package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
)

// refusals explains the errors with which a server refuses a connection. Their
// own texts contain the user, and the address as the server sees it.
var refusals = map[string]string{
	"28000": "the server refused the user or the way to authenticate",
	"28P01": "the server refused the password",
	"3D000": "the database does not exist",
	"42501": "the user may not connect to the database",
	"53300": "the server has no connection left",
	"57P03": "the server is starting up or shutting down",
}

// interventionClass begins the codes with which a server ends a connection, whatever it
// was doing: that it shuts down, that another of its processes has crashed and so on.
const interventionClass = "57P"

// reason says in a few words why err, of the driver, happened. The words are
// chosen here and never taken from err, with one exception: what a server says
// about a statement, without which nobody could repair a schema.
func reason(err error) string {
	var pgErr *pgconn.PgError
	var connectErr *pgconn.ConnectError
	switch isPg := errors.As(err, &pgErr); {
	case isPg && errors.As(err, &connectErr):
		why, known := refusals[pgErr.Code]
		if !known {
			why = "the server refused the connection"
		}
		return fmt.Sprintf("%s (%s)", why, printable(pgErr.Code))
	case isPg && pgErr.Code == "53100":
		return "the disk of the server is full (53100)" // it names a file instead
	case isPg && strings.HasPrefix(pgErr.Code, interventionClass):
		return fmt.Sprintf("the server closed the connection (%s)", printable(pgErr.Code))
	case isPg:
		return fmt.Sprintf("%s (%s)", printable(pgErr.Message), printable(pgErr.Code))
	}
	return networkReason(err)
}

func networkReason(err error) string {
	var (
		certErr *tls.CertificateVerificationError
		dnsErr  *net.DNSError
		netErr  net.Error
		errno   syscall.Errno
	)
	switch {
	case errors.As(err, &certErr):
		return "the server's TLS certificate could not be verified"
	case errors.As(err, &dnsErr) && dnsErr.IsNotFound:
		return "host not found"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &netErr) && netErr.Timeout():
		return "timed out"
	case dnsErr != nil:
		return "the host's address could not be looked up"
	case errors.Is(err, fs.ErrNotExist):
		return "no server listens on the socket"
	case errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ECONNRESET):
		return "the server closed the connection"
	case errors.As(err, &errno):
		return errno.Error()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return "the server closed the connection"
	// For these the driver has no value, or not in each version. The first is of what it has
	// noticed to be closed before it was used.
	case strings.Contains(err.Error(), "conn closed"):
		return "the server closed the connection"
	// Last, for with sslmode=prefer this is only the first of two attempts.
	case strings.Contains(err.Error(), "server refused TLS"):
		return "the server does not offer TLS, which sslmode demands"
	}
	return "the connection failed"
}
