package metrics

import (
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
)

// A poolCollector reads the statistics of a pool on each scrape.
type poolCollector struct{ pool *pgxpool.Pool }

// Describe implements [prometheus.Collector].
func (c poolCollector) Describe(descs chan<- *prometheus.Desc) {
	prometheus.DescribeByCollect(c, descs)
}

// Collect implements [prometheus.Collector].
func (c poolCollector) Collect(metrics chan<- prometheus.Metric) {
	add := func(kind prometheus.ValueType, name string, value float64, help string) {
		metrics <- prometheus.MustNewConstMetric(prometheus.NewDesc("pgxpool_"+name, help, nil, nil), kind, value)
	}
	const gauge, counter = prometheus.GaugeValue, prometheus.CounterValue
	stat := c.pool.Stat()
	add(gauge, "max_connections", float64(stat.MaxConns()), "Maximum number of connections.")
	add(gauge, "connections", float64(stat.TotalConns()), "Connections that are open or being opened.")
	add(gauge, "acquired_connections", float64(stat.AcquiredConns()), "Connections in use.")
	add(gauge, "idle_connections", float64(stat.IdleConns()), "Idle connections.")
	add(counter, "acquires_total", float64(stat.AcquireCount()), "Acquires that got a connection.")
	add(counter, "empty_acquires_total", float64(stat.EmptyAcquireCount()), "Acquires that had to wait for a connection.")
	add(counter, "canceled_acquires_total", float64(stat.CanceledAcquireCount()), "Acquires that were canceled.")
	add(counter, "acquire_seconds_total", stat.AcquireDuration().Seconds(), "Time that successful acquires took.")
	add(counter, "new_connections_total", float64(stat.NewConnsCount()), "Connections opened.")
}
