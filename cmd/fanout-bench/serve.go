package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/metrics"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/json"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/text"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation/load"
	"github.com/fanout-bench/fanout-bench/internal/selection"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/internal/workload"
)

func newServeCommand(c workload.Case) *cobra.Command {
	var (
		s   serve
		out output
	)
	cmd := &cobra.Command{
		Use:   "serve --version NAME",
		Short: "Serve one version over HTTP for a load tool of your own",
		Long: `Serve fills a database, serves one version over HTTP with the pool and network of saturate,
and prints its address, a request to send and the address of the pool's metrics. It runs until
it is interrupted, and then exits with 0.`,
		Example: `  fanout-bench serve --version v2.33.0-rc.3 --listen 127.0.0.1:8080`,
		Args:    cobra.MatchAll(cobra.NoArgs, func(cmd *cobra.Command, _ []string) error { return s.check(cmd, c) }),
	}
	s.service.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&s.version, "version", "", "the `name` of the version to serve")
	flags.StringVar(&s.address, "listen", "127.0.0.1:0", "`address` to listen on; port 0 takes a free one")
	out.addFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return s.run(cmd, c, &out) }
	return cmd
}

type serve struct {
	service serviceFlags
	version string
	address string
}

const (
	shutdown    = 2 * time.Second // for running requests at the end
	metricsPath = "/metrics"
)

func (s *serve) run(cmd *cobra.Command, c workload.Case, out *output) (err error) {
	ctx, stderr := cmd.Context(), cmd.ErrOrStderr()
	ready := false
	defer func() {
		if ctx.Err() != nil && !ready {
			err = interrupted(err)
		}
	}()

	// First, because it is most likely to fail.
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.address)
	if err != nil {
		return exit.With(exit.NotMeasured, errors.New("cannot listen on the address of --listen; use another port, or 0 for a free one"))
	}
	defer func() { _ = listener.Close() }() // closed already if the server ran
	if address, ok := listener.Addr().(*net.TCPAddr); ok && !address.IP.IsLoopback() {
		fmt.Fprintln(stderr, "Anybody who can reach this machine can send the request printed here.")
	}
	server, err := s.service.server.open(ctx, stderr, "Serving")
	if err != nil {
		return err
	}
	defer stop(server.Close, &err)
	site, err := load.Open(ctx, s.service.plan(c.Path, server, s.version))
	if err != nil {
		return exit.With(exit.NotMeasured, errors.New(server.Redacted(err)))
	}
	defer func() {
		if closeErr := site.Close(); closeErr != nil && ctx.Err() == nil {
			err = errors.Join(err, exit.With(exit.NotMeasured, errors.New(server.Redacted(closeErr))))
		}
	}()

	base, request := "http://"+listener.Addr().String(), site.Service.Requests[0]
	endpoint := view.Endpoint{
		Path: c.Name, Workload: s.service.workload.Name, N: s.service.n, Version: s.version,
		Method: request.Method, URL: base + request.Path, Body: string(request.Body), Expect: request.Expect,
		Metrics: base + metricsPath,
	}
	if err := out.write(cmd.OutOrStdout(), styled(text.Endpoint, endpoint), plain(json.Endpoint, endpoint)); err != nil {
		return err
	}
	ready = true
	return s.serve(ctx, listener, site)
}

func (s *serve) serve(ctx context.Context, listener net.Listener, site *load.Site) error {
	counted := metrics.New(site.Pool)
	mux := http.NewServeMux()
	mux.Handle("GET "+metricsPath, counted.Handler())
	mux.Handle("/", site.Handler(s.service.load.Deadline.Duration(), func(r load.Served) {
		counted.Observe(metrics.Request{Status: r.Status, Statements: r.Cost.SQL, Checks: r.Cost.RBAC, Held: r.Held})
	}))
	server := &http.Server{
		Handler:     mux,
		ReadTimeout: s.service.load.Deadline.Duration() + 30*time.Second, // of header and body, and between requests
		ErrorLog:    log.New(io.Discard, "", 0),                          // its messages name hosts
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return exit.With(exit.NotMeasured, fmt.Errorf("serve: %w", err))
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdown)
	defer cancel()
	if server.Shutdown(grace) != nil {
		_ = server.Close()
	}
	return nil
}

// check validates the flags before anything is started.
func (s *serve) check(cmd *cobra.Command, c workload.Case) error {
	if err := s.service.check(cmd, c); err != nil {
		return err
	}
	if _, err := selection.Versions(c.Path, []string{s.version}); err != nil {
		if unknown, ok := errors.AsType[*selection.UnknownNameError](err); ok && s.version == "" {
			return fmt.Errorf("--version is required: the version to serve; valid: %s", unknown.List())
		}
		return err
	}
	if _, _, err := net.SplitHostPort(s.address); err != nil {
		return fmt.Errorf("--listen %s: want host and port, as in 127.0.0.1:8080", term.Printable(s.address, 0))
	}
	return nil
}
