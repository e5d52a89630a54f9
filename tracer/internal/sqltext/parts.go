package sqltext

import "strings"

// Several reports cheaply whether sql may contain several statements.
func Several(sql string) bool {
	return strings.Contains(strings.TrimRight(sql, "; \t\r\n"), ";")
}

// Parts returns the statements of sql with constants blanked, or nil if there is only one.
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

// Bare returns sql without comments, and with single spaces. Statements that differ otherwise are
// different work; comments of tracing differ each time.
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
