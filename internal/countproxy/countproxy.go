// Package countproxy passes PostgreSQL's protocol between a server and clients that only accept a
// URL, and counts the statements with a Recorder.
package countproxy

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// maxConnections bounds the number of simultaneous clients.
const maxConnections = 1000

// A Proxy accepts clients until it is closed.
type Proxy struct {
	recorder *tracer.Recorder
	upstream upstream
	url      string
	password string          // of the URL, if the server's has none
	config   *pgx.ConnConfig // for clients
	direct   *pgx.ConnConfig // bypasses the proxy
	listener net.Listener
	ctx      context.Context // ends with it
	cancel   context.CancelFunc
	serving  sync.WaitGroup

	mu      sync.Mutex
	open    map[net.Conn]bool // nil after Close
	servers map[string]dialed // where to send a cancel request, by its key
}

// Open starts a proxy to the server of serverURL, which may also be a keyword connection string.
// Errors contain no password.
func Open(recorder *tracer.Recorder, serverURL string) (*Proxy, error) {
	to, err := parse(serverURL)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	var listen net.ListenConfig
	listener, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		if listener, err = listen.Listen(ctx, "tcp", "[::1]:0"); err != nil {
			cancel()
			return nil, fmt.Errorf("listen on loopback: %w", err)
		}
	}
	password := ""
	if to.config.Password == "" {
		password = rand.Text()
	}
	p := &Proxy{
		recorder: recorder, upstream: to, url: to.through(listener.Addr().String(), cmp.Or(password, to.config.Password)), password: password, listener: listener,
		ctx: ctx, cancel: cancel, open: make(map[net.Conn]bool), servers: make(map[string]dialed),
	}
	p.config, err = pgx.ParseConfig(p.url)
	direct, directErr := pgx.ParseConfig(serverURL)
	if err != nil || directErr != nil {
		cancel()
		return nil, errors.Join(errURL, listener.Close())
	}
	p.direct = direct
	p.serving.Go(p.accept)
	return p, nil
}

// URL returns the URL for clients.
func (p *Proxy) URL() string { return p.url }

// Close ends all connections, and returns when they have ended.
func (p *Proxy) Close() {
	p.cancel()
	_ = p.listener.Close()
	p.mu.Lock()
	for conn := range p.open {
		_ = conn.Close()
	}
	p.open = nil
	p.mu.Unlock()
	p.serving.Wait()
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			if p.ctx.Err() != nil {
				return
			}
			select { // for example, there is no file descriptor left
			case <-p.ctx.Done():
				return
			case <-time.After(10 * time.Millisecond):
			}
			continue
		}
		if full, ok := p.track(client); full {
			refuse(client, "53300", "too many connections through the counting URL")
			p.end(client)
		} else if ok {
			p.serving.Go(func() {
				defer p.end(client)
				p.serve(client)
			})
		}
	}
}

// track makes Close close conn. It closes conn at once if p is closed. full: there are too many.
func (p *Proxy) track(conn net.Conn) (full, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open == nil {
		_ = conn.Close()
		return false, false
	}
	p.open[conn] = true
	return len(p.open) > 2*maxConnections, true
}

func (p *Proxy) end(conn net.Conn) {
	_ = conn.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, conn)
}

// serve passes on the traffic of a client and a server.
func (p *Proxy) serve(client net.Conn) {
	first, err := greet(client)
	switch {
	case errors.Is(err, errGreeting):
		refuse(client, "08P01", err.Error())
		return
	case err != nil:
		return
	case first.key != "":
		p.cancelRequest(first)
		return
	case !p.admits(client):
		refuse(client, "28P01", "the counting URL has a password; use it unchanged")
		return
	}
	server, by, err := p.upstream.dial(p.ctx)
	if err != nil {
		refuse(client, "08006", "the counting URL cannot reach its server: "+err.Error())
		return
	}
	if _, ok := p.track(server); !ok {
		return
	}
	defer p.end(server)
	said := beside.Follow(p.recorder, p.config, p.direct)
	defer said.Close()
	if _, err := server.Write(first.message); err != nil {
		refuse(client, "08006", "the server of the counting URL closed the connection")
		return
	}
	c := &connection{client: client, server: server, said: said}
	answering := make(chan error, 1)
	go func() { answering <- c.answer(func(key string) (forget func()) { return p.remember(key, by) }) }()
	err = c.ask()
	_ = server.Close()
	if err = errors.Join(<-answering, err); err != nil {
		refuse(client, "08P01", "the counting URL: "+err.Error())
	}
}

// admits reports whether a client has the password of the URL. Without one, the server trusts
// everybody who reaches it or knows the proxy's certificate, and each user of the machine reaches the
// proxy.
func (p *Proxy) admits(client net.Conn) bool {
	if p.password == "" {
		return true // the server asks
	}
	request, _ := (&pgproto3.AuthenticationCleartextPassword{}).Encode(nil) // has a fixed size
	if _, err := client.Write(request); err != nil {
		return false
	}
	message, err := readMessage(client, 1, 4, maxStarting)
	want := []byte(p.password + "\x00")
	return err == nil && message[0] == 'p' && subtle.ConstantTimeCompare(message[headerSize:], want) == 1
}

// remember records where to send a cancel request with key.
func (p *Proxy) remember(key string, by dialed) (forget func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.servers[key] = by
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.servers, key)
	}
}

// cancelRequest passes on a request to cancel a statement of another connection, and waits until
// the server has accepted it. It is not counted.
func (p *Proxy) cancelRequest(request *greeting) {
	p.mu.Lock()
	by, known := p.servers[request.key]
	p.mu.Unlock()
	if !known {
		return
	}
	ctx, done := context.WithTimeout(p.ctx, limit)
	defer done()
	server, err := p.upstream.connect(ctx, by)
	if err != nil {
		return
	}
	if _, ok := p.track(server); !ok {
		return
	}
	defer p.end(server)
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if _, err := server.Write(request.message); err == nil {
		_, _ = io.Copy(io.Discard, server)
	}
}

// refuse tells a client why its connection ends.
func refuse(client net.Conn, code, why string) {
	message := &pgproto3.ErrorResponse{Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: code, Message: why}
	if text, err := message.Encode(nil); err == nil {
		_, _ = client.Write(text)
	}
}
