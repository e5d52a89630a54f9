// Package workload says what load is put on: a case as a service, with what its clients
// send.
package workload

import (
	"context"
	"net/http"
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/selection"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// A Case is a path with the workloads there are for it, which may be none. No two have the
// same name.
type Case struct {
	*scenarios.Path
	Workloads []Workload
}

// A Workload is a situation in which clients of a case send requests over HTTP, many
// at a time. Nothing of it is counted cell by cell, and nothing of it is in a
// baseline: it shows what a count leads to.
type Workload struct {
	Name string `json:"name"`
	// Unit is what one more of N adds to each copy, in the singular: "agent".
	Unit string `json:"unit,omitempty"`
	// Counting says what N counts where Unit is too short for it.
	Counting string `json:"counting,omitempty"`
	// Least is the smallest N that makes sense.
	Least int `json:"least"`
	// Setup stores copies of the situation, each with env.N units and independent of
	// the others, and returns the service of env.Version. It is not counted.
	Setup func(ctx context.Context, env scenarios.Env, copies int) (Service, error) `json:"-"`
}

// A Service is a version of a case as a server of HTTP requests.
type Service struct {
	Handler http.Handler
	// Requests are what clients send, over and over. At least one.
	Requests []Request
}

// A Request is what one client sends.
type Request struct {
	Method string
	Path   string // "/api/v2/users"
	Body   []byte
	// Expect is the status of the answer while the service has time for it.
	Expect int
	// Check, if set, returns an error if body, of an answer with status Expect, is
	// not the right one. It must be safe for concurrent use.
	Check func(body []byte) error
}

// Workload returns the workload of that name, or a [*selection.UnknownNameError].
func (c Case) Workload(name string) (Workload, error) {
	i := slices.IndexFunc(c.Workloads, func(w Workload) bool { return w.Name == name })
	if i >= 0 {
		return c.Workloads[i], nil
	}
	unknown := &selection.UnknownNameError{What: "workload", Name: name}
	for _, w := range c.Workloads {
		unknown.Valid = append(unknown.Valid, w.Name)
	}
	return Workload{}, unknown
}
