package term

import (
	"bytes"
	"io"
	"strings"
)

// A Table is rows of cells that are already text, for a terminal. No row has more cells
// than the header.
type Table struct {
	Header []string
	Right  []bool // columns to align right
	Rows   [][]string
}

// Add adds a row.
func (t *Table) Add(cells ...string) { t.Rows = append(t.Rows, cells) }

// gap is between columns.
const gap = "  "

// Render writes the table.
func (t *Table) Render(w io.Writer) error {
	widths := make([]int, len(t.Header))
	for _, row := range append([][]string{t.Header}, t.Rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], Width(cell))
		}
	}
	var b bytes.Buffer
	t.write(&b, widths, t.Header)
	for _, width := range widths {
		b.WriteString(strings.Repeat("─", width) + strings.Repeat("─", len(gap)))
	}
	b.WriteByte('\n')
	for _, row := range t.Rows {
		t.write(&b, widths, row)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// write writes a row. Nothing is padded for the sake of what does not follow: what is
// pasted elsewhere should not carry it.
func (t *Table) write(b *bytes.Buffer, widths []int, row []string) {
	blank := 0
	for i, cell := range row {
		padding := widths[i] - Width(cell)
		right := i < len(t.Right) && t.Right[i]
		if right {
			blank += padding
		}
		if cell != "" {
			b.WriteString(strings.Repeat(" ", blank) + cell)
			blank = 0
		}
		if !right {
			blank += padding
		}
		blank += len(gap)
	}
	b.WriteByte('\n')
}
