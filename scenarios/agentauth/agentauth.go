// Package agentauth is the built-in case: an agent on a cloud VM proves the VM's
// identity and gets the session token it works with.
//
// It follows a public incident. A release candidate of an open-source control plane let several
// agents share one instance ID. The path began to fan out, and under load it starved the
// connection pool. The versions follow what is published about that change and later ones. No
// code of that project was used. The code is in internal/agentauth.
package agentauth

import (
	"github.com/fanout-bench/fanout-bench/internal/agentauth"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// Path returns the case for a [scenarios.Runner]. The caller may change the returned Path.
func Path() *scenarios.Path { return agentauth.Path() }
