// Package workload describes load: a case as an HTTP service, and the requests of its clients.
package workload

import (
	"context"
	"net/http"

	"github.com/fanout-bench/fanout-bench/internal/selection"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// A Case is a path with its workloads, if any. Their names are unique.
type Case struct {
	*scenarios.Path
	Workloads []Workload
}

// A Workload describes many clients that send HTTP requests at the same time. It is not part of
// baselines: it shows the effect of a count on capacity.
type Workload struct {
	Name string `json:"name"`
	// Unit is what each copy has N of, in the singular: "agent".
	Unit string `json:"unit,omitempty"`
	// Counting explains N if Unit is not enough.
	Counting string `json:"counting,omitempty"`
	// Least is the smallest N that makes sense.
	Least int `json:"least"`
	// Setup stores copies of the situation, each with env.N units and independent of the
	// others, and returns the service of env.Version. Its statements are not counted.
	Setup func(ctx context.Context, env scenarios.Env, copies int) (Service, error) `json:"-"`
}

// A Service is a version of a case as an HTTP server.
type Service struct {
	Handler http.Handler
	// Requests are what clients send repeatedly. There is at least one.
	Requests []Request
}

// A Request is one HTTP request.
type Request struct {
	Method string
	Path   string // "/api/v2/users"
	Body   []byte
	// Expect is the status of a successful answer.
	Expect int
	// Check, if set, returns an error if body, of an answer with status Expect, is wrong. It
	// must be safe for concurrent use.
	Check func(body []byte) error
}

// Workload returns the workload of that name, or a [*selection.UnknownNameError].
func (c Case) Workload(name string) (Workload, error) {
	unknown := &selection.UnknownNameError{What: "workload", Name: name}
	for _, w := range c.Workloads {
		if w.Name == name {
			return w, nil
		}
		unknown.Valid = append(unknown.Valid, w.Name)
	}
	return Workload{}, unknown
}
