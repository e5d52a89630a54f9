package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// A front serves HTTP on loopback to one attack, and keeps what became of each request.
type front struct {
	url      string
	handler  http.Handler
	deadline time.Duration // of a request

	ctx     context.Context
	server  *http.Server
	ended   chan struct{} // the server has
	running sync.WaitGroup

	mu       sync.Mutex
	served   []*Served
	panicked error
}

// listen opens a front. All its requests end with ctx.
func listen(ctx context.Context, handler http.Handler, deadline time.Duration) (*front, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen on loopback: %w", err)
	}
	f := &front{
		url:     "http://" + listener.Addr().String(),
		handler: handler, deadline: deadline,
		ctx:   ctx,
		ended: make(chan struct{}),
	}
	f.server = &http.Server{
		Handler:           f,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: patience,
		ErrorLog:          log.New(io.Discard, "", 0), // it would name hosts
	}
	go func() {
		defer close(f.ended)
		_ = f.server.Serve(listener) // it ends with Close
	}()
	return f, nil
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.running.Add(1)
	defer f.running.Done()
	defer func() {
		if v := recover(); v != nil {
			f.mu.Lock()
			f.panicked = fmt.Errorf("the service panicked: %v", v)
			f.mu.Unlock()
			panic(http.ErrAbortHandler)
		}
	}()
	served := serve(f.handler, f.deadline, w, r)
	if f.ctx.Err() != nil {
		return // it says nothing about the service
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.served = append(f.served, served)
}

// close closes the front after the attack, and returns what it served. A panic of the
// service is an error.
func (f *front) close() ([]*Served, error) {
	_ = f.server.Close() // of connections that nobody needs any more
	<-f.ended
	idle := make(chan struct{})
	go func() {
		defer close(idle)
		f.running.Wait()
	}()
	select {
	case <-idle:
	case <-time.After(patience):
		return nil, errors.New("a request goes on although its context has ended")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.served, f.panicked
}
