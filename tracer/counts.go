package tracer

import (
	"maps"
	"slices"
)

// Counts are the totals of a [Recording].
type Counts struct {
	SQL        int `json:"sql"`         // statements the application executed
	SQLUnique  int `json:"sql_unique"`  // without repeats, see [Recording.Repeats]
	RBAC       int `json:"rbac"`        // authorization checks
	RBACUnique int `json:"rbac_unique"` // different (subject, action, object) among them
	// RoundTrips is how often the application waited for the server, except for prepares and
	// pgx's deallocations. It is exact unless [Recording.Estimated] is set.
	RoundTrips int `json:"round_trips"`
	Tx         int `json:"tx"`       // begin, commit, rollback, savepoint
	Prepare    int `json:"prepare"`  // implicit and explicit prepares, see Equal
	Acquires   int `json:"acquires"` // connections taken from a pool
	MaxHeld    int `json:"max_held"` // most connections held at the same time
	// ConnTrips counts round trips while connections of a pool are held: each one counts once for
	// every connection that is held. It is less than RoundTrips if some are on a connection that was
	// not acquired.
	ConnTrips int `json:"conn_trips,omitempty"`

	Statements map[string]int `json:"statements"` // SQL by statement name
	Checks     map[string]int `json:"checks"`     // RBAC by check label

	// Absent lists the totals that are unknown, in the order of [Metrics]. They are 0 here and
	// missing in files. Acquires, MaxHeld and ConnTrips are unknown if database/sql has the pool or
	// if only the protocol is visible; with [Recorder.Connector], RoundTrips and Prepare are too.
	Absent []Metric `json:"absent,omitempty"`
}

// A Metric is the name of a total of [Counts] in result files.
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

// Metrics returns all metrics, in the order of result files.
func Metrics() []Metric {
	return []Metric{SQL, SQLUnique, RBAC, RBACUnique, RoundTrips, TxControl, Prepares, Acquires, MaxHeld, ConnTrips}
}

// Of returns the total that m names, or 0 if it is absent. It panics if m is not one of
// [Metrics].
func (m Metric) Of(c Counts) int { return *m.in(&c) }

// in returns a pointer to the total that m names.
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
	panic("tracer: unknown metric: " + string(m))
}

// Has reports whether the total that m names is known, that is, not in Absent.
func (c Counts) Has(m Metric) bool { return !slices.Contains(c.Absent, m) }

// Equal reports whether c and o have the same counts except Prepare. How much a connection
// prepares depends on its age, and the scheduler and other callers decide which connection of a
// pool is used.
func (c Counts) Equal(o Counts) bool {
	c.Prepare = o.Prepare
	for _, m := range Metrics() {
		if m.Of(c) != m.Of(o) || c.Has(m) != o.Has(m) {
			return false
		}
	}
	return maps.Equal(c.Statements, o.Statements) && maps.Equal(c.Checks, o.Checks)
}
