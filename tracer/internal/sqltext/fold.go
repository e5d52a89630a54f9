package sqltext

// An extent is what to fold, least important first.
type extent int

const (
	lists   extent = iota // columns that are read, inserted or returned, and long lists that are set
	clauses               // also joins, orders, groups, and nested statements
)

// folded returns tokens with "…" for each long list and clause.
func folded(tokens []token, most extent) []token {
	f := folder{most: most, levels: make([]level, 1)}
	for i, t := range tokens {
		if t.text == "(" {
			f.levels = append(f.levels, level{open: len(f.out), start: len(f.out) + 1, columns: f.level().table})
		}
		l := f.level()
		switch {
		case t.text == ")" && len(f.levels) > 1:
			f.end(token{})
			f.levels = f.levels[:len(f.levels)-1]
			begin := f.out[l.open+1:]
			if l.columns || most >= clauses && len(begin) > 0 && begin[0].isWord("select", "with") {
				f.fold(l.open+1, 16)
			}
		case t.class != word:
		case t.isWord("distinct", "all") && len(f.out) == l.start:
			l.start++ // of SELECT
		case isClause(before(f.out, len(f.out)), t, before(tokens, i+2)):
			f.end(t)
			l.clause, l.start = t, len(f.out)+1
		}
		f.out = append(f.out, t)
		l = f.level()
		l.table = namesTable(t, l.table)
	}
	for len(f.levels) > 0 {
		f.end(token{})
		f.levels = f.levels[:len(f.levels)-1]
	}
	return f.out
}

// namesTable reports whether t, after another such token or not, is of the name of a table to
// insert into.
func namesTable(t token, after bool) bool {
	return t.isWord("into") || after && (t.class == word || t.class == quoted || t.text == ".")
}

// isClause reports whether t, between last and next, begins a clause.
func isClause(last, t, next token) bool {
	switch {
	case last.text == ".":
		return false
	case t.isWord("select", "where", "having", "limit", "offset", "union", "except", "intersect", "returning", "set", "values", "join",
		"cross", "inner", "natural", "window", "fetch", "for"):
		return true
	case t.isWord("from"):
		return !last.isWord("distinct")
	case t.isWord("left", "right", "full"):
		return next.text != "("
	case t.isWord("on"):
		return !last.isWord("distinct") && !next.isWord("conflict")
	case t.isWord("group", "order"):
		return next.isWord("by")
	}
	return t.isWord("by") && last.isWord("group", "order")
}

type folder struct {
	most   extent
	out    []token
	levels []level // of parentheses
}

// A level is a statement, or a pair of parentheses.
type level struct {
	open, start int // positions in out of the group, and after the word of the clause
	clause      token
	table       bool // in the name of the table to insert into
	columns     bool // in the columns to insert
}

func (f *folder) level() *level { return &f.levels[len(f.levels)-1] }

// end ends the clause of the innermost level before next.
func (f *folder) end(next token) {
	l := f.level()
	switch c := l.clause; {
	case c.isWord("select") && next.isWord("from"), c.isWord("returning"):
		f.fold(l.start, 16)
	case c.isWord("set"):
		f.fold(l.start, 40-24*int(f.most))
	case f.most >= clauses && c.isWord("on", "by"):
		f.fold(l.start, 16)
	}
	l.clause = token{}
}

// fold replaces the tokens from start if they are wider than width.
func (f *folder) fold(start, width int) {
	if start >= len(f.out) {
		return
	}
	for _, t := range f.out[start:] {
		if width -= len(t.text) + 1; width < 0 {
			f.out = append(f.out[:start], token{word, "…"})
			return
		}
	}
}
