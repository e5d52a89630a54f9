// Package agentauth is the built-in case: an agent on a cloud VM proves the VM's
// identity and gets the session token it works with.
//
// It is written from a public incident. A release candidate of an open-source
// control plane let several agents share one instance ID, the path began to fan
// out, and under load it starved the connection pool. The versions measured here
// follow what is published of that change and of those after it, of which some were
// merged and some were not: each version's file names its source and says which. No
// code of that project was used.
//
// From the outside in: a [Handler] verifies the signed document and calls the
// version's Authenticate, which reads through a [Layer], which authorizes each
// read with an [Authorizer] and sends one statement for it to a [Store].
// A [Version] is one file; everything else is shared.
package agentauth
