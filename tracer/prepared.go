package tracer

import (
	"cmp"
	"maps"
	"slices"
)

// prepared maps the names of the application's prepared statements on a connection to their SQL,
// because pgx reports their use by name.
type prepared struct {
	sql  map[string]string
	size int // in bytes
}

// maxPrepared bounds the memory for a connection that prepares new names forever. A statement
// with a forgotten name counts under that name, and as a write.
const maxPrepared = 8 << 20

// perPrepared is the approximate size of a map entry.
const perPrepared = 64

// resolved returns the SQL of the statement named text, or text.
func (p *prepared) resolved(text string) string {
	if sql, ok := p.sql[text]; ok {
		return sql
	}
	return text
}

func (p *prepared) remember(name, sql string) {
	if name == sql { // as in database/sql
		return
	}
	p.forget(name)
	size := len(name) + len(sql) + perPrepared
	switch {
	case size > maxPrepared/2:
		return
	case p.size+size > maxPrepared:
		p.forgetLargest()
	}
	if p.sql == nil {
		p.sql = make(map[string]string)
	}
	p.sql[name] = sql
	p.size += size
}

func (p *prepared) forget(name string) {
	if sql, ok := p.sql[name]; ok {
		delete(p.sql, name)
		p.size -= len(name) + len(sql) + perPrepared
	}
}

// forgetLargest frees memory, largest texts first, because most are small.
func (p *prepared) forgetLargest() {
	largest := slices.SortedFunc(maps.Keys(p.sql), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(p.sql[b]), len(p.sql[a])), cmp.Compare(a, b))
	})
	for _, name := range largest {
		if p.size <= maxPrepared/2 {
			return
		}
		p.forget(name)
	}
}

// cachePrefix begins the names in pgx's statement cache.
const cachePrefix = "stmtcache_"

func (p *prepared) forgetAll() { *p = prepared{} }

// deallocated forgets one prepared statement, or all.
func (s *session) deallocated(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name == "" {
		s.prepared.forgetAll()
		return
	}
	s.prepared.forget(name)
}
