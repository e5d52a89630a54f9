// Package bench sets package tracer against other tracers of pgx, on one machine and
// in one run. It is a module of its own, so that nobody else has to download them.
//
//	cd internal/bench && go test -run - -bench . -count 8 >/tmp/bench.txt
//	cd ../.. && go tool benchstat -col /tracer /tmp/bench.txt
package bench
