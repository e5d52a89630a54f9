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
		part  []string
		depth int
	)
	end := func() {
		if len(part) > 0 {
			parts = append(parts, strings.Join(part, " "))
		}
		part = part[:0]
	}
	for t := range scan(sql) {
		switch {
		case t.text == "(":
			depth++
		case t.text == ")":
			depth--
		case t.text == ";" && depth <= 0: // CREATE RULE … DO (…; …) is one statement
			end()
			continue
		}
		part = append(part, t.text)
	}
	if end(); len(parts) < 2 {
		return nil
	}
	return parts
}

// Bare returns sql without comments, and with single spaces. Statements that differ otherwise are
// different work; comments of tracing differ each time.
func Bare(sql string) string {
	var b strings.Builder
	for _, source := range scan(sql) {
		b.WriteString(source)
		b.WriteByte(' ')
	}
	return b.String()
}
