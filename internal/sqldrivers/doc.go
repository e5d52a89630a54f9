// Package sqldrivers has the tests that database/sql counts the same by whichever driver: pgx
// with tracer.Recorder.Attach, and pgx, lib/pq and bun's pgdriver by tracer.Recorder.Connector.
// It is a module of its own, so that nobody else has to download those drivers.
package sqldrivers
