package load

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/fanout-bench/fanout-bench/internal/workload"
)

// patience is for an answer to what is not measured, and for what must end.
const patience = 30 * time.Second

// An attack sends requests to a service.
type attack struct {
	pacer   vegeta.Pacer
	next    func() sending
	workers uint64 // at most so many requests at the same time
}

// A sending is a request that is to be sent.
type sending struct {
	request int           // its index
	due     time.Duration // from the begin of the attack; 0 where that is nobody's concern
}

// run sends requests until the attack is over or ctx ends, and waits for their answers.
// The service has to end them with ctx. What was answered before that goes to
// answered, one at a time.
func (a attack) run(ctx context.Context, url string, requests []workload.Request, answered func(sending, *vegeta.Result)) {
	attacker := vegeta.NewAttacker(
		vegeta.Workers(min(a.workers, vegeta.DefaultWorkers)),
		vegeta.MaxWorkers(a.workers),
		vegeta.Timeout(patience),
		vegeta.HTTP2(false),
		vegeta.Redirects(vegeta.NoFollow),
		vegeta.Proxy(nil), // never through one that the environment names
	)
	var sent struct {
		sync.Mutex
		all []sending
	}
	target := func(t *vegeta.Target) error {
		next := a.next()
		sent.Lock()
		id := len(sent.all)
		sent.all = append(sent.all, next)
		sent.Unlock()
		request := requests[next.request]
		t.Method, t.Body = request.Method, request.Body
		// What follows a # is not sent, and comes back with the result.
		t.URL = url + request.Path + "#" + strconv.Itoa(id)
		return nil
	}
	stop := context.AfterFunc(ctx, func() { attacker.Stop() })
	defer stop()
	for result := range attacker.Attack(target, a.pacer, 0, "") {
		if ctx.Err() != nil {
			continue
		}
		_, digits, _ := strings.Cut(result.URL, "#")
		id, err := strconv.Atoi(digits)
		if err != nil {
			panic("load: the result of a request names none") // it was written above
		}
		sent.Lock()
		of := sent.all[id]
		sent.Unlock()
		answered(of, result)
	}
}

// inTurn returns a function that returns n requests in turn, due at such an interval.
func inTurn(n int, interval time.Duration) func() sending {
	var taken atomic.Int64
	return func() sending {
		i := int(taken.Add(1) - 1)
		return sending{request: i % n, due: time.Duration(i) * interval}
	}
}

// atOnce paces an attack of so many requests, each as soon as there is a worker for it,
// which is given up after a time.
type atOnce struct {
	requests int
	within   time.Duration
}

func (o atOnce) Pace(elapsed time.Duration, sent uint64) (wait time.Duration, stop bool) {
	return 0, sent >= uint64(o.requests) || elapsed > o.within
}

// Rate is for plots; there is none.
func (atOnce) Rate(time.Duration) float64 { return 0 }
