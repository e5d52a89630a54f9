package countproxy

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/tracer"
)

func TestURL(t *testing.T) {
	for _, name := range []string{"PGUSER", "PGPASSWORD", "PGDATABASE", "PGHOST", "PGPORT", "PGSSLMODE"} {
		t.Setenv(name, "")
	}
	for _, c := range []struct{ given, want string }{
		{"postgres://u:p@db:5/name", "postgres://u:p@ADDRESS/name?sslmode=disable"},
		{"postgresql://u@db/name?sslmode=require&application_name=a%20b", "postgres://u:own@ADDRESS/name?application_name=a%20b&sslmode=disable"},
		{"postgres://u:p%40%2F%3A%25@db/na%20me", "postgres://u:p%40%2F%3A%25@ADDRESS/na%20me?sslmode=disable"},
		{"postgres:///name?host=/run/postgresql&port=6&user=u&password=p&pool_max_conns=3", "postgres://u:p@ADDRESS/name?pool_max_conns=3&sslmode=disable"},
		{"postgres://u@/name?host=/run/postgresql&options=-c%20a%3D1", "postgres://u:own@ADDRESS/name?options=-c%20a%3D1&sslmode=disable"},
		{"host=/run/postgresql user=u password='tiger dbname=name", ""},
		{`host=/run/postgresql user=u password='it\'s' dbname=name search_path='a, b' default_query_exec_mode=exec`,
			"postgres://u:it%27s@ADDRESS/name?default_query_exec_mode=exec&search_path=a%2C%20b&sslmode=disable"},
		{"postgres://u:p@db/name?gssencmode=disable&sslrootcert=/nowhere/x&channel_binding=prefer", ""},
		{"postgres://u:p@a,b/name", ""},
		{"postgres://u:p@db/name?channel_binding=require&sslmode=require", ""},
		{"postgres://u:sca/tiger@db/name", ""},
		{"mysql://u:p@db/name", ""},
		{"", "postgres://USER@ADDRESS/"},
	} {
		to, err := parse(c.given)
		if c.want == "" {
			if err == nil || strings.Contains(err.Error(), "tiger") {
				t.Errorf("%s: error %v, want one that does not have the password", c.given, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.given, err)
			continue
		}
		got := to.through("ADDRESS", cmp.Or(to.config.Password, "own"))
		if c.given != "" && got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.given, got, c.want)
		}
		config, err := pgx.ParseConfig(strings.ReplaceAll(got, "ADDRESS", "127.0.0.1:7"))
		if err != nil || config.User != to.config.User || config.Password != cmp.Or(to.config.Password, "own") || config.Database != to.config.Database || config.TLSConfig != nil {
			t.Errorf("%s: as a client reads it: %+v, %v", c.given, config, err)
		}
	}
}

// certificate returns a certificate for 127.0.0.1, and its file.
func certificate(t *testing.T) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must.Succeed(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must.Succeed(t, err)
	file := filepath.Join(t.TempDir(), "root.crt")
	must.Succeed(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}

// The URL decides on TLS with the server. The client never uses TLS.
func TestTLS(t *testing.T) {
	own, root := certificate(t)
	_, other := certificate(t)
	for _, c := range []struct {
		name, parameters string
		has              bool // the server has TLS
		says             string
	}{
		{"required", "sslmode=require", true, ""},
		{"verified", "sslmode=verify-full&sslrootcert=" + url.QueryEscape(root), true, ""},
		{"not the one", "sslmode=verify-full&sslrootcert=" + url.QueryEscape(other), true, "certificate"},
		{"required and not there", "sslmode=require", false, "the server does not support TLS"},
		{"preferred and not there", "sslmode=prefer", false, ""},
		{"not wanted", "sslmode=disable", true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			offered := make(chan bool, 1)
			address := serveTLS(t, own, c.has, offered)
			p := openTo(t, &tracer.Recorder{}, "postgres://u:secret-word@"+address+"/name?"+c.parameters)
			// A client that prefers TLS connects without it.
			client := strings.Replace(p.URL(), "sslmode=disable", "sslmode=prefer", 1)
			conn, err := pgx.Connect(t.Context(), client)
			if c.says != "" {
				if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "secret-word") {
					t.Errorf("error %v, want one of %q", err, c.says)
				}
				return
			}
			must.Succeed(t, err)
			defer conn.Close(context.Background())
			if got, want := <-offered, c.has && c.name != "not wanted"; got != want {
				t.Errorf("TLS with the server: %v, want %v", got, want)
			}
			if _, err := pgx.Connect(t.Context(), strings.Replace(p.URL(), "sslmode=disable", "sslmode=require", 1)); err == nil {
				t.Error("a client that requires TLS has a connection")
			}
		})
	}
}

// serveTLS is a server that offers channel binding if it can, and reports whether the client used
// TLS.
func serveTLS(t *testing.T, own tls.Certificate, has bool, offered chan<- bool) (address string) {
	t.Helper()
	return listen(t, func(conn net.Conn) {
		secured := false
		for {
			server := pgproto3.NewBackend(conn, conn)
			m, err := server.ReceiveStartupMessage()
			if err != nil {
				return
			}
			if _, asks := m.(*pgproto3.SSLRequest); asks && has {
				_, _ = conn.Write([]byte("S"))
				conn, secured = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{own}}), true
				continue
			} else if asks {
				_, _ = conn.Write([]byte("N"))
				continue
			}
			_, _ = conn.Write(encoded(t, &pgproto3.AuthenticationOk{}, &pgproto3.ReadyForQuery{TxStatus: 'I'}))
			offered <- secured
			_, _ = server.Receive()
			return
		}
	})
}

// Authentication cannot use channel binding without TLS between client and proxy.
func TestWithoutBinding(t *testing.T) {
	for _, c := range []struct{ offered, want []string }{
		{[]string{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"}, []string{"SCRAM-SHA-256"}},
		{[]string{"SCRAM-SHA-256"}, []string{"SCRAM-SHA-256"}},
		{[]string{"SCRAM-SHA-256-PLUS"}, []string{"SCRAM-SHA-256-PLUS"}},
	} {
		var m pgproto3.AuthenticationSASL
		must.Succeed(t, m.Decode(withoutBinding(encoded(t, &pgproto3.AuthenticationSASL{AuthMechanisms: c.offered}))[headerSize:]))
		if !slices.Equal(m.AuthMechanisms, c.want) {
			t.Errorf("of %q: %q, want %q", c.offered, m.AuthMechanisms, c.want)
		}
	}
	other := encoded(t, &pgproto3.AuthenticationMD5Password{})
	if got := withoutBinding(other); !slices.Equal(got, other) {
		t.Errorf("another message became %q", got)
	}
}
