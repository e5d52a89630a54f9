package metrics

import (
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
)

// A poolCollector has the statistics of a pool at the time they are asked for.
type poolCollector struct{ pool *pgxpool.Pool }

var poolMetrics = []struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(*pgxpool.Stat) float64
}{
	{
		describe("max_connections", "Connections that the pool may have."), prometheus.GaugeValue,
		func(s *pgxpool.Stat) float64 { return float64(s.MaxConns()) },
	},
	{
		describe("connections", "Connections that there are, or are being opened."), prometheus.GaugeValue,
		func(s *pgxpool.Stat) float64 { return float64(s.TotalConns()) },
	},
	{
		describe("acquired_connections", "Connections that are in use."), prometheus.GaugeValue,
		func(s *pgxpool.Stat) float64 { return float64(s.AcquiredConns()) },
	},
	{
		describe("idle_connections", "Connections that wait for their use."), prometheus.GaugeValue,
		func(s *pgxpool.Stat) float64 { return float64(s.IdleConns()) },
	},
	{
		describe("acquires_total", "Acquires that got a connection."), prometheus.CounterValue,
		func(s *pgxpool.Stat) float64 { return float64(s.AcquireCount()) },
	},
	{
		describe("empty_acquires_total", "Acquires that got a connection and had to wait for it."), prometheus.CounterValue,
		func(s *pgxpool.Stat) float64 { return float64(s.EmptyAcquireCount()) },
	},
	{
		describe("canceled_acquires_total", "Acquires that were given up."), prometheus.CounterValue,
		func(s *pgxpool.Stat) float64 { return float64(s.CanceledAcquireCount()) },
	},
	{
		describe("acquire_seconds_total", "For how long acquires that got a connection took."), prometheus.CounterValue,
		func(s *pgxpool.Stat) float64 { return s.AcquireDuration().Seconds() },
	},
	{
		describe("new_connections_total", "Connections that were opened."), prometheus.CounterValue,
		func(s *pgxpool.Stat) float64 { return float64(s.NewConnsCount()) },
	},
}

func describe(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("pgxpool_"+name, help, nil, nil)
}

// Describe implements [prometheus.Collector].
func (poolCollector) Describe(descs chan<- *prometheus.Desc) {
	for _, m := range poolMetrics {
		descs <- m.desc
	}
}

// Collect implements [prometheus.Collector].
func (c poolCollector) Collect(metrics chan<- prometheus.Metric) {
	stat := c.pool.Stat()
	for _, m := range poolMetrics {
		metrics <- prometheus.MustNewConstMetric(m.desc, m.kind, m.value(stat))
	}
}
