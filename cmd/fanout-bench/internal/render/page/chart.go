package page

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
)

// A chart is lines over a number, laid out for a drawing of chartWidth times
// chartHeight.
type chart struct {
	Title          string
	X, Y           string // what the axes are
	Dashed         string // what dashed lines are, if there are any
	XTicks, YTicks []tick
	Lines          []chartLine
	Columns        []string // the numbers again: a table with a row for each line
}

type tick struct {
	At    int
	Label string
}

// A chartLine is one line of a chart.
type chartLine struct {
	Name   string // printable
	Color  int
	Dashed bool // what others are compared with
	Values []report.Point
	// What follows is laid out.
	Under   bool   // another one that runs as it does is drawn
	Points  string // as a polyline takes them
	Dots    []dot
	Legend  string // the names of all lines that run as this one does
	Label   string // the same in short; empty if there is no room
	LabelAt int
	Cells   []string // a value for each of the chart's columns
}

type dot struct {
	X, Y  int
	Title string
}

const (
	chartWidth, chartHeight = 560, 268
	chartLeft, chartTop     = 44, 30
	chartRight              = chartWidth - 150 // the rest is for labels
	chartBottom             = chartHeight - 48
	chartColors             = 8
	labelHeight             = 15
	labelWidth              = 20 // columns
)

// add adds lines of which anything is known.
func (c *chart) add(lines ...chartLine) {
	c.Lines = append(c.Lines, slices.DeleteFunc(lines, func(l chartLine) bool { return len(l.Values) == 0 })...)
}

// rises reports whether any line is not flat on the axis.
func (c *chart) rises() bool {
	return slices.ContainsFunc(c.Lines, func(l chartLine) bool {
		return findings.Happens(report.Growth{Points: l.Values})
	})
}

// layOut computes where everything is. names says how a value of x is called.
func (c *chart) layOut(names func(int) string) {
	if !slices.ContainsFunc(c.Lines, func(l chartLine) bool { return l.Dashed }) {
		c.Dashed = ""
	}
	var xs []int
	most := 1
	for _, line := range c.Lines {
		for _, p := range line.Values {
			xs = append(xs, p.N)
			most = max(most, p.Count)
		}
	}
	slices.Sort(xs)
	xs = slices.Compact(xs)
	first, last := xs[0], xs[len(xs)-1]
	step := niceStep(most)
	top := (most + step - 1) / step * step
	x := func(n int) int {
		if first == last {
			return (chartLeft + chartRight) / 2
		}
		return chartLeft + (chartRight-chartLeft)*(n-first)/(last-first)
	}
	y := func(count int) int { return chartBottom - (chartBottom-chartTop)*count/top }
	for value := 0; value <= top; value += step {
		c.YTicks = append(c.YTicks, tick{y(value), fmt.Sprint(value)})
	}
	const apart = 24
	for _, n := range xs {
		c.Columns = append(c.Columns, names(n))
		if len(c.XTicks) == 0 || x(n)-c.XTicks[len(c.XTicks)-1].At >= apart {
			c.XTicks = append(c.XTicks, tick{x(n), names(n)})
		}
	}
	letter, _, _ := strings.Cut(c.X, ":")
	for i := range c.Lines {
		line := &c.Lines[i]
		line.Color %= chartColors
		var points []string
		for _, p := range line.Values {
			points = append(points, fmt.Sprintf("%d,%d", x(p.N), y(p.Count)))
			line.Dots = append(line.Dots, dot{x(p.N), y(p.Count), fmt.Sprintf("%s=%s: %d", letter, names(p.N), p.Count)})
		}
		line.Points = strings.Join(points, " ")
		for _, n := range xs {
			text := ""
			if at := slices.IndexFunc(line.Values, func(p report.Point) bool { return p.N == n }); at >= 0 {
				text = fmt.Sprint(line.Values[at].Count)
			}
			line.Cells = append(line.Cells, text)
		}
	}
	c.label()
}

// label writes the names of the lines beside their ends: those that run alike
// together, and none over another.
func (c *chart) label() {
	type group struct{ line, y int }
	var groups []group
	for i, line := range c.Lines {
		same := slices.IndexFunc(groups, func(g group) bool { return c.Lines[g.line].Points == line.Points })
		if same >= 0 {
			c.Lines[groups[same].line].Label += ", " + line.Name
			c.Lines[i].Under = true
			continue
		}
		c.Lines[i].Label = line.Name
		groups = append(groups, group{line: i, y: line.Dots[len(line.Dots)-1].Y})
	}
	slices.SortStableFunc(groups, func(a, b group) int { return cmp.Compare(a.y, b.y) })
	// First from below, as counts pile up at the bottom, then from above those that
	// were pushed out of the drawing.
	floor := chartBottom + labelHeight/2
	for i := range slices.Backward(groups) {
		groups[i].y = min(groups[i].y, floor)
		floor = groups[i].y - labelHeight
	}
	ceiling := labelHeight / 2
	for _, g := range groups {
		line := &c.Lines[g.line]
		line.LabelAt = max(g.y, ceiling)
		line.Legend, line.Label = term.Truncate(line.Label, 3*labelWidth), term.Truncate(line.Label, labelWidth)
		if line.LabelAt > chartBottom+labelHeight { // no room; the numbers name all
			line.Label = ""
		}
		ceiling = line.LabelAt + labelHeight
	}
}

// niceStep is the distance of lines that people read easily: at most six of them
// reach most.
func niceStep(most int) int {
	for unit := 1; ; unit *= 10 {
		for _, factor := range []int{1, 2, 5} {
			if step := unit * factor; most <= 5*step {
				return step
			}
		}
	}
}
