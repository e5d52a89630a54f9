package countproxy

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// limit bounds the time to reach a server whose URL has no connect_timeout.
const limit = 10 * time.Second

// An upstream is the server that a URL names.
type upstream struct {
	config *pgconn.Config
	given  string
}

// A dialed is the address and configuration that reached a server.
type dialed struct {
	network, address string
	tls              *tls.Config
}

// The parser's error may quote parts of the password.
var errURL = errors.New("the URL of the server cannot be parsed; want postgres://user:password@host:port/database, with %-escapes for special characters, and options and a service that exist")

func parse(given string) (upstream, error) {
	config, err := pgconn.ParseConfig(given)
	var file *fs.PathError
	switch {
	case errors.As(err, &file):
		return upstream{}, fmt.Errorf("the URL of the server, or a PG* variable, names a file that cannot be read: %w", file)
	case err != nil:
		return upstream{}, errURL
	}
	for _, f := range config.Fallbacks {
		if f.Host != config.Host || f.Port != config.Port {
			return upstream{}, errors.New("the URL names several servers; name only the server to measure")
		}
	}
	if config.ChannelBinding == "require" {
		return upstream{}, errors.New("the URL requires channel binding, which a counting URL does not support; remove channel_binding")
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = limit
	}
	return upstream{config, given}, nil
}

// dial connects as the URL says: with TLS, without, or with one after the other.
func (u upstream) dial(ctx context.Context) (net.Conn, dialed, error) {
	ctx, done := context.WithTimeout(ctx, u.config.ConnectTimeout)
	defer done()
	network, address := pgconn.NetworkAddress(u.config.Host, u.config.Port)
	by := dialed{network, address, u.config.TLSConfig}
	conn, err := u.connect(ctx, by)
	for _, f := range u.config.Fallbacks {
		if err == nil {
			break
		}
		by.tls = f.TLSConfig
		conn, err = u.connect(ctx, by)
	}
	if err == nil && network != "unix" { // the name may resolve differently next time
		by.address = conn.RemoteAddr().String()
	}
	return conn, by, err
}

// connect connects and negotiates TLS if required.
func (u upstream) connect(ctx context.Context, by dialed) (net.Conn, error) {
	conn, err := u.config.DialFunc(ctx, by.network, by.address)
	if err != nil || by.tls == nil {
		return conn, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if u.config.SSLNegotiation != "direct" {
		if err := askForTLS(conn); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	secured := tls.Client(conn, by.tls)
	if err := secured.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return secured, nil
}

func askForTLS(conn net.Conn) error {
	request, _ := (&pgproto3.SSLRequest{}).Encode(nil) // has a fixed size
	if _, err := conn.Write(request); err != nil {
		return err
	}
	answer := make([]byte, 1)
	if _, err := io.ReadFull(conn, answer); err != nil {
		return err
	}
	if answer[0] != 'S' {
		return errors.New("the server does not support TLS, but the URL requires it")
	}
	return nil
}

// through returns the URL for a proxy at address, without the parameters for the connection
// between the proxy and the server. The server's password may come from a file with an entry for
// each host, so the URL has it.
func (u upstream) through(address, password string) string {
	to := url.URL{Scheme: "postgres", Host: address, Path: "/" + u.config.Database, User: url.UserPassword(u.config.User, password)}
	var kept []string
	if given, err := url.Parse(u.given); err == nil && (given.Scheme == "postgres" || given.Scheme == "postgresql") {
		for _, pair := range strings.Split(given.RawQuery, "&") {
			if name, _, _ := strings.Cut(pair, "="); pair != "" && !ours(name) {
				kept = append(kept, pair)
			}
		}
	} else {
		values := url.Values{}
		for name, value := range u.config.RuntimeParams {
			values.Set(name, value)
		}
		if encoded := values.Encode(); encoded != "" {
			kept = append(kept, strings.ReplaceAll(encoded, "+", "%20"))
		}
	}
	to.RawQuery = strings.Join(append(kept, "sslmode=disable"), "&")
	return to.String()
}

// ours reports whether a parameter is for the proxy.
func ours(name string) bool {
	switch name {
	case "host", "hostaddr", "port", "user", "password", "passfile", "database", "dbname", "service", "servicefile",
		"channel_binding", "require_auth", "gssencmode", "krbsrvname", "krbspn":
		return true
	}
	return strings.HasPrefix(name, "ssl")
}
