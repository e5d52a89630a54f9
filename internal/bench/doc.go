// Package bench sets package tracer against other tracers of pgx, and a run of the whole
// built-in case against its statements alone, each on one machine and in one run. It is a
// module of its own, so that nobody else has to download those tracers.
//
//	make bench
package bench
