//go:build linux || darwin

package scratch_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/postgres/scratch"
)

// TestRedacted causes errors that contain secrets.
func TestRedacted(t *testing.T) {
	s, err := scratch.Given(t.Context(), strings.Replace(urlOf(theirs(t), "postgres", "postgres"), "user=", "password=hunter22&user=", 1))
	must.Succeed(t, err)
	defer s.Close()
	config, err := s.Create(t.Context(), "CREATE TABLE item (id int)")
	must.Succeed(t, err)
	conn, err := pgx.ConnectConfig(t.Context(), config.ConnConfig)
	must.Succeed(t, err)
	defer conn.Close(context.Background())
	for _, test := range []struct {
		name   string
		cause  func() error
		secret string
		want   string
	}{
		{
			"driver rejects the argument",
			func() error {
				_, err := conn.Exec(t.Context(), "SELECT $1::int", struct{ Secret string }{"s3cret"})
				return err
			},
			"s3cret", "unable to encode *** into",
		},
		{
			"server rejects the argument",
			func() error { _, err := conn.Exec(t.Context(), "SELECT $1::text::int", "s3cret"); return err },
			"s3cret", "invalid input syntax for type integer: *** (SQLSTATE 22P02)",
		},
		{
			"driver reports a value out of range",
			func() error { _, err := conn.Exec(t.Context(), "SELECT $1::int", int64(98765432109)); return err },
			"98765432109", "unable to encode *** into binary format for int4 (OID 23)",
		},
		{
			"server reports a value out of range",
			func() error { _, err := conn.Exec(t.Context(), "SELECT $1::text::int", "98765432109"); return err },
			"98765432109", "value *** is out of range for type integer (SQLSTATE 22003)",
		},
		{
			"connection lost and refused",
			func() error {
				c := config.Copy().ConnConfig
				c.Host, c.Port = "127.0.0.1", 1
				_, refused := pgx.ConnectConfig(t.Context(), c)
				lost := &net.OpError{Op: "read", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 2}, Err: syscall.ECONNRESET}
				return fmt.Errorf("run 61: %w; the server is gone: %w", lost, refused)
			},
			"hunter22", "run 61: read tcp 127.0.0.1:2: connection reset by peer; the server is gone: failed to connect",
		},
		{"the password anywhere", func() error { return errors.New("dial hunter22@h") }, "hunter22", "dial ***@h"},
		{"nothing to hide", func() error { return errors.New(`"GET /x" answered 500: "pq" into "y"`) }, "hunter22", `"GET /x" answered 500: "pq" into "y"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := s.Redacted(test.cause())
			if strings.Contains(got, test.secret) || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q in it and not %q", got, test.want, test.secret)
			}
		})
	}
}
