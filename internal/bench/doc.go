// Package bench sets package tracer against other tracers of pgx, on one machine and
// in one run. It is a module of its own, so that nobody else has to download them.
//
//	make bench
package bench
