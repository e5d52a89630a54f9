//go:build !linux && !darwin

package postgres

import (
	"context"
	"crypto/rand"
)

// A claim names the owner of containers. Whether that lives, only the reaper of
// testcontainers knows here.
type claim string

func newClaim(context.Context, string) (claim, error) {
	return claim("fanout-bench-" + rand.Text()), nil
}

func (c claim) owner() string { return string(c) }

func (c claim) settle(removal error) error { return removal }
