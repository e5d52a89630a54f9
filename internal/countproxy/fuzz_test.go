package countproxy

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// FuzzServe passes any bytes of a client and a server on. Each statement that the client is told
// to be complete is counted, or the Balance has an error.
func FuzzServe(f *testing.F) {
	greeting := encoded(f, &pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: map[string]string{"user": "u"}})
	ready := &pgproto3.ReadyForQuery{TxStatus: 'I'}
	done := &pgproto3.CommandComplete{CommandTag: []byte("SELECT 1")}
	started := []encoder{&pgproto3.AuthenticationOk{}, &pgproto3.BackendKeyData{SecretKey: []byte("1234")}, ready}
	f.Add(encoded(f, &pgproto3.Query{String: "SELECT 1"}, &pgproto3.Query{String: "BEGIN; SELECT 2"}),
		encoded(f, append(started, done, ready, done, done, ready)...), uint8(200))
	f.Add(encoded(f, &pgproto3.Parse{Name: "a", Query: "SELECT $1"}, &pgproto3.Sync{}, &pgproto3.Bind{PreparedStatement: "a"}, &pgproto3.Execute{MaxRows: 1}, &pgproto3.Sync{}),
		encoded(f, append(started, &pgproto3.ParseComplete{}, ready, &pgproto3.BindComplete{}, &pgproto3.PortalSuspended{}, ready)...), uint8(20))
	f.Add(encoded(f, &pgproto3.Query{String: "COPY a FROM STDIN"}, &pgproto3.CopyData{Data: []byte("1")}, &pgproto3.CopyDone{}, &pgproto3.FunctionCall{}),
		encoded(f, append(started, &pgproto3.CopyInResponse{}, done, ready, &pgproto3.FunctionCallResponse{}, ready)...), uint8(5))
	f.Add(encoded(f, &pgproto3.Query{String: "SELECT 1"}), encoded(f, append(started, done, done, done, ready, done)...), uint8(100))                                        // more than was asked for
	f.Add(encoded(f, &pgproto3.Query{String: "SELECT 1"}), encoded(f, append(started, &pgproto3.ErrorResponse{Severity: "FATAL", Code: "57P01"}, done, ready)...), uint8(0)) // after its end
	f.Add(encoded(f, &pgproto3.SASLInitialResponse{}), encoded(f, &pgproto3.AuthenticationSASL{AuthMechanisms: []string{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"}}), uint8(1))
	f.Add(encoded(f, &pgproto3.SSLRequest{}, &pgproto3.CancelRequest{SecretKey: []byte("1234")}), []byte("D\xff\xff\xff\xff"), uint8(3))
	f.Fuzz(func(t *testing.T, asks, answers []byte, size uint8) {
		stranger, greeted := net.Pipe()
		go func() {
			_, _ = stranger.Write(asks)
			_ = stranger.Close()
		}()
		go io.Copy(io.Discard, stranger)
		_, _ = greet(greeted)
		_ = greeted.Close()

		r := &tracer.Recorder{}
		_, scope := tracer.Start(t.Context(), "fuzz")
		closed := beside.Open(r, scope)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		server, upstreamEnd := net.Pipe()
		p := &Proxy{
			recorder: r, config: &pgx.ConnConfig{}, direct: &pgx.ConnConfig{}, ctx: ctx, open: map[net.Conn]bool{}, servers: map[string]dialed{},
			upstream: upstream{config: &pgconn.Config{ConnectTimeout: limit, DialFunc: func(context.Context, string, string) (net.Conn, error) { return upstreamEnd, nil }}},
		}
		client, accepted := net.Pipe()
		served := make(chan struct{})
		go func() {
			defer close(served)
			p.serve(accepted)
			_ = accepted.Close()
			_ = upstreamEnd.Close()
		}()
		told := make(chan []byte)
		go func() {
			b, _ := io.ReadAll(client)
			told <- b
		}()
		go io.Copy(io.Discard, server)
		_, err := client.Write(greeting)
		for a, b := asks, answers; err == nil && len(a)+len(b) > 0; {
			n, m := min(int(size)+1, len(a)), min(int(size)+1, len(b))
			if _, err = client.Write(a[:n]); err == nil {
				_, err = server.Write(b[:m])
			}
			a, b = a[n:], b[m:]
		}
		_ = client.Close()
		<-served
		_ = server.Close()
		closed()
		counts, counted := scope.End().Counts(), 0
		for _, u := range r.Unattributed() {
			counted += u.Count
		}
		counted += counts.SQL + counts.Tx
		if n := completed(answers, <-told); counted < n && r.Balance() == nil {
			t.Errorf("%d statements counted of %d, and no error", counted, n)
		}
	})
}

// completed returns how many statements the client was told to be complete. What it was told
// begins with what the server sent.
func completed(sent, told []byte) (n int) {
	ready := false
	for size := 0; len(sent) >= headerSize; sent, told = sent[size:], told[size:] {
		size = 1 + int(binary.BigEndian.Uint32(sent[1:]))
		if size < headerSize || size > min(len(sent), len(told)) || string(sent[:size]) != string(told[:size]) {
			break
		}
		ready = ready || sent[0] == 'Z'
		if ready && sent[0] == 'C' {
			n++
		}
	}
	return n
}
