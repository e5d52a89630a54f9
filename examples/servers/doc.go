// Package servers has tests of code that gets its context from elsewhere: handlers of routers,
// in process and over a hop, servers of gRPC and connect, and resolvers on goroutines.
package servers
