package sqltext

// What folds is what a statement is least known by.
type extent int

const (
	lists   extent = iota // the columns that are read, inserted, returned, and many that are set
	clauses               // also conditions of joins, orders, groups, and statements within
)

// folded returns tokens with "…" for each list and clause that is long.
func folded(tokens []token, most extent) []token {
	f := folder{most: most, levels: make([]level, 1)}
	for i, t := range tokens {
		if t.isMark("(") {
			f.levels = append(f.levels, level{open: len(f.out), start: len(f.out) + 1, columns: f.level().table})
		}
		l := f.level()
		switch next := following(tokens, i); {
		case t.isMark(")") && len(f.levels) > 1:
			f.end("")
			f.levels = f.levels[:len(f.levels)-1]
			begin := f.out[l.open+1:]
			if l.columns || most >= clauses && len(begin) > 0 && begin[0].isWord("select", "with") {
				f.fold(l.open+1, 16)
			}
		case t.class != word:
		case t.isWord("distinct", "all") && len(f.out) == l.start:
			l.start++ // of SELECT
		case isClause(f.out, t, next):
			f.end(t.text)
			l.clause, l.start = t, len(f.out)+1
		}
		f.out = append(f.out, t)
		l = f.level()
		l.table = t.isWord("into") || l.table && (t.class == word || t.class == quoted || t.text == ".")
	}
	for len(f.levels) > 0 {
		f.end("")
		f.levels = f.levels[:len(f.levels)-1]
	}
	return f.out
}

func following(tokens []token, i int) token {
	if i+1 < len(tokens) {
		return tokens[i+1]
	}
	return token{}
}

// isClause reports whether t begins a clause, after the tokens before and followed by next.
func isClause(before []token, t, next token) bool {
	last := token{}
	if len(before) > 0 {
		last = before[len(before)-1]
	}
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

// A level is a statement, or what is in parentheses.
type level struct {
	open, start int // of the group, and of what follows the clause's word, in out
	clause      token
	table       bool // the table that is inserted into is being named
	columns     bool // it is the columns to insert
}

func (f *folder) level() *level { return &f.levels[len(f.levels)-1] }

// end ends the clause of the innermost level before the word next.
func (f *folder) end(next string) {
	l := f.level()
	switch c := l.clause; {
	case c.isWord("select") && (token{word, next}).isWord("from"), c.isWord("returning"):
		f.fold(l.start, 16)
	case c.isWord("set"):
		f.fold(l.start, 40-24*int(f.most))
	case f.most >= clauses && c.isWord("on", "by"):
		f.fold(l.start, 16)
	}
	l.clause = token{}
}

// fold replaces what follows start, if it is of more than width.
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
