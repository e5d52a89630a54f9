package sqltext

import "strings"

// Several reports whether sql may be more than one statement, at the price of a look.
func Several(sql string) bool {
	return strings.Contains(strings.TrimRight(sql, "; \t\r\n"), ";")
}

// Parts returns the statements of sql, with constants blanked, or nil if it is one.
func Parts(sql string) []string {
	if !Several(sql) {
		return nil
	}
	var (
		parts []string
		part  strings.Builder
		depth int
		s     = scanner(sql)
	)
	for {
		t := s.next()
		switch {
		case t.isMark("("):
			depth++
		case t.isMark(")"):
			depth--
		case t.class == end, t.isMark(";") && depth <= 0: // CREATE RULE … DO (…; …) is one statement
			if part.Len() > 0 {
				parts = append(parts, part.String())
			}
			part.Reset()
			if t.class != end {
				continue
			}
			if len(parts) < 2 {
				return nil
			}
			return parts
		}
		if part.Len() > 0 {
			part.WriteByte(' ')
		}
		part.WriteString(t.text)
	}
}

// Bare returns sql without its comments, and with one space where there is any: what differs
// otherwise does other work. Tracing adds comments that are never the same.
func Bare(sql string) string {
	var b strings.Builder
	for rest := scanner(sql); ; {
		t, source := rest.source()
		if t.class == end {
			return b.String()
		}
		b.WriteString(source)
		b.WriteByte(' ')
	}
}
