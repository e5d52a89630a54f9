// Package bench compares package tracer with other tracers of pgx, and a run of the built-in case
// with its statements alone. It is a separate module, so that users do not download those tracers.
//
//	make bench
package bench
