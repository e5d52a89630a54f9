package postgres

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// TestRedacted causes errors that name what must not be shown.
func TestRedacted(t *testing.T) {
	s := onSharedSocket(t)
	config, err := s.Create(t.Context(), "CREATE TABLE item (id int)")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.ConnectConfig(t.Context(), config.ConnConfig)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
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
			"argument out of the driver's range",
			func() error { _, err := conn.Exec(t.Context(), "SELECT $1::int", int64(98765432109)); return err },
			"98765432109", "unable to encode *** into binary format for int4 (OID 23)",
		},
		{
			"argument out of the server's range",
			func() error { _, err := conn.Exec(t.Context(), "SELECT $1::text::int", "98765432109"); return err },
			"98765432109", "value *** is out of range for type integer (SQLSTATE 22003)",
		},
		{
			"error of the application",
			func() error { return errors.New(`"GET /x" answered 500: "pq" into "y"`) },
			"s3cret", `"GET /x" answered 500: "pq" into "y"`,
		},
		{
			"server that is gone",
			func() error {
				c := config.Copy().ConnConfig
				c.Host, c.Port, c.Password = "127.0.0.1", 1, "s3cret"
				_, err := pgx.ConnectConfig(t.Context(), c)
				return err
			},
			"s3cret", "dial tcp 127.0.0.1:1: connect: connection refused",
		},
		{"nothing to hide", func() error { return errors.New(`unstable: got "409"`) }, "s3cret", `unstable: got "409"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := s.Redacted(test.cause())
			if strings.Contains(got, test.secret) || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q in it and not %q", got, test.want, test.secret)
			}
		})
	}
}
