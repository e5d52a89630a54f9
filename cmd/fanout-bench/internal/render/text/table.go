package text

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/tw"

	"github.com/fanout-bench/fanout-bench/internal/term"
)

// A table is rows of cells that are already text, for a terminal.
type table struct {
	header []column
	rows   [][]string
}

type column struct {
	title string
	align tw.Align
}

// left and right return columns that are aligned so.
func left(titles ...string) []column  { return aligned(tw.AlignLeft, titles) }
func right(titles ...string) []column { return aligned(tw.AlignRight, titles) }

func aligned(align tw.Align, titles []string) (list []column) {
	for _, title := range titles {
		list = append(list, column{title, align})
	}
	return list
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// width is how many columns the widest line has, if its cells are without colors.
func (t *table) width() int {
	widest := 0
	var b bytes.Buffer
	_ = t.render(&b) // whoever writes it tells of errors
	for line := range strings.Lines(b.String()) {
		widest = max(widest, term.Width(strings.TrimSuffix(line, "\n")))
	}
	return widest
}

func (t *table) render(w io.Writer) error {
	var titles []string
	var align tw.Alignment
	for _, c := range t.header {
		titles, align = append(titles, c.title), append(align, c.align)
	}
	var b bytes.Buffer
	out := tablewriter.NewTable(&b,
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
	out.Header(titles)
	if err := errors.Join(out.Bulk(t.rows), out.Render()); err != nil {
		return err
	}
	_, err := w.Write(padding.ReplaceAllFunc(b.Bytes(), func(end []byte) []byte {
		if bytes.Contains(end, []byte(term.Reset)) {
			return []byte(term.Reset)
		}
		return nil
	}))
	return err
}

// padding is that of the last column: what is pasted elsewhere should not carry it.
// tablewriter resets the color once more after it.
var padding = regexp.MustCompile(`(?m)( |\x1b\[0m)+$`)
