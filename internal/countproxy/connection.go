package countproxy

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/fanout-bench/fanout-bench/internal/beside"
)

// A connection connects a client with the server.
type connection struct {
	client, server net.Conn
	said           beside.Conversation
	gone           atomic.Bool // the server has closed the connection
	refused        atomic.Bool // an error for the client is pending
}

// chunk is the size of a read.
const chunk = 32 << 10

// ask passes on what the client sends until it ends. After the server's end the client may still
// send, and must read the reason.
func (c *connection) ask() error {
	if err := c.relay(c.client, c.said.Client, c.server); err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, c.client)
	return nil
}

// relay passes on what one side sends until either ends.
func (c *connection) relay(from io.Reader, tell func([]byte) error, to io.Writer) error {
	b := make([]byte, chunk)
	for {
		n, err := from.Read(b)
		if c.gone.Load() {
			return nil
		}
		if n > 0 {
			if err := tell(b[:n]); err != nil {
				return c.refuse(err)
			}
			if _, err := to.Write(b[:n]); err != nil {
				return nil //nolint:nilerr // the other side has gone
			}
		}
		if err != nil {
			return nil //nolint:nilerr // it has gone
		}
	}
}

// refuse makes the connection end with err.
func (c *connection) refuse(err error) error {
	c.refused.Store(true)
	_ = c.client.SetReadDeadline(time.Unix(1, 0)) // makes ask return
	return err
}

// answer passes on what the server sends until it ends. It calls remember with the key that
// cancels requests of this connection.
func (c *connection) answer(remember func(key string) (forget func())) error {
	defer func() {
		c.gone.Store(true)
		if half, ok := c.client.(interface{ CloseWrite() error }); ok && !c.refused.Load() {
			_ = half.CloseWrite()
		}
	}()
	r := bufio.NewReaderSize(c.server, chunk)
	for started := false; !started; {
		message, err := readMessage(r, 1, 4, maxStarting)
		if errors.Is(err, errSize) {
			return c.refuse(err)
		} else if err != nil {
			return nil // the end
		}
		if err := c.said.Server(message); err != nil {
			return c.refuse(err)
		}
		switch message[0] {
		case 'R': // a request to authenticate
			message = withoutBinding(message)
		case 'K':
			defer remember(string(message[headerSize:]))()
		case 'Z', 'E':
			started = true
		}
		if _, err := c.client.Write(message); err != nil {
			return nil
		}
	}
	return c.relay(r, c.said.Server, c.client)
}

const headerSize = 5

// maxStarting is the largest message of a server before it is ready.
const maxStarting = 1 << 20

var errSize = errors.New("the server began with a message of an impossible size")

// readMessage reads one message, with its header: a type of some bytes, which a client's first
// messages do not have, and a size from least to most.
func readMessage(r io.Reader, kind int, least, most uint32) ([]byte, error) {
	message := make([]byte, kind+4)
	if _, err := io.ReadFull(r, message); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(message[kind:])
	if size < least || size > most {
		return nil, errSize
	}
	message = append(message, make([]byte, size-4)...)
	_, err := io.ReadFull(r, message[kind+4:])
	return message, err
}

// withoutBinding removes the TLS channel binding from an authentication message. The client does
// not use TLS with the proxy, and some clients treat the offer as an attack.
func withoutBinding(message []byte) []byte {
	var m pgproto3.AuthenticationSASL
	if m.Decode(message[headerSize:]) != nil {
		return message
	}
	const binding = "SCRAM-SHA-256-PLUS"
	kept := slices.DeleteFunc(slices.Clone(m.AuthMechanisms), func(name string) bool { return name == binding })
	if len(kept) == len(m.AuthMechanisms) || len(kept) == 0 {
		return message
	}
	changed, _ := (&pgproto3.AuthenticationSASL{AuthMechanisms: kept}).Encode(nil) // is smaller
	return changed
}
