// Package beside gives the packages of this module access to internals of package tracer.
package beside

import (
	"context"
	"database/sql/driver"
	"errors"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
)

// ConnConfig returns a copy of the config of the first connection that did work of scope, a
// *tracer.Scope. It contains the password, and connections made with it are traced the same way.
// If the connection is of another driver in database/sql, it returns the connector instead. Both
// are nil before the first work and after the end of the scope.
var ConnConfig func(scope any) (*pgx.ConnConfig, driver.Connector)

// Databases returns copies of the configs of the databases that a *tracer.Recorder saw
// connections to. They contain passwords.
var Databases func(recorder any) []*pgx.ConnConfig

// Open makes scope, a *tracer.Scope, the measured one of recorder, a *tracer.Recorder, until
// closed is called.
var Open func(recorder, scope any) (closed func())

// A Conversation is the traffic of a client and a server on a connection after the first message.
// Each method is called before the bytes are passed on. An error is for the side that sent the
// bytes, and ends the conversation.
type Conversation interface {
	Client(b []byte) error
	Server(b []byte) error
	Close()
}

// Follow makes recorder, a *tracer.Recorder, count the statements of a conversation. config opens
// similar connections, and server is the config of the server itself.
var Follow func(recorder any, config, server *pgx.ConnConfig) Conversation

// A Stray describes work without a scope; see tracer.Stray.
type Stray struct {
	Kind, Name     string
	Site, Function string // empty unless the Recorder keeps them
	Late           bool
	Origin         string // of late work: the name of the scope that it began under, if Open had it
	Setup          bool   // see Setup
}

// Strays returns how often each Stray reached recorder, a *tracer.Recorder. Package tracer sets
// it. They include connections that a pool refused because the context of a scope of Open had
// ended with it: that is all that is seen of work that comes too late and sends nothing.
var Strays func(recorder any) map[Stray]int

// Loose returns how many statements, except pings, servers completed for a *tracer.Recorder on
// connections outside of pools without pgx reporting them to tracers. It adds how often the
// connection of another driver was unwrapped, of whose work nothing is known.
var Loose func(recorder any) int

// Hooks returns how many statements hooks of pools began for a *tracer.Recorder outside of scopes.
var Hooks func(recorder any) int

// ErrUnattributed is wrapped by the error of a cell with work that belongs to no run. The message
// lists the work.
var ErrUnattributed = errors.New("work outside the measured context; pass the context on to it")

// A RunPanicError is the error of a run that panicked.
type RunPanicError struct{ Err error }

func (e *RunPanicError) Error() string { return e.Err.Error() }
func (e *RunPanicError) Unwrap() error { return e.Err }

// LivesOn is advice about work that outlives the request that started it.
const LivesOn = "a listener or worker that outlives the request is not part of its work: " +
	"start it before the measurement, name its statements in Ignore, or set Shared"

type unfinishedKey struct{}

// WithUnfinished calls note for each statement of a run under the returned context that is
// unfinished when the run returns. It may call note several times for the same statement.
func WithUnfinished(ctx context.Context, note func(text string)) context.Context {
	return context.WithValue(ctx, unfinishedKey{}, note)
}

// Unfinished calls the note of WithUnfinished.
func Unfinished(ctx context.Context, texts []string) {
	if note, ok := ctx.Value(unfinishedKey{}).(func(string)); ok {
		for _, text := range texts {
			note(text)
		}
	}
}

// Ignored reports whether list contains name, or a prefix of one of functions.
func Ignored(list []string, name string, functions ...string) bool {
	return slices.ContainsFunc(list, func(entry string) bool {
		return entry != "" && (entry == name || slices.ContainsFunc(functions, func(f string) bool { return strings.HasPrefix(f, entry) }))
	})
}

// StraysSince returns the Strays since before, without those that list ignores. What a refused
// connection was for is not known: it may be what list ignores.
func StraysSince(recorder any, before map[Stray]int, list []string) map[Stray]int {
	now := Strays(recorder)
	maps.DeleteFunc(now, func(s Stray, n int) bool {
		return n <= before[s] || Ignored(list, s.Name, s.Function) || s.Kind == "acquire" && len(list) > 0
	})
	for s := range now {
		now[s] -= before[s]
	}
	return now
}

type sinceKey struct{}

// WithSince makes measurements under the returned context look for strays since then.
func WithSince(ctx context.Context, then map[Stray]int) context.Context {
	return context.WithValue(ctx, sinceKey{}, then)
}

// Since returns the value of WithSince, or false.
func Since(ctx context.Context) (map[Stray]int, bool) {
	then, ok := ctx.Value(sinceKey{}).(map[Stray]int)
	return then, ok
}

var settingUp atomic.Int64

// Setup calls f, which stores the data to measure, and marks the work of its goroutine, whatever
// context it uses.
func Setup(f func()) {
	settingUp.Add(1)
	defer settingUp.Add(-1)
	f()
}

// InSetup reports whether a Setup led here. It is cheap while there is none.
func InSetup() bool {
	if settingUp.Load() == 0 {
		return false
	}
	var buffer [64]uintptr
	for skip := 2; ; skip += len(buffer) {
		n := runtime.Callers(skip, buffer[:])
		for frames, more := runtime.CallersFrames(buffer[:n]), n > 0; more; {
			var frame runtime.Frame
			if frame, more = frames.Next(); frame.Function == setupName {
				return true
			}
		}
		if n < len(buffer) {
			return false
		}
	}
}

const setupName = "github.com/fanout-bench/fanout-bench/internal/beside.Setup"

// Totals calls add with what each event of a tracer.Recording adds to a tracer.Metric.
var Totals func(recording any, add func(event int, metric string, n int))

// Balance returns the figures of a *tracer.Recorder that Recorder.Balance judges.
var Balance func(recorder any) any

// ErrSince returns an error for what went wrong between two Balances. Unlike Recorder.Balance it
// ignores sums, so others may use the same Recorder.
var ErrSince func(balance, before any) error

// Rivals returns the number of statements in a Balance whose scope is unknown: see Open.
var Rivals func(balance any) int

// Connections returns the number of connections in a Balance.
var Connections func(balance any) int
