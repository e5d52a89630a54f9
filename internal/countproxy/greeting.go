package countproxy

import (
	"errors"
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
		message, err := readMessage(client, 0, 8, maxGreeting)
		switch {
		case errors.Is(err, errSize): // TLS begins differently
			return nil, errGreeting
		case err != nil:
			return nil, err
		}
		switch body := message[4:]; {
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
