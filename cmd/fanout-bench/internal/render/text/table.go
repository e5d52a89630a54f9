package text

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/tw"

	"github.com/fanout-bench/fanout-bench/internal/term"
)

// A table is rows of cells that are already text, for a terminal.
type table struct {
	header []string
	right  []bool // columns to align right
	rows   [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) render(w io.Writer) error {
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
		shorter := strings.TrimSuffix(strings.TrimRight(trimmed, " "), term.Reset)
		if shorter == trimmed {
			break
		}
		trimmed = shorter
	}
	if strings.Contains(line[len(trimmed):], term.Reset) {
		return trimmed + term.Reset
	}
	return trimmed
}

func (t *table) layOut(w io.Writer) error {
	align := make(tw.Alignment, len(t.header))
	for i := range align {
		align[i] = tw.AlignLeft
		if i < len(t.right) && t.right[i] {
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
	out.Header(t.header)
	if err := out.Bulk(t.rows); err != nil {
		return err
	}
	return out.Render()
}
