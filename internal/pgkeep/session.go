package pgkeep

import (
	"context"
	"errors"
	"maps"
	"net"
	"slices"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// A backend is a session on the server. Connections use it one after the other.
type backend struct {
	conn     net.Conn
	volatile map[string]bool
	greeting []byte      // what the server said when it was opened; nil: nobody has left it yet
	spoiled  atomic.Bool // it may remember more than a reset undoes
}

// A session is one connection's use of a backend.
type session struct {
	net.Conn
	*backend
	unread  []byte // of the greeting
	started bool   // the first message has been sent
}

// lend returns the backend as a freshly dialed connection.
func (b *backend) lend() *session {
	return &session{Conn: b.conn, backend: b, unread: b.greeting}
}

func (s *session) Read(p []byte) (int, error) {
	if len(s.unread) == 0 {
		return s.Conn.Read(p)
	}
	n := copy(p, s.unread)
	s.unread = s.unread[n:]
	return n, nil
}

func (s *session) Write(p []byte) (int, error) {
	first := !s.started
	s.started = true
	switch {
	case first && s.greeting != nil:
		return len(p), nil // the server has authenticated it
	case !first && !s.spoiled.Load() && !harmless(p, s.volatile):
		s.spoiled.Store(true)
	}
	return s.Conn.Write(p)
}

// greeting returns what the server sends when such a session is opened.
func greeting(of *pgconn.HijackedConn) ([]byte, error) {
	messages := []pgproto3.BackendMessage{&pgproto3.AuthenticationOk{}}
	for _, name := range slices.Sorted(maps.Keys(of.ParameterStatuses)) {
		messages = append(messages, &pgproto3.ParameterStatus{Name: name, Value: of.ParameterStatuses[name]})
	}
	messages = append(messages,
		&pgproto3.BackendKeyData{ProcessID: of.PID, SecretKey: of.SecretKey},
		&pgproto3.ReadyForQuery{TxStatus: 'I'})
	var (
		text []byte
		err  error
	)
	for _, m := range messages {
		if text, err = m.Encode(text); err != nil {
			return nil, err
		}
	}
	return text, nil
}

// limit bounds the wait for a server that does not answer.
const limit = 10 * time.Second

// reset makes the server forget what the session did. An unexpected answer is an error,
// because something unknown is going on.
func (b *backend) reset(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = b.conn.SetDeadline(time.Unix(1, 0)) })
	server := pgproto3.NewFrontend(b.conn, b.conn)
	server.Send(&pgproto3.Query{String: "DISCARD ALL"})
	if err := server.Flush(); err != nil {
		return err
	}
	answer, err := server.Receive()
	if err != nil {
		return err
	}
	if done, ok := answer.(*pgproto3.CommandComplete); !ok || string(done.CommandTag) != "DISCARD ALL" {
		return errNotReset
	}
	if answer, err = server.Receive(); err != nil {
		return err
	}
	if ready, ok := answer.(*pgproto3.ReadyForQuery); !ok || ready.TxStatus != 'I' || server.ReadBufferLen() > 0 {
		return errNotReset
	}
	if !stop() {
		return ctx.Err() // ctx may have ended
	}
	return nil
}

var errNotReset = errors.New("the session cannot be reset")

// end closes the session in the client's normal way.
func (b *backend) end() {
	_ = b.conn.SetDeadline(time.Now().Add(limit))
	if text, err := (&pgproto3.Terminate{}).Encode(nil); err == nil {
		_, _ = b.conn.Write(text)
	}
	_ = b.conn.Close()
}
