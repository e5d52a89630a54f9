package findings

import (
	"bytes"
	"io"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/term"
)

// A table is rows of cells that are already text, for a terminal. No row has more cells
// than the header. It is laid out here, as users' tests print it: tablewriter, which lays
// out the tables of the command, keeps ent's generator from compiling in their modules.
type table struct {
	header []string
	right  []bool // columns to align right
	rows   [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// gap is between columns.
const gap = "  "

func (t *table) render(w io.Writer) error {
	widths := make([]int, len(t.header))
	for _, row := range append([][]string{t.header}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], term.Width(cell))
		}
	}
	var b bytes.Buffer
	t.write(&b, widths, t.header)
	for _, width := range widths {
		b.WriteString(strings.Repeat("─", width) + strings.Repeat("─", len(gap)))
	}
	b.WriteByte('\n')
	for _, row := range t.rows {
		t.write(&b, widths, row)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// write writes a row. Nothing is padded for the sake of what does not follow: what is
// pasted elsewhere should not carry it.
func (t *table) write(b *bytes.Buffer, widths []int, row []string) {
	blank := 0
	for i, cell := range row {
		padding := widths[i] - term.Width(cell)
		right := i < len(t.right) && t.right[i]
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
