// Package beside has what only packages of this module may ask of a tracer.Scope.
package beside

import "github.com/jackc/pgx/v5"

// ConnConfig returns a copy of the config of the first connection that did work of scope, a
// *tracer.Scope: a connection that is made with it is another to the same server, and traced
// in the same way. It holds the password. It is nil if no connection did any yet, and once
// the scope has ended. Package tracer sets it.
var ConnConfig func(scope any) *pgx.ConnConfig
