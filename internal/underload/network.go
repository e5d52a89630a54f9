package underload

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Slowed returns a dial over a slow network: what comes back arrives a latency after what
// was sent last, so that each round trip takes that much longer. Its connections end with up.
func Slowed(up context.Context, latency time.Duration, dial pgconn.DialFunc) pgconn.DialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		slow := &slowConn{Conn: conn, latency: latency, changed: make(chan struct{}, 1)}
		slow.mu.Lock() // up may have ended already
		defer slow.mu.Unlock()
		slow.leave = context.AfterFunc(up, func() { _ = slow.Close() })
		return slow, nil
	}
}

// A slowConn is a connection on a slow network. One goroutine reads from it at a time;
// any may set a deadline or close it meanwhile, which ends the wait.
type slowConn struct {
	net.Conn
	latency time.Duration
	changed chan struct{} // the deadline has, or the connection is closed

	mu       sync.Mutex
	arrives  time.Time   // when the answer to what was written last does
	deadline time.Time   // of reads; zero: none
	leave    func() bool // the network
}

func (c *slowConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	c.arrives = time.Now().Add(c.latency)
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
	return c.limit(time.Unix(0, 0), func(time.Time) error {
		c.leave()
		return c.Conn.Close()
	})
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
