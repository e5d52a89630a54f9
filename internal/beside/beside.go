// Package beside has what only packages of this module may ask of package tracer, which
// sets it.
package beside

import "github.com/jackc/pgx/v5"

// ConnConfig returns a copy of the config of the first connection that did work of scope, a
// *tracer.Scope: a connection that is made with it is another to the same server, and traced
// in the same way. It holds the password. It is nil if no connection did any yet, and once
// the scope has ended.
var ConnConfig func(scope any) *pgx.ConnConfig

// ErrSince returns an error of what has come to be wrong between two tracer.Balance. Unlike
// Balance.Err it does not add up, so others may be at work with the same Recorder meanwhile.
var ErrSince func(balance, before any) error

// Connections returns how many there have been, by a tracer.Balance, that its Recorder was
// attached to.
var Connections func(balance any) int
