// Package metrics shows what a service under load and its pool go through, in the format
// of Prometheus.
package metrics

import (
	"net/http"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
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

// A Request is what one request took.
type Request struct {
	Status             int
	Statements, Checks int
	Held               time.Duration // connections, in total
}

// New returns the metrics of a service that works with pool.
func New(pool *pgxpool.Pool) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "fanout_requests_total", Help: "Requests that were answered, by status code.",
		}, []string{"code"}),
		statements: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "fanout_statements_total", Help: "SQL statements that requests executed.",
		}),
		checks: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "fanout_checks_total", Help: "Authorization checks that requests made.",
		}),
		held: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "fanout_connection_held_seconds_total", Help: "For how long requests held connections.",
		}),
	}
	m.registry.MustRegister(m.requests, m.statements, m.checks, m.held, poolCollector{pool})
	return m
}

// Observe adds a request.
func (m *Metrics) Observe(r Request) {
	m.requests.WithLabelValues(strconv.Itoa(r.Status)).Inc()
	m.statements.Add(float64(r.Statements))
	m.checks.Add(float64(r.Checks))
	m.held.Add(r.Held.Seconds())
}

// Handler answers with the metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
