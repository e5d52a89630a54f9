// Package metrics exports the load on a service and its pool in the format of Prometheus.
package metrics

import (
	"net/http"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics counts the requests of a service. It is safe for concurrent use.
type Metrics struct {
	registry   *prometheus.Registry
	requests   *prometheus.CounterVec
	statements prometheus.Counter
	checks     prometheus.Counter
	held       prometheus.Counter
}

// A Request is the cost of one request.
type Request struct {
	Status             int
	Statements, Checks int
	Held               time.Duration // connections, in total
}

// New returns the metrics of a service that uses pool.
func New(pool *pgxpool.Pool) *Metrics {
	registry := prometheus.NewRegistry()
	registry.MustRegister(poolCollector{pool})
	auto := promauto.With(registry)
	counter := func(name, help string) prometheus.Counter {
		return auto.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	return &Metrics{
		registry:   registry,
		requests:   auto.NewCounterVec(prometheus.CounterOpts{Name: "fanout_requests_total", Help: "Answered requests, by status code."}, []string{"code"}),
		statements: counter("fanout_statements_total", "SQL statements executed by requests."),
		checks:     counter("fanout_checks_total", "Authorization checks made by requests."),
		held:       counter("fanout_connection_held_seconds_total", "Time that requests held connections."),
	}
}

// Observe adds a request.
func (m *Metrics) Observe(r Request) {
	m.requests.WithLabelValues(strconv.Itoa(r.Status)).Inc()
	m.statements.Add(float64(r.Statements))
	m.checks.Add(float64(r.Checks))
	m.held.Add(r.Held.Seconds())
}

// Handler serves the metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
