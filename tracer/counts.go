package tracer

import (
	"maps"
	"slices"
)

// Counts are the totals of a [Recording].
type Counts struct {
	SQL        int `json:"sql"`         // statements the application executed
	SQLUnique  int `json:"sql_unique"`  // those that are no avoidable repeats, see [Recording.Repeats]
	RBAC       int `json:"rbac"`        // authorization checks
	RBACUnique int `json:"rbac_unique"` // different (subject, action, object) among them
	// RoundTrips is how often the application waited for the server, but for prepares and
	// for what pgx deallocates. It is exact unless [Recording.Estimated] says otherwise.
	RoundTrips int `json:"round_trips"`
	Tx         int `json:"tx"`       // begin, commit, rollback, savepoint
	Prepare    int `json:"prepare"`  // implicit and explicit prepares, see Equal
	Acquires   int `json:"acquires"` // connections taken from a pool
	MaxHeld    int `json:"max_held"` // most of them held at the same time
	// ConnTrips is for how many round trips connections were taken from the pool: each of
	// RoundTrips counts once for every connection that is held while it happens. It is less than
	// RoundTrips where some are on a connection that was not acquired meanwhile.
	ConnTrips int `json:"conn_trips,omitempty"`

	Statements map[string]int `json:"statements"` // SQL by statement name
	Checks     map[string]int `json:"checks"`     // RBAC by check label

	// Absent are the totals that cannot be known, in the order of [Metrics]. They are 0 here,
	// and in no file. Where database/sql has the pool, or all that is seen is the protocol, they
	// are Acquires, MaxHeld and ConnTrips; where a driver is counted by [Recorder.Connector],
	// RoundTrips and Prepare too.
	Absent []Metric `json:"absent,omitempty"`
}

// A Metric names one total of [Counts] as result files do.
type Metric string

const (
	SQL        Metric = "sql"
	SQLUnique  Metric = "sql_unique"
	RBAC       Metric = "rbac"
	RBACUnique Metric = "rbac_unique"
	RoundTrips Metric = "round_trips"
	TxControl  Metric = "tx"
	Prepares   Metric = "prepare"
	Acquires   Metric = "acquires"
	MaxHeld    Metric = "max_held"
	ConnTrips  Metric = "conn_trips"
)

// Metrics lists every Metric, in the order of result files.
func Metrics() []Metric {
	return []Metric{SQL, SQLUnique, RBAC, RBACUnique, RoundTrips, TxControl, Prepares, Acquires, MaxHeld, ConnTrips}
}

// Of returns the total that m names, which is 0 if it is absent. It panics on a Metric that
// is not one of [Metrics].
func (m Metric) Of(c Counts) int { return *m.in(&c) }

// in returns where c has the total that m names.
func (m Metric) in(c *Counts) *int {
	switch m {
	case SQL:
		return &c.SQL
	case SQLUnique:
		return &c.SQLUnique
	case RBAC:
		return &c.RBAC
	case RBACUnique:
		return &c.RBACUnique
	case RoundTrips:
		return &c.RoundTrips
	case TxControl:
		return &c.Tx
	case Prepares:
		return &c.Prepare
	case Acquires:
		return &c.Acquires
	case MaxHeld:
		return &c.MaxHeld
	case ConnTrips:
		return &c.ConnTrips
	}
	panic("tracer: no such metric: " + string(m))
}

// Has reports whether the total that m names is known, which it is unless it is in Absent.
func (c Counts) Has(m Metric) bool { return !slices.Contains(c.Absent, m) }

// Equal reports whether c and o are the same in every count but Prepare: a connection
// prepares what is new to it, and which one of a pool a caller gets is up to the scheduler,
// to other callers and to their age.
func (c Counts) Equal(o Counts) bool {
	c.Prepare = o.Prepare
	for _, m := range Metrics() {
		if m.Of(c) != m.Of(o) || c.Has(m) != o.Has(m) {
			return false
		}
	}
	return maps.Equal(c.Statements, o.Statements) && maps.Equal(c.Checks, o.Checks)
}
