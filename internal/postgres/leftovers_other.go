//go:build !linux && !darwin

package postgres

import "context"

// There are no folders.
func abandonedOwners() []string             { return nil }
func removeAbandoned(context.Context) error { return nil }
