package tracer

import (
	"cmp"
	"maps"
	"slices"
)

// prepared holds the SQL of what the application prepared on a connection, by name, as
// pgx shows the use of it by that name alone.
type prepared struct {
	sql  map[string]string
	size int // bytes of it
}

// maxPrepared bounds what is kept of a connection on which names are prepared for ever.
// A statement whose name is not known any more counts under its name, and is taken to write
// something.
const maxPrepared = 8 << 20

// perPrepared is about what a map takes for an entry.
const perPrepared = 64

// resolved returns the SQL that text is the name of, or text.
func (p *prepared) resolved(text string) string {
	if sql, ok := p.sql[text]; ok {
		return sql
	}
	return text
}

func (p *prepared) remember(name, sql string) {
	if name == sql { // as database/sql has it
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

// forgetLargest makes room for as much as is left: the small ones are the many.
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

// cachePrefix begins the names of what pgx prepares for its cache of statements.
const cachePrefix = "stmtcache_"

func (p *prepared) forgetAll() { *p = prepared{} }

// deallocated forgets what was prepared by name, or everything.
func (s *session) deallocated(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name == "" {
		s.prepared.forgetAll()
		return
	}
	s.prepared.forget(name)
}
