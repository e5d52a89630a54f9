package countproxy

import (
	"encoding/binary"
	"errors"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgproto3"
)

// A greeting is the first message of a client after negotiating encryption.
type greeting struct {
	message []byte
	key     string // of the request to cancel, if it is a cancel request
}

// maxGreeting is the largest greeting that a server accepts.
const maxGreeting = 10000

var errGreeting = errors.New("the counting URL supports only PostgreSQL's protocol without TLS; use it unchanged, with sslmode=disable")

// greet reads the greeting of a client. It returns errGreeting, or the error of the client's
// connection.
func greet(client net.Conn) (*greeting, error) {
	for range 4 {
		message := make([]byte, 4)
		if _, err := io.ReadFull(client, message); err != nil {
			return nil, err
		}
		size := binary.BigEndian.Uint32(message)
		if size < 8 || size > maxGreeting {
			return nil, errGreeting // TLS begins differently
		}
		message = append(message, make([]byte, size-4)...)
		body := message[4:]
		if _, err := io.ReadFull(client, body); err != nil {
			return nil, err
		}
		switch {
		case new(pgproto3.SSLRequest).Decode(body) == nil, new(pgproto3.GSSEncRequest).Decode(body) == nil:
			if _, err := client.Write([]byte("N")); err != nil {
				return nil, err
			}
		case new(pgproto3.CancelRequest).Decode(body) == nil:
			return &greeting{message, string(body[4:])}, nil
		default:
			return &greeting{message: message}, nil
		}
	}
	return nil, errGreeting
}
