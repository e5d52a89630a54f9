package load

import (
	"context"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/fanout-bench/fanout-bench/scenarios"
)

// An attack sends requests to the service.
type attack struct {
	pacer   vegeta.Pacer
	next    func() int    // the index of the next request
	workers uint64        // at most so many requests at the same time
	timeout time.Duration // for an answer
}

// run sends requests until the attack is over or ctx ends, and waits for their answers.
// The service has to end them with ctx. Each result goes to answered, one at a time.
func (a attack) run(ctx context.Context, url string, requests []scenarios.Request, answered func(request int, r *vegeta.Result)) {
	attacker := vegeta.NewAttacker(
		vegeta.Workers(min(a.workers, vegeta.DefaultWorkers)),
		vegeta.MaxWorkers(a.workers),
		vegeta.Timeout(a.timeout),
		vegeta.HTTP2(false),
		vegeta.Redirects(vegeta.NoFollow),
		vegeta.Proxy(nil), // never through one that the environment names
	)
	target := func(t *vegeta.Target) error {
		i := a.next()
		t.Method, t.Body = requests[i].Method, requests[i].Body
		// What follows a # is not sent, and comes back with the result.
		t.URL = url + requests[i].Path + "#" + strconv.Itoa(i)
		return nil
	}
	stop := context.AfterFunc(ctx, func() { attacker.Stop() })
	defer stop()
	for result := range attacker.Attack(target, a.pacer, 0, "") {
		_, index, _ := strings.Cut(result.URL, "#")
		i, err := strconv.Atoi(index)
		if err != nil {
			panic("load: the result of a request names none") // it was written above
		}
		answered(i, result)
	}
}

// inTurn returns a function that returns the indices of n requests in turn.
func inTurn(n int) func() int {
	var taken atomic.Int64
	return func() int { return int(taken.Add(1)-1) % n }
}

// times paces an attack of so many requests, each as soon as there is a worker for it.
type times int

func (t times) Pace(_ time.Duration, hits uint64) (wait time.Duration, stop bool) {
	return 0, hits >= uint64(t)
}

// Rate is for plots; there is none.
func (times) Rate(time.Duration) float64 { return 0 }
