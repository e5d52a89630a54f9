//go:build linux || darwin

package scratch_test

import (
	"bytes"
	"context"
	"net"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/fanout-bench/fanout-bench/internal/postgres/scratch"
)

// keyMessage begins the message in which a server tells its PID, followed by that and a secret.
var keyMessage = []byte{'K', 0, 0, 0, 12}

// A pooled connection is one through something that keeps connections of its own. Its client gets
// key data that are not those of the server: change changes them in the first n bytes of b, from i
// on.
type pooled struct {
	net.Conn
	change func(b []byte, i, n int) int
}

func (p pooled) Read(b []byte) (int, error) {
	n, err := p.Conn.Read(b)
	if i := bytes.Index(b[:n], keyMessage); i >= 0 {
		n = p.change(b, i, n)
	}
	return n, err
}

func TestPoolerIsRefused(t *testing.T) {
	for name, change := range map[string]func(b []byte, i, n int) int{
		"another key": func(b []byte, i, n int) int { b[i+8]++; return n },
		"no key":      func(b []byte, i, n int) int { return i + copy(b[i:], b[i+13:n]) },
	} {
		config := theirs(t).Copy()
		dial := config.ConnConfig.DialFunc
		config.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			return pooled{conn, change}, err
		}
		if _, err := scratch.New(t.Context(), config, "here", nil); err == nil || !strings.HasPrefix(err.Error(), "a pooler such as pgbouncer is between") {
			t.Errorf("%s: got %v", name, err)
		}
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
