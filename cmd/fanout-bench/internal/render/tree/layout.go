package tree

import (
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/term"
)

const (
	treeWidth = 100
	gap       = 2 // between columns
	siteWidth = 34
	// Recursion may be deeper than the terminal is wide. Branches are cut to leave leastLabel for
	// the label, but not below leastRails.
	leastLabel = 24
	leastRails = 6
)

// A treeLine is one node of a tree, or several joined ones.
type treeLine struct {
	sign    string   // "+", "-" or nothing
	rails   string   // the branches before the label
	label   []string // what is joined; printable
	mark    string   // after the label, and never cut
	columns [columns]string
	color   string // of the sign and the label
	colors  [columns]string
}

// The columns beside the tree.
const (
	sqlColumn = iota
	rbacColumn
	repeatedColumn
	siteColumn
	columns
)

// joint separates the parts of a label.
const joint = " → "

// linesOf returns the lines of roots and of all nodes below. lineOf returns that of a node, and its
// children.
func linesOf[N any](roots []N, lineOf func(N) (treeLine, []N)) []treeLine {
	var lines []treeLine
	var visit func(n N, first, rest string)
	visit = func(n N, first, rest string) {
		line, children := lineOf(n)
		line.rails = first
		lines = append(lines, line)
		for i, child := range children {
			if i == len(children)-1 {
				visit(child, rest+"└─ ", rest+"   ")
			} else {
				visit(child, rest+"├─ ", rest+"│  ")
			}
		}
	}
	for _, root := range roots {
		visit(root, "", "")
	}
	return lines
}

// A treeLayout gives the tree the width that the columns leave.
type treeLayout struct {
	signs  int // width of signs
	room   int // the most that branches and label may take
	left   int // what they take
	widths [columns]int
}

// layOut returns lines in at most treeWidth columns.
func layOut(style term.Style, lines []treeLine) string {
	if len(lines) == 0 {
		return "Nothing reached the database or the authorization layer.\n"
	}
	lines = append([]treeLine{titles(lines)}, lines...)
	l := measure(lines)
	var b strings.Builder
	for _, line := range lines {
		l.write(&b, style, line)
	}
	return "\n" + b.String()
}

func measure(lines []treeLine) treeLayout {
	l := treeLayout{}
	for _, line := range lines {
		l.signs = max(l.signs, 2*len(line.sign))
		for c, text := range line.columns {
			l.widths[c] = max(l.widths[c], term.Width(text))
		}
	}
	l.room = treeWidth - l.signs
	for _, width := range l.widths {
		if width > 0 {
			l.room -= gap + width
		}
	}
	for _, line := range lines {
		rails, label := l.fit(line)
		l.left = max(l.left, term.Width(rails+label))
	}
	return l
}

func (l treeLayout) write(b *strings.Builder, style term.Style, line treeLine) {
	b.WriteString(style.Paint(line.color, line.sign))
	b.WriteString(strings.Repeat(" ", l.signs-len(line.sign)))
	rails, label := l.fit(line)
	b.WriteString(style.Paint(term.Faint, rails) + style.Paint(line.color, label))
	blank := l.left - term.Width(rails+label)
	for c, text := range line.columns {
		if l.widths[c] == 0 {
			continue
		}
		blank += gap
		padding := l.widths[c] - term.Width(text)
		if text == "" || c != siteColumn {
			blank += padding
		}
		if text != "" {
			b.WriteString(strings.Repeat(" ", blank) + style.Paint(line.colors[c], text))
			blank = 0
		}
	}
	b.WriteByte('\n')
}

// fit cuts the branches and the label of line to fit. It keeps the branches next to the label, the
// first and the last part of the label, and the mark.
func (l treeLayout) fit(line treeLine) (rails, label string) {
	rails = term.TruncateStart(line.rails, max(leastRails, l.room-leastLabel))
	room := l.room - term.Width(rails+line.mark)
	label = strings.Join(line.label, joint)
	for n := len(line.label) - 1; n >= 2 && term.Width(label) > room; n-- {
		label = strings.Join(slices.Concat(line.label[:n-1], []string{"…"}, line.label[len(line.label)-1:]), joint)
	}
	return rails, term.Truncate(label, max(room, 1)) + line.mark
}

// titles returns the header line. The folder that all sites share is the title of their column.
func titles(lines []treeLine) treeLine {
	title := treeLine{columns: [columns]string{sqlColumn: "SQL", rbacColumn: "RBAC"}}
	folder, shared := "", true
	for _, line := range lines {
		if line.columns[repeatedColumn] != "" {
			title.columns[repeatedColumn] = "repeated"
		}
		dir, _, ok := strings.Cut(line.columns[siteColumn], "/")
		switch {
		case line.columns[siteColumn] == "":
		case ok && (folder == "" || folder == dir):
			folder = dir
		default:
			shared = false
		}
	}
	if folder != "" && shared {
		title.columns[siteColumn] = "in " + folder + "/"
		for i := range lines {
			lines[i].columns[siteColumn] = strings.TrimPrefix(lines[i].columns[siteColumn], folder+"/")
		}
	}
	return title
}

// Site returns a site with the last folder of its path, printable and at most siteWidth columns
// wide. It never cuts the line number.
func Site(site string) string {
	parts := strings.Split(site, "/")
	site = term.Printable(strings.Join(parts[max(0, len(parts)-2):], "/"), 0)
	return term.TruncateStart(site, siteWidth)
}
