package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// TestRedacted causes errors that name what must not be shown.
func TestRedacted(t *testing.T) {
	s := openIn(t, base(t))
	config, err := s.Create(t.Context(), "CREATE TABLE item (id int)")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.ConnectConfig(t.Context(), config.ConnConfig)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	socket := config.ConnConfig.Host
	for _, test := range []struct {
		name   string
		cause  func() error
		secret string
		want   string
	}{
		{
			"argument the driver refuses",
			func() error {
				_, err := conn.Exec(t.Context(), "SELECT $1::int", struct{ Secret string }{"s3cret"})
				return err
			},
			"s3cret", "unable to encode *** into",
		},
		{
			"argument the server refuses",
			func() error { _, err := conn.Exec(t.Context(), "SELECT $1::text::int", "s3cret"); return err },
			"s3cret", "invalid input syntax for type integer: *** (SQLSTATE 22P02)",
		},
		{
			"database that is gone",
			func() error {
				c := config.Copy().ConnConfig
				c.Database = "gone"
				_, err := pgx.ConnectConfig(t.Context(), c)
				return fmt.Errorf("setup: %w", err)
			},
			socket, "setup: connect: the database does not exist (3D000)",
		},
		{
			"server that is gone",
			func() error {
				c := config.Copy().ConnConfig
				c.Host, c.Port = "127.0.0.1", 1
				_, err := pgx.ConnectConfig(t.Context(), c)
				return err
			},
			"127.0.0.1", "connect: connection refused",
		},
		{"the socket anywhere", func() error { return errors.New("dial " + socket) }, socket, "dial ***"},
		{"nothing to hide", func() error { return errors.New(`unstable: got "409"`) }, socket, `unstable: got "409"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := s.Redacted(test.cause())
			if strings.Contains(got, test.secret) || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q in it and not %q", got, test.want, test.secret)
			}
		})
	}
}
