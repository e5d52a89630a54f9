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
	b := make([]byte, chunk)
	for {
		n, err := c.client.Read(b)
		if n > 0 && !c.gone.Load() {
			if err := c.said.Client(b[:n]); err != nil {
				return c.refuse(err)
			}
			if _, err := c.server.Write(b[:n]); err != nil {
				c.gone.Store(true)
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
		kind, message, err := readMessage(r)
		if errors.Is(err, errSize) {
			return c.refuse(err)
		} else if err != nil {
			return nil // the end
		}
		if err := c.said.Server(message); err != nil {
			return c.refuse(err)
		}
		switch kind {
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
	b := make([]byte, chunk)
	for {
		n, err := r.Read(b)
		if n > 0 {
			if err := c.said.Server(b[:n]); err != nil {
				return c.refuse(err)
			}
			if _, err := c.client.Write(b[:n]); err != nil {
				return nil
			}
		}
		if err != nil {
			return nil
		}
	}
}

const headerSize = 5

// maxStarting is the largest message of a server before it is ready.
const maxStarting = 1 << 20

var errSize = errors.New("the server began with a message of an impossible size")

// readMessage reads one message, with its header.
func readMessage(r io.Reader) (kind byte, message []byte, err error) {
	message = make([]byte, headerSize)
	if _, err := io.ReadFull(r, message); err != nil {
		return 0, nil, err
	}
	size := binary.BigEndian.Uint32(message[1:])
	if size < 4 || size > maxStarting {
		return 0, nil, errSize
	}
	message = append(message, make([]byte, size-4)...)
	_, err = io.ReadFull(r, message[headerSize:])
	return message[0], message, err
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
	changed, err := (&pgproto3.AuthenticationSASL{AuthMechanisms: kept}).Encode(nil)
	if err != nil {
		return message
	}
	return changed
}
