package text

import (
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
	for line := range strings.Lines(t.String()) {
		widest = max(widest, term.Width(strings.TrimSuffix(line, "\n")))
	}
	return widest
}

// part returns the table and an empty line, or nothing without rows.
func (t *table) part() string {
	if len(t.rows) == 0 {
		return ""
	}
	return t.String() + "\n"
}

// noted returns the table with notes below it.
func (t *table) noted(notes []string) string {
	if len(notes) == 0 {
		return t.String()
	}
	return t.String() + "\n" + strings.Join(notes, "\n") + "\n"
}

func (t *table) String() string {
	var titles []string
	var align tw.Alignment
	for _, c := range t.header {
		titles, align = append(titles, c.title), append(align, c.align)
	}
	var b strings.Builder
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
	_ = out.Bulk(t.rows) // texts and a strings.Builder have no errors
	_ = out.Render()
	return padding.ReplaceAllStringFunc(b.String(), func(end string) string {
		if strings.Contains(end, term.Reset) {
			return term.Reset
		}
		return ""
	})
}

// padding matches blanks after the last column, and the color reset that tablewriter adds there.
var padding = regexp.MustCompile(`(?m)( |\x1b\[0m)+$`)
