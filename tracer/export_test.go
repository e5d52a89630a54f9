package tracer

import (
	"context"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"
)

// Hooks is the tracer that Attach installs.
type Hooks = hooks

// HooksOf returns the hooks of r.
func HooksOf(r *Recorder) Hooks { return hooks{r} }

// Sums are the figures of a Balance.
type Sums = sums

var figures = map[string]figure{
	"SQL": inSQL, "Tx": inTx, "Setup": inSetup, "Unattributed": inUnattributed, "Late": inLate, "Hidden": inHidden,
	"Unfinished": inUnfinished, "Mixed": inMixed, "Doubled": inDoubled, "Untold": inUntold, "Wire": inWire,
	"Unwatched": inUnwatched, "Rivals": inRivals, "Lost": inLost, "Connections": inConnections,
}

// Get returns a figure.
func (b sums) Get(name string) int {
	f, ok := figures[name]
	if !ok {
		panic("no figure " + name)
	}
	return b.of[f]
}

// Map returns the figures that are not 0.
func (b sums) Map() map[string]int {
	all := make(map[string]int)
	for name, f := range figures {
		if n := b.of[f]; n != 0 {
			all[name] = n
		}
	}
	return all
}

// SumsFrom is the reverse of Map.
func SumsFrom(all map[string]int) Sums {
	var b sums
	for name, n := range all {
		f, ok := figures[name]
		if !ok {
			panic("no figure " + name)
		}
		b.of[f] = n
	}
	return b
}

// Mismatches returns the calls for which the two counts differ.
func (b sums) Mismatches() []string {
	var list []string
	for d, n := range b.mismatches {
		list = append(list, fmt.Sprint(d, n))
	}
	return list
}

// SumsOf returns the sums of r.
func SumsOf(r *Recorder) Sums { return r.sums() }

// Scripted returns a config whose connections answer the first request with answer, and end.
// Without one they do not answer.
func Scripted(t testing.TB, answer ...pgproto3.BackendMessage) *pgx.ConnConfig {
	t.Helper()
	config, err := pgx.ParseConfig("host=scripted user=nobody sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	config.LookupFunc = func(context.Context, string) ([]string, error) { return []string{"127.0.0.1"}, nil }
	config.DialFunc = func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		t.Cleanup(func() { client.Close(); server.Close() })
		go func() {
			defer server.Close()
			backend := pgproto3.NewBackend(server, server)
			if _, err := backend.ReceiveStartupMessage(); err != nil {
				return
			}
			backend.Send(&pgproto3.AuthenticationOk{})
			backend.Send(&pgproto3.ParameterStatus{Name: "standard_conforming_strings", Value: "on"})
			backend.Send(&pgproto3.ParameterStatus{Name: "client_encoding", Value: "UTF8"})
			backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
			if backend.Flush() != nil {
				return
			}
			if len(answer) == 0 {
				_, _ = io.Copy(io.Discard, server)
				return
			}
			for asked := false; !asked; {
				message, err := backend.Receive()
				if err != nil {
					return
				}
				switch message.(type) {
				case *pgproto3.Sync, *pgproto3.Query:
					asked = true
				}
			}
			for _, message := range answer {
				backend.Send(message)
			}
			_ = backend.Flush()
		}()
		return client, nil
	}
	return config
}
