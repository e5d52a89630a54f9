//go:build !linux && !darwin

package postgres

import "context"

// There are no folders.
func abandonedOwners() []string { return nil }

// Sweep does nothing.
func Sweep(context.Context) error { return nil }
