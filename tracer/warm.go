package tracer

import (
	"slices"
	"strings"
	"weak"

	"github.com/jackc/pgx/v5"
)

// Warm returns r as it is where the connections of its pools have prepared already what
// was executed in before: without the prepares and round trips it takes to fill the cache
// that pgx has for each connection. How many connections a pool has and which of them a
// caller gets is up to the scheduler, to other callers and to their age. opened says that
// this is true also of the connections that were opened during r, as of work in goroutines.
//
// What costs the same each time stays: SQL that before did not execute, as it is another
// each time; what a connection prepares again because its cache is too small; what the
// application prepares, and [pgx.QueryExecModeDescribeExec] describes; what connections
// prepare that are of no pool, or of one that before did not use.
func (r Recording) Warm(before Recording, opened bool) Recording {
	for _, pool := range r.pools {
		if !slices.Contains(before.pools, pool) {
			return r
		}
	}
	known := make(map[uint64]bool)
	for _, e := range before.Events {
		if e.Kind != Prepare && e.text != 0 && e.Outcome.reached() {
			known[e.text] = true
		}
	}
	spare := func(e Event) bool { return e.cold && (opened || !e.fresh) && e.Outcome == Done }
	gone := func(e Event) bool { return e.Kind == Prepare && spare(e) && known[e.text] }
	shorter := make(map[int]bool) // batches that prepared their items first, which takes a round trip
	for i, e := range r.Events {
		switch {
		case e.Kind == Batch && spare(e) && e.RoundTrips > 1:
			shorter[i] = true
		case shorter[e.Parent] && !known[e.text]:
			delete(shorter, e.Parent)
		}
	}
	if len(shorter) > 0 || slices.ContainsFunc(r.Events, gone) {
		r.Events = without(r.Events, gone, shorter)
	}
	return r
}

// without returns the events that are not gone, some of them shorter by a round trip.
func without(events []Event, gone func(Event) bool, shorter map[int]bool) []Event {
	var (
		kept = make([]Event, 0, len(events))
		at   = make([]int, len(events)) // the place of each event
	)
	for i, e := range events {
		at[i] = len(kept)
		if gone(e) {
			continue
		}
		if e.Parent >= 0 {
			e.Parent = at[e.Parent]
		}
		if shorter[i] {
			e.RoundTrips--
		}
		kept = append(kept, e)
	}
	return kept
}

// cachePrefix begins the names of what pgx prepares for its cache of statements.
const cachePrefix = "stmtcache_"

// firstCached reports whether sql is prepared by name for a cache of pgx, and this
// connection has not done so before: after that it is because the cache is too small,
// which costs the same each time. The cache of descriptions needs no name; nor does what
// is described each time, which nobody asks for where the connection has such a cache.
func (s *session) firstCached(name, sql string) bool {
	if s == nil || !strings.HasPrefix(name, cachePrefix) && (name != "" || s.execMode() != pgx.QueryExecModeCacheDescribe) {
		return false
	}
	return s.first(sql)
}

// firstBatch is the same of a batch, which prepares what is new to the connection.
func (s *session) firstBatch(b *batch) bool {
	if mode := s.execMode(); mode != pgx.QueryExecModeCacheStatement && mode != pgx.QueryExecModeCacheDescribe {
		return false
	}
	found := false
	for _, item := range b.items {
		found = s.first(item.call.text) || found
	}
	return found
}

// maxCached bounds what is kept of a connection: twice what pgx's cache holds by default.
const maxCached = 1024

// first reports whether it is asked of sql for the first time, as far as is known.
func (s *session) first(sql string) bool {
	hash := hashOf(sql)
	if s.cached[hash] {
		return false
	}
	if s.cached == nil {
		s.cached = make(map[uint64]bool)
	}
	if len(s.cached) == maxCached {
		return false // to count too much shows
	}
	s.cached[hash] = true
	return true
}

// cold returns the flags of a call in scope that fills a cache for the first time.
func (s *session) cold(scope *Scope) uint32 {
	switch {
	case s.pool == notPooled:
		return 0
	case s.openedIn == weak.Make(scope):
		return cold | fresh
	default:
		return cold
	}
}

// A habit is what a connection does unless it is told otherwise.
type habit struct {
	mode      pgx.QueryExecMode
	describes bool // it can describe a table for a CopyFrom
}

// habits returns that of the connection. It is kept, as pgx copies all of a config to show
// it. Where it is not known the mode is QueryExecModeExec, which has no cache.
func (s *session) habits() habit {
	if s == nil {
		return habit{pgx.QueryExecModeExec, true}
	}
	if s.habit == nil {
		s.habit = &habit{pgx.QueryExecModeExec, true}
		if s.conn != nil {
			s.habit = habitOf(s.conn.Config())
		}
	}
	return *s.habit
}

func habitOf(config *pgx.ConnConfig) *habit {
	h := &habit{mode: config.DefaultQueryExecMode}
	switch h.mode {
	case pgx.QueryExecModeCacheStatement:
		h.describes = config.StatementCacheCapacity > 0
	case pgx.QueryExecModeCacheDescribe:
		h.describes = config.DescriptionCacheCapacity > 0
	case pgx.QueryExecModeDescribeExec, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol:
		h.describes = true
	}
	return h
}

func (s *session) execMode() pgx.QueryExecMode { return s.habits().mode }

func (s *session) describes() bool { return s.habits().describes }
