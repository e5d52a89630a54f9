package fanouttest

import (
	"github.com/fanout-bench/fanout-bench/internal/countproxy"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// CountingURL returns a URL of the server that url names, which may also be a connection string
// of keywords, for a service that takes nothing else: one that makes its pool itself, in
// another process, or in another language. What is sent there is passed on, and what is asked
// for is counted by recorder, for Check; see [tracer.Recorder.Attach] for where that can be
// given the config of a pool.
//
// Nothing tells whose a statement is, so it belongs to the Run, or the Setup, that is under
// way. Tests that run in parallel need a Recorder, a URL and a service each: while several
// have the same Recorder, what comes is an error. What comes at another time is work that
// went on after Run had returned.
//
// There are no lines of code, and nobody knows what a pool does: [tracer.Acquires] and
// [tracer.MaxHeld] are absent. What a client prepares for a batch is counted as prepares, and
// statements that are empty, as some clients' pings are, as nothing.
//
// The URL keeps user, password, database and parameters, and has sslmode=disable: it is one of
// loopback, and TLS is spoken with the server, as url asks. It works until t ends.
func CountingURL(t TB, url string, recorder *tracer.Recorder) string {
	t.Helper()
	if recorder == nil {
		t.Fatalf("fanouttest: CountingURL needs the Recorder of the Scenario; see NewRecorder")
	}
	proxy, err := countproxy.Open(recorder, url)
	if err != nil {
		t.Fatalf("fanouttest: CountingURL: %v", err)
	}
	t.Cleanup(proxy.Close)
	return proxy.URL()
}
