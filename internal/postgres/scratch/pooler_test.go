//go:build linux || darwin

package scratch_test

import (
	"context"
	"io"
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/fanout-bench/fanout-bench/internal/must"
)

// Whoever speaks to the server through something that keeps connections of its own gets key
// data that are not those of the server.
func TestPoolerIsRefused(t *testing.T) {
	theirs := theirs(t)
	for name, change := range map[string]func(pgproto3.BackendMessage) pgproto3.BackendMessage{
		"another key": func(m pgproto3.BackendMessage) pgproto3.BackendMessage {
			if key, ok := m.(*pgproto3.BackendKeyData); ok {
				return &pgproto3.BackendKeyData{ProcessID: key.ProcessID + 1, SecretKey: key.SecretKey}
			}
			return m
		},
		"no key": func(m pgproto3.BackendMessage) pgproto3.BackendMessage {
			if _, ok := m.(*pgproto3.BackendKeyData); ok {
				return nil
			}
			return m
		},
	} {
		t.Run(name, func(t *testing.T) {
			conn := theirs.ConnConfig
			address := between(t, conn.DialFunc, conn.Host, conn.Port, change)
			openSecret(t, "postgres://"+conn.User+"@"+address+"/postgres?sslmode=disable", "a pooler", "give the URL of PostgreSQL itself")
		})
	}
}

// A pooler may refuse what it does not know before it has said anything.
func TestPoolerThatRefuses(t *testing.T) {
	address := listen(t, func(b *pgproto3.Backend, conn net.Conn) {
		b.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: "08P01", Message: "unsupported startup parameter: statement_timeout"})
		_ = b.Flush()
		conn.Close()
	})
	openSecret(t, secretURL(address, "&statement_timeout=1000"), "statement_timeout", "give the URL of PostgreSQL itself")
}

// between returns the address of what passes on all that clients and a server say, except for
// what the server says until it is ready, which change may replace or, by nil, leave out.
func between(t *testing.T, dial pgconn.DialFunc, host string, port uint16, change func(pgproto3.BackendMessage) pgproto3.BackendMessage) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must.Succeed(t, err)
	t.Cleanup(func() { listener.Close() })
	serve := func(client net.Conn) {
		defer client.Close()
		network, address := pgconn.NetworkAddress(host, port)
		server, err := dial(context.Background(), network, address)
		if err != nil {
			return
		}
		defer server.Close()
		asks := pgproto3.NewBackend(client, client)
		startup, err := asks.ReceiveStartupMessage()
		if err != nil {
			return
		}
		answers := pgproto3.NewFrontend(server, server)
		answers.Send(startup)
		if answers.Flush() != nil {
			return
		}
		for ready := false; !ready; {
			message, err := answers.Receive()
			if err != nil {
				return
			}
			_, ready = message.(*pgproto3.ReadyForQuery)
			if message = change(message); message != nil {
				asks.Send(message)
			}
		}
		if asks.Flush() != nil {
			return
		}
		go func() {
			_, _ = io.Copy(server, client)
			server.Close()
		}()
		_, _ = io.Copy(client, server)
	}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(client)
		}
	}()
	return listener.Addr().String()
}
