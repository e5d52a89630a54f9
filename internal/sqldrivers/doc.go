// Package sqldrivers tests that database/sql counts the same with each driver: pgx with
// tracer.Recorder.Attach, and pgx, lib/pq and bun's pgdriver with tracer.Recorder.Connector. It
// is a separate module so that others do not download these drivers.
package sqldrivers
