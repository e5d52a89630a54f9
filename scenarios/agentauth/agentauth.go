// Package agentauth is the built-in case: an agent on a cloud VM proves the VM's
// identity and gets the session token it works with.
//
// It is written from a public incident. A release candidate of an open-source
// control plane let several agents share one instance ID, the path began to fan
// out, and under load it starved the connection pool. The versions of the case
// follow what is published of that change and of those after it. No code of that
// project was used. The code is in internal/agentauth.
package agentauth

import (
	"github.com/fanout-bench/fanout-bench/internal/agentauth"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// Path returns the case for a [scenarios.Runner]. Each call returns another Path, which
// the caller may change.
func Path() *scenarios.Path { return agentauth.Path() }
