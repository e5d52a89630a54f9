// Package claims reads published figures and compares them with measured ones.
package claims

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Claim has two published figures of one measurement.
type Claim struct {
	Scenario string `json:"scenario"`
	N        int    `json:"n"`
	Version  string `json:"version"`
	SQL      int    `json:"-"`
	RBAC     int    `json:"-"`
}

// List holds the claims of a file.
type List []Claim

// maxFile, in bytes, bounds the memory of the parser: it takes hundreds of times the size of a
// hostile file.
const maxFile = 1 << 20

// Read reads the first table of a Markdown file with the columns version, scenario, n, SQL and
// RBAC, and ignores other columns and text. An error about the content is a
// [*jsonfile.Error].
func Read(from io.Reader) (List, error) {
	source, err := jsonfile.ReadText(from)
	if err != nil {
		return nil, err
	}
	if len(source) > maxFile {
		return nil, &jsonfile.Error{Reason: "it has more than 1 MB, more than a table of claims has; name another file"}
	}
	source = bytes.TrimPrefix(source, []byte("\xef\xbb\xbf"))
	document := goldmark.New(goldmark.WithExtensions(extension.Table)).Parser().Parse(text.NewReader(source))
	var claims List
	err = ast.Walk(document, func(node ast.Node, _ bool) (ast.WalkStatus, error) {
		if node.Kind() != extast.KindTable {
			return ast.WalkContinue, nil
		}
		columns, err := claimColumns(node.FirstChild(), source)
		if columns == nil || err != nil {
			return ast.WalkContinue, err
		}
		claims, err = readClaimTable(node, columns, source)
		return ast.WalkStop, err
	})
	if err == nil && claims == nil {
		err = &jsonfile.Error{Reason: "no table with the columns version, scenario, n, SQL and RBAC"}
	}
	return claims, err
}

var claimHeaders = []string{"version", "scenario", "n", "sql", "rbac"}

// claimColumns returns the index of each of claimHeaders, or nil if a table has other columns.
func claimColumns(header ast.Node, source []byte) (columns []int, err error) {
	titles := cellTexts(header, source)
	for _, want := range claimHeaders {
		is := func(title string) bool { return strings.EqualFold(title, want) }
		i := slices.IndexFunc(titles, is)
		if i < 0 {
			return nil, nil
		}
		if slices.ContainsFunc(titles[i+1:], is) {
			err = &jsonfile.Error{Reason: fmt.Sprintf("the table has the column %s twice; rename one of them", titles[i])}
		}
		columns = append(columns, i)
	}
	return columns, err
}

func readClaimTable(table ast.Node, columns []int, source []byte) (List, error) {
	var claims List
	for row := table.FirstChild().NextSibling(); row != nil; row = row.NextSibling() {
		cells := cellTexts(row, source)
		claim := Claim{Version: cells[columns[0]], Scenario: cells[columns[1]]}
		for i, number := range []*int{&claim.N, &claim.SQL, &claim.RBAC} {
			cell := cells[columns[i+2]]
			n, err := strconv.Atoi(cell)
			if err != nil || n < 0 {
				return nil, &jsonfile.Error{Line: 1 + bytes.Count(source[:row.Pos()], []byte("\n")), Reason: fmt.Sprintf("%s is %q, which is not a count", claimHeaders[i+2], cell)}
			}
			*number = n
		}
		claims = append(claims, claim)
	}
	if len(claims) == 0 {
		return nil, &jsonfile.Error{Reason: "the table of claims has no rows"}
	}
	return claims, nil
}

func cellTexts(row ast.Node, source []byte) []string {
	var texts []string
	for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
		var b strings.Builder
		_ = ast.Walk(cell, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			if t, ok := n.(*ast.Text); ok && entering {
				b.Write(t.Segment.Value(source))
			}
			return ast.WalkContinue, nil
		})
		texts = append(texts, strings.TrimSpace(b.String()))
	}
	return texts
}

// Checks are the claimed figures with the measured ones: SQL and RBAC of each claim in turn.
type Checks []Check

// Reproduced returns the number of reproduced figures.
func (c Checks) Reproduced() int {
	n := 0
	for _, check := range c {
		if check.Reproduced {
			n++
		}
	}
	return n
}

// A Check compares one figure of a Claim with the measured one.
type Check struct {
	Claim
	Metric     tracer.Metric `json:"metric"` // which figure: tracer.SQL or tracer.RBAC
	Claimed    int           `json:"claimed"`
	Measured   *int          `json:"measured"` // nil if it was not measured
	Reproduced bool          `json:"reproduced"`
	// Explanation says what else has a figure that is not reproduced. It may be empty.
	Explanation string `json:"explanation,omitempty"`
}

// Check compares the figures of the claims with rows.
func (c List) Check(rows report.File) Checks {
	var checks Checks
	cells := rows.Cells()
	for _, claim := range c {
		row, found := cells[scenarios.Cell{Scenario: claim.Scenario, N: claim.N, Version: claim.Version}]
		for _, check := range []Check{
			{Claim: claim, Metric: tracer.SQL, Claimed: claim.SQL},
			{Claim: claim, Metric: tracer.RBAC, Claimed: claim.RBAC},
		} {
			if found {
				measured := check.Metric.Of(row.Counts)
				check.Measured, check.Reproduced = &measured, measured == check.Claimed
				if !check.Reproduced {
					check.Explanation = check.explain(rows, row)
				}
			}
			checks = append(checks, check)
		}
	}
	return checks
}

// explain looks for the claimed figure in other versions of the same measurement, and among
// its distinct counts.
func (c Check) explain(rows report.File, measured report.Row) string {
	var found []string
	for _, row := range rows.Rows {
		if row.Scenario == measured.Scenario && row.N == measured.N && row.Version != measured.Version &&
			row.Outcome == measured.Outcome && c.Metric.Of(row.Counts) == c.Claimed {
			found = append(found, row.Version)
		}
	}
	distinct := map[tracer.Metric]tracer.Metric{tracer.SQL: tracer.SQLUnique, tracer.RBAC: tracer.RBACUnique}[c.Metric]
	if distinct.Of(measured.Counts) == c.Claimed {
		found = append(found, "distinct "+strings.ToUpper(string(c.Metric)))
	}
	if len(found) == 0 {
		return ""
	}
	return "equals " + strings.Join(found, ", ")
}

// Cell is "agents/2".
func (c Claim) Cell() string { return fmt.Sprintf("%s/%d", c.Scenario, c.N) }

// Figure returns the name of the figure: "SQL".
func (c Check) Figure() string { return strings.ToUpper(string(c.Metric)) }

// Count returns the measured figure, or "-" if there is none.
func (c Check) Count() string {
	if c.Measured == nil {
		return "-"
	}
	return fmt.Sprint(*c.Measured)
}

// Verdict returns whether the figure is reproduced, in words.
func (c Check) Verdict() string {
	switch {
	case c.Measured == nil:
		return "NOT MEASURED"
	case c.Reproduced:
		return "reproduced"
	default:
		return "NOT REPRODUCED"
	}
}
