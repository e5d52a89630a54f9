package tracer_test

import (
	"context"
	"encoding/binary"
	"net"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// wire counts what the server sends on all connections of a config. It sees more than a tracer,
// so it verifies the Recorder's counts.
type wire struct {
	completed atomic.Int64 // statements that ran to their end, an empty one too
	waits     atomic.Int64 // times the server became ready again, connecting included
}

// watch must be called before config is used.
func (w *wire) watch(config *pgx.ConnConfig) {
	config.AfterNetConnect = func(_ context.Context, _ *pgconn.Config, conn net.Conn) (net.Conn, error) {
		return &watched{Conn: conn, wire: w}, nil
	}
}

type watched struct {
	net.Conn
	wire   *wire
	header []byte // of the message that is being read, up to its five bytes
	skip   int    // bytes of its body still to come
	before string // the types of the messages since the last ReadyForQuery
}

func (c *watched) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	for b := p[:n]; len(b) > 0; {
		if skipped := min(c.skip, len(b)); skipped > 0 {
			c.skip -= skipped
			b = b[skipped:]
			continue
		}
		c.header = append(c.header, b[0])
		b = b[1:]
		if len(c.header) < 5 {
			continue
		}
		switch c.header[0] {
		case 'C', 'I': // CommandComplete, EmptyQueryResponse
			c.wire.completed.Add(1)
		case 'Z': // ReadyForQuery
			if c.before != "3" { // what pgx deallocates is no count
				c.wire.waits.Add(1)
			}
			c.before = ""
		}
		if kind := string(c.header[0]); kind != "Z" && !strings.HasSuffix(c.before, kind) {
			c.before += kind
		}
		c.skip = int(binary.BigEndian.Uint32(c.header[1:])) - 4
		c.header = c.header[:0]
	}
	return n, err
}
