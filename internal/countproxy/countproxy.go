// Package countproxy passes PostgreSQL's protocol on between clients that are given a URL and
// a server, and has a Recorder count what the clients ask for.
package countproxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// maxConnections bounds how many clients there are at once.
const maxConnections = 1000

// A Proxy serves until it is closed.
type Proxy struct {
	recorder *tracer.Recorder
	upstream upstream
	url      string
	config   *pgx.ConnConfig // of clients
	direct   *pgx.ConnConfig // past the proxy
	listener net.Listener
	ctx      context.Context // ends with it
	cancel   context.CancelFunc
	serving  sync.WaitGroup

	mu      sync.Mutex
	open    map[net.Conn]bool // nil: it is closed
	servers map[string]dialed // whom to tell of a request to cancel, by its key
}

// Open starts a proxy to the server that serverURL names, which may also be a connection
// string of keywords. An error has no password in it.
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
	p := &Proxy{
		recorder: recorder, upstream: to, url: to.through(listener.Addr().String()), listener: listener,
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

// URL is what a client is to be given.
func (p *Proxy) URL() string { return p.url }

// Close ends all connections, and returns when nothing of p is left.
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
			continue // as where a client has gone by now
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

// track has Close end conn. It is closed at once if p is, and full if there are many.
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

// serve passes on what a client and a server say to each other.
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
		refuse(client, "08006", "the server of the counting URL has closed the connection")
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

// remember notes who is to be told of a request to cancel.
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

// cancelRequest passes on a request to cancel what is under way on another connection, and
// waits until the server has taken it. Nobody counts it.
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
