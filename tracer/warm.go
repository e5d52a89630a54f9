package tracer

import (
	"hash/maphash"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Warm returns r as it is where each connection has prepared already what was executed
// in before: without the prepares and round trips it takes to fill the cache that pgx has
// for each connection. How many connections a pool has, and which of them a caller gets,
// is a matter of the scheduler, of other callers and of their age.
//
// What before did not execute stays, as SQL does whose text is another each time. So does
// what a connection prepares again because its cache is too small, what the application
// prepares, and what [pgx.QueryExecModeDescribeExec] describes each time.
func (r Recording) Warm(before Recording) Recording {
	known := make(map[uint64]bool)
	for _, e := range before.Events {
		if e.Kind != Prepare && e.text != 0 && e.Outcome.reached() {
			known[e.text] = true
		}
	}
	cold := func(e Event) bool { return e.Kind == Prepare && e.cached && e.Outcome == Done && known[e.text] }
	batches := r.coldBatches(known)
	if len(batches) == 0 && !slices.ContainsFunc(r.Events, cold) {
		return r
	}
	var (
		kept = make([]Event, 0, len(r.Events))
		at   = make([]int, len(r.Events)) // the place of each event
	)
	for i, e := range r.Events {
		at[i] = len(kept)
		if cold(e) {
			continue
		}
		if e.Parent >= 0 {
			e.Parent = at[e.Parent]
		}
		if batches[i] {
			e.RoundTrips--
		}
		kept = append(kept, e)
	}
	r.Events = kept
	return r
}

// coldBatches returns the indices of the batches that prepared their items first, all of
// which are known: that takes a round trip of its own.
func (r Recording) coldBatches(known map[uint64]bool) map[int]bool {
	batches := make(map[int]bool)
	for i, e := range r.Events {
		switch {
		case e.Kind == Batch && e.cached && e.Outcome == Done && e.RoundTrips > 1:
			batches[i] = true
		case batches[e.Parent] && !known[e.text]:
			delete(batches, e.Parent)
		}
	}
	return batches
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

// first reports whether it is asked of sql for the first time.
func (s *session) first(sql string) bool {
	hash := maphash.String(seed, sql)
	if s.cached[hash] {
		return false
	}
	if s.cached == nil {
		s.cached = make(map[uint64]bool)
	}
	if len(s.cached) < maxCached {
		s.cached[hash] = true
	}
	return true
}

// execMode returns how the connection executes what does not say so itself. It is kept,
// as pgx copies all of a config to show it. Without a connection it is QueryExecModeExec,
// which has no cache.
func (s *session) execMode() pgx.QueryExecMode {
	if s == nil {
		return pgx.QueryExecModeExec
	}
	if s.mode == nil {
		mode := s.conn.Config().DefaultQueryExecMode
		s.mode = &mode
	}
	return *s.mode
}
