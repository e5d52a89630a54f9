package fanouttest

import (
	"github.com/fanout-bench/fanout-bench/internal/countproxy"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// CountingURL returns a URL for a service that only accepts a URL: it makes its own pool, runs in
// another process, or is written in another language. The URL leads to the server of url, which
// may also be a keyword connection string. recorder counts the statements that pass, for Check.
// If you can change the config of the pool, use [tracer.Recorder.Attach] instead.
//
// A statement belongs to the Run or Setup that is under way, because nothing else identifies its
// caller. Parallel tests each need their own Recorder, URL and service; statements that arrive
// while several tests share a Recorder are an error. Statements between runs count as work that
// went on after Run returned.
//
// There are no lines of code, and the client's pool is not visible: [tracer.Acquires] and
// [tracer.MaxHeld] are absent. Statements that a client prepares for a batch count as prepares.
// Empty statements, which some clients send as pings, do not count.
//
// The URL keeps user, password, database and parameters, has a loopback address and
// sslmode=disable. The connection to the server uses TLS as url says. The URL works until t ends.
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
