package underload_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/underload"
)

// dialSlow returns a connection over a slow network to one that answers what it is sent.
func dialSlow(t *testing.T, latency time.Duration) (conn net.Conn, down func()) {
	t.Helper()
	far, near := net.Pipe()
	t.Cleanup(func() { far.Close() })
	go func() { _, _ = io.Copy(far, far) }()
	up, down := context.WithCancel(context.Background())
	t.Cleanup(down)
	conn, err := underload.Slowed(up, latency, func(context.Context, string, string) (net.Conn, error) { return near, nil })(t.Context(), "", "")
	must.Succeed(t, err)
	return conn, down
}

func TestRoundTripTakesTheLatency(t *testing.T) {
	const latency = 5 * time.Millisecond
	conn, _ := dialSlow(t, latency)
	for range 3 {
		begin := time.Now()
		if _, err := conn.Write([]byte("ab")); err != nil {
			t.Fatal(err)
		}
		for _, want := range "ab" { // read in two parts
			var b [1]byte
			if _, err := conn.Read(b[:]); err != nil || rune(b[0]) != want {
				t.Fatalf("read %q, %v; want %q", b, err, want)
			}
		}
		if took := time.Since(begin); took < latency {
			t.Errorf("a round trip took %v, want %v or more", took, latency)
		}
	}
}

// TestWaitEnds has answers that come in an hour.
func TestWaitEnds(t *testing.T) {
	for _, test := range []struct {
		name string
		end  func(down func(), conn net.Conn)
		want error
	}{
		{"with its deadline", func(_ func(), c net.Conn) { _ = c.SetDeadline(time.Unix(1, 0)) }, os.ErrDeadlineExceeded},
		{"with its deadline for reads", func(_ func(), c net.Conn) { _ = c.SetReadDeadline(time.Unix(1, 0)) }, os.ErrDeadlineExceeded},
		{"with the connection", func(_ func(), c net.Conn) { _ = c.Close() }, io.ErrClosedPipe},
		{"with the network", func(down func(), _ net.Conn) { down() }, io.ErrClosedPipe},
	} {
		t.Run(test.name, func(t *testing.T) {
			conn, down := dialSlow(t, time.Hour)
			if _, err := conn.Write([]byte("a")); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error)
			go func() {
				_, err := conn.Read(make([]byte, 1))
				ended <- err
			}()
			test.end(down, conn)
			if err := <-ended; !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}
