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

// A table has rows of text for a terminal.
type table struct {
	header []column
	rows   [][]string
}

type column struct {
	title string
	align tw.Align
}

// left and right return aligned columns.
func left(titles ...string) []column  { return aligned(tw.AlignLeft, titles) }
func right(titles ...string) []column { return aligned(tw.AlignRight, titles) }

func aligned(align tw.Align, titles []string) (list []column) {
	for _, title := range titles {
		list = append(list, column{title, align})
	}
	return list
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// width returns the width of the widest line, for cells without colors.
func (t *table) width() int {
	widest := 0
	var b bytes.Buffer
	_ = t.render(&b) // writing reports errors
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
		// Do not change headers. A wrapped cell would break a line that somebody pastes.
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

// padding matches blanks after the last column, and the color reset that tablewriter adds there.
var padding = regexp.MustCompile(`(?m)( |\x1b\[0m)+$`)
