// Package beside has what only packages of this module may ask of package tracer.
package beside

import (
	"context"
	"database/sql/driver"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
)

// ConnConfig returns a copy of the config of the first connection that did work of scope, a
// *tracer.Scope: a connection that is made with it is another to the same server, and traced
// in the same way. It holds the password. Where that connection is one of database/sql with
// another driver, it is the connector instead. Both are nil if no connection did any yet, and
// once the scope has ended.
var ConnConfig func(scope any) (*pgx.ConnConfig, driver.Connector)

// Databases returns copies of configs of the databases that a *tracer.Recorder has seen
// connections to. They hold passwords.
var Databases func(recorder any) []*pgx.ConnConfig

// Open has recorder, a *tracer.Recorder, take scope, a *tracer.Scope, for the one that is
// measured, until closed is called.
var Open func(recorder, scope any) (closed func())

// A Conversation is what a client and a server say to each other on a connection, but for the
// first message. Each side is told before the other one gets it. An error is for the side
// that was read, and is the end.
type Conversation interface {
	Client(b []byte) error
	Server(b []byte) error
	Close()
}

// Follow has recorder, a *tracer.Recorder, count what a client asks for in a conversation.
// config opens others like it, and server is that of the server itself.
var Follow func(recorder any, config, server *pgx.ConnConfig) Conversation

// A Stray is what is known of work that no scope got; see tracer.Unattributed.
type Stray struct {
	Kind, Name     string
	Site, Function string // empty unless the Recorder keeps them
	Late           bool
	Setup          bool // see Setup
}

// Strays returns how often each Stray has reached recorder, a *tracer.Recorder. Package
// tracer sets it.
var Strays func(recorder any) map[Stray]int

// Loose returns how many statements, but for pings, servers have completed for a *tracer.Recorder
// that pgx shows to no tracer, on connections that were not acquired from a pool; and how often
// the connection of another driver was given away, of which nothing more is known.
var Loose func(recorder any) int

// LivesOn says what to do about work that does not end with the request that began it.
const LivesOn = "a listener or worker that a request starts and that lives on is none of its work: " +
	"start it before anything is measured, or name its statements in Ignore, or set Shared"

type unfinishedKey struct{}

// WithUnfinished has note told of each statement of any run under the returned context that
// is not finished when the run has returned. It may be told of one again and again.
func WithUnfinished(ctx context.Context, note func(text string)) context.Context {
	return context.WithValue(ctx, unfinishedKey{}, note)
}

// Unfinished tells what WithUnfinished was given.
func Unfinished(ctx context.Context, texts []string) {
	if note, ok := ctx.Value(unfinishedKey{}).(func(string)); ok {
		for _, text := range texts {
			note(text)
		}
	}
}

// Ignored reports whether a list has the name of a statement or check, or what the name of
// one of the functions begins with.
func Ignored(list []string, name string, functions ...string) bool {
	return slices.ContainsFunc(list, func(entry string) bool {
		return entry != "" && (entry == name || slices.ContainsFunc(functions, func(f string) bool { return strings.HasPrefix(f, entry) }))
	})
}

// StraysSince returns what Strays does, but for what there was before and what list ignores.
func StraysSince(recorder any, before map[Stray]int, list []string) map[Stray]int {
	now := Strays(recorder)
	maps.DeleteFunc(now, func(s Stray, n int) bool { return n <= before[s] || Ignored(list, s.Name, s.Function) })
	for s := range now {
		now[s] -= before[s]
	}
	return now
}

type sinceKey struct{}

// WithSince has what is measured under the returned context look for strays since then.
func WithSince(ctx context.Context, then map[Stray]int) context.Context {
	return context.WithValue(ctx, sinceKey{}, then)
}

// Since returns what WithSince was given, or false.
func Since(ctx context.Context) (map[Stray]int, bool) {
	then, ok := ctx.Value(sinceKey{}).(map[Stray]int)
	return then, ok
}

var settingUp atomic.Int64

// Setup calls f, which stores what is to be measured: whatever context it uses, what its
// goroutine does meanwhile is told from the work of others.
func Setup(f func()) {
	settingUp.Add(1)
	defer settingUp.Add(-1)
	f()
}

// InSetup reports whether a Setup has led here. It costs next to nothing while there is none.
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

// ErrSince returns an error of what has come to be wrong between two tracer.Balance. Unlike
// Balance.Err it does not add up, so others may be at work with the same Recorder meanwhile.
var ErrSince func(balance, before any) error

// Rivals returns how many statements there have been, by a tracer.Balance, of which nobody can
// tell the scope: see Open.
var Rivals func(balance any) int

// Connections returns how many there have been, by a tracer.Balance, that its Recorder was
// attached to.
var Connections func(balance any) int
