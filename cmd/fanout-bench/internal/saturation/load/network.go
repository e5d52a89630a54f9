package load

import (
	"context"
	"maps"
	"net"
	"slices"
	"sync"
	"time"
)

// A network is slow: what comes back over its connections arrives a latency after what
// was sent last, so that each round trip takes that much longer.
type network struct {
	latency time.Duration
	dialer  func(ctx context.Context, network, address string) (net.Conn, error)

	mu    sync.Mutex
	conns map[*slowConn]bool // open
}

// dial connects to the server, over TCP or on a socket.
func (n *network) dial(ctx context.Context, to, address string) (net.Conn, error) {
	conn, err := n.dialer(ctx, to, address)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	slow := &slowConn{Conn: conn, network: n, changed: make(chan struct{}, 1)}
	if n.conns == nil {
		n.conns = make(map[*slowConn]bool)
	}
	n.conns[slow] = true
	return slow, nil
}

// close ends all connections.
func (n *network) close() {
	n.mu.Lock()
	open := slices.Collect(maps.Keys(n.conns))
	n.mu.Unlock()
	for _, conn := range open {
		_ = conn.Close() // or its user has
	}
}

// forget lets go of a connection that is closed.
func (n *network) forget(conn *slowConn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.conns, conn)
}

// A slowConn is a connection on a slow network. One goroutine reads from it at a time;
// any may set a deadline or close it meanwhile, which ends the wait.
type slowConn struct {
	net.Conn
	network *network
	changed chan struct{} // the deadline has, or the connection is closed

	mu       sync.Mutex
	arrives  time.Time // when the answer to what was written last does
	deadline time.Time // of reads; zero: none
}

func (c *slowConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	c.arrives = time.Now().Add(c.network.latency)
	c.mu.Unlock()
	return c.Conn.Write(b)
}

func (c *slowConn) Read(b []byte) (int, error) {
	for {
		c.mu.Lock()
		wait := time.Until(c.arrives)
		if !c.deadline.IsZero() {
			wait = min(wait, time.Until(c.deadline))
		}
		c.mu.Unlock()
		if wait <= 0 {
			return c.Conn.Read(b) // which fails at once if the deadline has passed
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-c.changed:
		}
		timer.Stop()
	}
}

func (c *slowConn) SetDeadline(t time.Time) error {
	return c.limit(t, c.Conn.SetDeadline)
}

func (c *slowConn) SetReadDeadline(t time.Time) error {
	return c.limit(t, c.Conn.SetReadDeadline)
}

// Close has a wait end at once, in the error that a closed connection makes.
func (c *slowConn) Close() error {
	c.network.forget(c)
	return c.limit(time.Unix(0, 0), func(time.Time) error { return c.Conn.Close() })
}

// limit lets a read wait until t at most, and calls set.
func (c *slowConn) limit(t time.Time, set func(time.Time) error) error {
	c.mu.Lock()
	c.deadline = t
	c.mu.Unlock()
	err := set(t)
	select {
	case c.changed <- struct{}{}:
	default:
	}
	return err
}
