package findings

import (
	"fmt"
	"io"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/term"
)

// writeTable writes rows of as many cells, which are already text, under a header. It is
// laid out here, as users' tests print it: tablewriter, which lays out the tables of the
// command, keeps ent's generator from compiling in their modules, and text/tabwriter
// knows neither colors nor characters that take two columns.
func writeTable(w io.Writer, header []string, rows [][]string) {
	widths := make([]int, len(header))
	for _, row := range append([][]string{header}, rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], term.Width(cell)+2) // with the gap after it
		}
	}
	write := func(row []string) {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString(cell + strings.Repeat(" ", widths[i]-term.Width(cell)))
		}
		fmt.Fprintln(w, strings.TrimRight(line.String(), " ")) // it may be pasted elsewhere
	}
	write(header)
	for _, width := range widths {
		fmt.Fprint(w, strings.Repeat("─", width))
	}
	fmt.Fprintln(w)
	for _, row := range rows {
		write(row)
	}
}
