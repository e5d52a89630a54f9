package term

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/tw"
)

// A Table is rows of cells that are already text, for a terminal.
type Table struct {
	Header []string
	Right  []bool // columns to align right
	Rows   [][]string
}

// Add adds a row.
func (t *Table) Add(cells ...string) { t.Rows = append(t.Rows, cells) }

// Render writes the table.
func (t *Table) Render(w io.Writer) error {
	var b bytes.Buffer
	if err := t.layOut(&b); err != nil {
		return err
	}
	for line := range strings.Lines(b.String()) {
		if _, err := fmt.Fprintln(w, trimRight(strings.TrimSuffix(line, "\n"))); err != nil {
			return err
		}
	}
	return nil
}

// trimRight removes the padding of the last column: what is pasted elsewhere
// should not carry it. tablewriter resets the color once more after it.
func trimRight(line string) string {
	trimmed := line
	for {
		shorter := strings.TrimSuffix(strings.TrimRight(trimmed, " "), reset)
		if shorter == trimmed {
			break
		}
		trimmed = shorter
	}
	if strings.Contains(line[len(trimmed):], reset) {
		return trimmed + reset
	}
	return trimmed
}

func (t *Table) layOut(w io.Writer) error {
	align := make(tw.Alignment, len(t.Header))
	for i := range align {
		align[i] = tw.AlignLeft
		if i < len(t.Right) && t.Right[i] {
			align[i] = tw.AlignRight
		}
	}
	out := tablewriter.NewTable(w,
		tablewriter.WithSymbols(tw.NewSymbols(tw.StyleLight)),
		tablewriter.WithRendition(tw.Rendition{
			Borders:  tw.BorderNone,
			Settings: tw.Settings{Separators: tw.Separators{BetweenColumns: tw.Off}},
		}),
		// Headers are written as they are to be read, and a wrapped cell would
		// split what belongs on one line of a chat message.
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithTrimSpace(tw.Off),
		tablewriter.WithPadding(tw.Padding{Left: "", Right: "  ", Overwrite: true}),
		tablewriter.WithAlignment(align),
	)
	out.Header(t.Header)
	if err := out.Bulk(t.Rows); err != nil {
		return err
	}
	return out.Render()
}
