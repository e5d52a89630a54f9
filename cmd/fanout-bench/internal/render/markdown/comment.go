package markdown

import (
	"fmt"
	"strings"
)

const (
	// limit is the most bytes of a report. GitHub says that a comment holds
	// 65,536 characters.
	limit = 60_000
	// unchangedLimit is how much of that goes to what is as in the baseline.
	unchangedLimit = 15_000
	// marker is how a later report finds the comment that it replaces.
	marker = "<!-- fanout-bench:comment v1 key=default -->\n"
)

// A comment is a report while it is written, with room for reserve bytes more.
type comment struct {
	b       strings.Builder
	reserve int
	dropped int // parts that did not fit
}

func (m *comment) room() int { return limit - m.reserve - m.b.Len() }

// block writes a part and the blank line after it, if it fits.
func (m *comment) block(text string) {
	if text == "" {
		return
	}
	if len(text)+1 > m.room() {
		m.dropped++
		return
	}
	m.b.WriteString(text + "\n")
}

// rows writes a table of as many rows as fit, and says how many do not.
func (m *comment) rows(header string, rows []string) {
	const more = 100 // for the line that says so
	if len(rows) == 0 {
		return
	}
	if len(header)+len(rows[0])+more > m.room() {
		m.dropped++
		return
	}
	m.b.WriteString(header)
	for i, row := range rows {
		if len(row)+more > m.room() {
			fmt.Fprintf(&m.b, "\nand %d more\n", len(rows)-i)
			break
		}
		m.b.WriteString(row)
	}
	m.b.WriteString("\n")
}
