package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/fanout-bench/fanout-bench/internal/workload"
)

// patience is for an answer to what is not measured, and for what must end.
const patience = 30 * time.Second

// attack serves service on loopback, sends it its requests in turn, at most so many at the
// same time, and returns what it served. All requests end with ctx; what was answered
// before that goes to answered, one at a time. A panic of the service is an error.
func attack(ctx context.Context, service workload.Service, deadline time.Duration, p pace, clients uint64, answered func(workload.Request, *vegeta.Result)) ([]Served, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen on loopback: %w", err)
	}
	var (
		mu       sync.Mutex
		served   []Served
		panicked error
	)
	handler := recorded(service.Handler, deadline, func(s Served) {
		mu.Lock()
		defer mu.Unlock()
		if ctx.Err() == nil { // else it says nothing about the service
			served = append(served, s)
		}
	})
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				if v := recover(); v != nil {
					mu.Lock()
					defer mu.Unlock()
					panicked = fmt.Errorf("the service panicked: %v", v)
					panic(http.ErrAbortHandler)
				}
			}()
			handler.ServeHTTP(w, r)
		}),
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: patience,
		ErrorLog:          log.New(io.Discard, "", 0), // it would name hosts
	}
	go func() { _ = server.Serve(listener) }() // it ends with Shutdown

	send(ctx, "http://"+listener.Addr().String(), service.Requests, p, clients, answered)
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if server.Shutdown(grace) != nil {
		return nil, errors.New("a request goes on although its context has ended")
	}
	return served, panicked
}

// send sends requests to url until the pace or ctx ends, and waits for the answers.
func send(ctx context.Context, url string, requests []workload.Request, p pace, clients uint64, answered func(workload.Request, *vegeta.Result)) {
	// None goes through a proxy that the environment names.
	transport := &http.Transport{MaxIdleConnsPerHost: vegeta.DefaultConnections}
	// Shutdown would wait for a connection on which nothing was sent yet.
	defer transport.CloseIdleConnections()
	attacker := vegeta.NewAttacker(
		vegeta.Client(&http.Client{Transport: transport}),
		vegeta.Workers(min(clients, vegeta.DefaultWorkers)),
		vegeta.MaxWorkers(clients),
		vegeta.Timeout(patience),
		vegeta.Redirects(vegeta.NoFollow),
	)
	var taken atomic.Int64
	target := func(t *vegeta.Target) error {
		i := int(taken.Add(1)-1) % len(requests)
		t.Method, t.Body = requests[i].Method, requests[i].Body
		// What follows a # is not sent, and comes back with the result.
		t.URL = url + requests[i].Path + "#" + strconv.Itoa(i)
		return nil
	}
	stop := context.AfterFunc(ctx, func() { attacker.Stop() })
	defer stop()
	for result := range attacker.Attack(target, p, 0, "") {
		if ctx.Err() != nil {
			continue
		}
		_, digits, _ := strings.Cut(result.URL, "#")
		i, err := strconv.Atoi(digits)
		if err != nil {
			panic("load: the result of a request names none") // it was written above
		}
		answered(requests[i], result)
	}
}
