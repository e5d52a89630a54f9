package fanouttest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/multitracer"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/capacity"
	"github.com/fanout-bench/fanout-bench/internal/underload"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Load is requests that arrive at a constant pace, however many are unanswered, on a pool
// with few connections and a slow network to the server. The zero value is ready for
// [Load.Configure]; fields are set before that. It must not be copied after, and is for one
// pool and one [Saturate].
type Load struct {
	// Recorder counts. Default: one of its own. It is needed where another part of the test
	// counts on the same pool.
	Recorder *tracer.Recorder
	// Connections is how many the pool has. Default: 10.
	Connections int
	// RoundTrip is how much longer each round trip to the server takes. Default: 2 ms.
	RoundTrip time.Duration
	// Rate is how many requests arrive in a second. Default: Sustains, or else 100.
	Rate int
	// Duration is for how long they arrive. Default: 3 s.
	Duration time.Duration
	// Deadline is when the context of a request ends. Default: 1 s.
	Deadline time.Duration
	// Sustains is how many requests a second the pool must have room for. The test fails where
	// the counts and RoundTrip make it certain that it has not, on a machine of any speed. 0:
	// the load is only told of.
	Sustains int
	// Concurrent says that a request works in goroutines. Each round trip counts for the one
	// connection then that it is on, as nobody can tell what the others wait for meanwhile.
	Concurrent bool

	meter  *underload.Meter
	direct *pgx.ConnConfig // to the server, without the network; nil before Configure
	down   func()          // the network
}

// The limits keep a slip of the finger from taking a machine down.
const (
	maxConnections = 100
	maxLoad        = 100_000 // requests
)

func (l *Load) withDefaults() {
	if l.Recorder == nil {
		l.Recorder = &tracer.Recorder{}
	}
	assumed := capacity.Default()
	l.Connections = cmp.Or(l.Connections, assumed.Connections)
	l.RoundTrip = cmp.Or(l.RoundTrip, assumed.RoundTrip)
	l.Rate = cmp.Or(l.Rate, l.Sustains, 100)
	l.Duration = cmp.Or(l.Duration, 3*time.Second)
	l.Deadline = cmp.Or(l.Deadline, time.Second)
}

func (l *Load) check() error {
	switch {
	case l.direct == nil:
		return errors.New("the Load has no pool; let its method Configure change the config before the pool is made")
	case l.Connections < 1 || l.Connections > maxConnections:
		return fmt.Errorf("field Connections is %d; a pool has from 1 to %d", l.Connections, maxConnections)
	case l.RoundTrip < 0 || l.Deadline <= l.RoundTrip:
		return fmt.Errorf("field RoundTrip is %v, and field Deadline %v; no request ends before it", l.RoundTrip, l.Deadline)
	case l.Rate < 1 || l.Sustains < 0 || l.Duration <= 0:
		return fmt.Errorf("fields Rate, Sustains and Duration are %d, %d and %v; none is below 0", l.Rate, l.Sustains, l.Duration)
	case l.requests() < 1 || l.requests() > maxLoad:
		return fmt.Errorf("fields Rate and Duration, %d a second for %v, make %d requests; there are from 1 to %d", l.Rate, l.Duration, l.requests(), maxLoad)
	}
	return nil
}

func (l *Load) requests() int { return int(l.Duration.Seconds() * float64(l.Rate)) }

// pool is what the arithmetic takes l for.
func (l *Load) pool() capacity.Pool {
	return capacity.Pool{Connections: l.Connections, Replicas: 1, RoundTrip: l.RoundTrip}
}

// Configure gives the pool that is made with config the connections and the network of l, and
// attaches the Recorder. testdb's Pool takes it as it is.
func (l *Load) Configure(config *pgxpool.Config) {
	l.withDefaults()
	l.meter = &underload.Meter{}
	own := config.ConnConfig
	l.direct = own.Copy()
	l.direct.Tracer = nil
	var up context.Context
	up, l.down = context.WithCancel(context.Background())
	own.DialFunc = underload.Slowed(up, l.RoundTrip, own.DialFunc)
	config.MaxConns, config.MinConns, config.MinIdleConns = int32(min(max(l.Connections, 1), maxConnections)), 0, 0
	if own.Tracer == nil {
		own.Tracer = l.meter
	} else {
		own.Tracer = multitracer.New(own.Tracer, l.meter)
	}
	l.Recorder.Attach(own)
}
