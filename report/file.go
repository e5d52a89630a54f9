package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A FileError says why a file cannot be used. Anything else that Read returns is an error
// of the reader.
type FileError = jsonfile.Error

// Write writes a result file or a baseline: JSON, one row per line, sorted by
// scenario, N and version, then units, budgets and trees if there are any. The same
// rows give the same bytes.
func (r Rows) Write(w io.Writer) error {
	path, err := jsonfile.Marshal(r.Path)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"schema":%d,"path":%s,"rows":[`, jsonfile.Schema, path)
	if err := jsonfile.WriteLines(&b, slices.SortedFunc(slices.Values(r.Rows), Row.Compare)); err != nil {
		return err
	}
	b.WriteString("]")
	if len(r.Units) > 0 {
		units, err := jsonfile.Marshal(r.Units)
		if err != nil {
			return err
		}
		b.WriteString(",\n\"units\":")
		b.Write(units)
	}
	if len(r.Budgets) > 0 {
		b.WriteString(",\n\"budgets\":[")
		if err := jsonfile.WriteLines(&b, slices.SortedFunc(slices.Values(r.Budgets), compareBudgets)); err != nil {
			return err
		}
		b.WriteString("]")
	}
	if len(r.Trees) > 0 {
		var trees []calltree.Saved
		for _, t := range slices.SortedFunc(slices.Values(r.Trees), compareTrees) {
			trees = append(trees, calltree.Save(t))
		}
		b.WriteString(",\n\"trees\":[")
		if err := jsonfile.WriteLines(&b, trees); err != nil {
			return err
		}
		b.WriteString("]")
	}
	b.WriteString("}\n")
	_, err = w.Write(b.Bytes())
	return err
}

// Read reads a result file or a baseline. A file it cannot use is a [*FileError].
func Read(from io.Reader) (Rows, error) {
	text, err := jsonfile.ReadText(from)
	if err != nil {
		return Rows{}, err
	}
	if marker := conflictMarker.FindIndex(text); marker != nil {
		return Rows{}, &jsonfile.Error{Line: jsonfile.LineAt(text, marker[0]), Reason: "a merge conflict is left in it; " +
			"take either side whole, then measure again"}
	}
	if err := jsonfile.CheckSchema(text); err != nil {
		return Rows{}, err
	}
	var file struct {
		Schema  int               `json:"schema"`
		Path    string            `json:"path"`
		Rows    []json.RawMessage `json:"rows"`
		Units   map[string]string `json:"units"`
		Budgets []json.RawMessage `json:"budgets"`
		Trees   []json.RawMessage `json:"trees"`
	}
	if err := jsonfile.Decode(text, &file); err != nil {
		return Rows{}, jsonfile.Damaged(text, 0, err)
	}
	rows := Rows{Path: file.Path, Units: file.Units}
	if rows.Rows, err = readEach(text, file.Rows, Row.check, Row.Cell); err != nil {
		return Rows{}, err
	}
	if rows.Budgets, err = readEach(text, file.Budgets, Budget.Validate, Budget.subject); err != nil {
		return Rows{}, err
	}
	saved, err := readEach(text, file.Trees, calltree.Saved.Check, calltree.Saved.Cell)
	if err != nil {
		return Rows{}, err
	}
	if rows.Trees, err = restoreTrees(saved, rows); err != nil {
		return Rows{}, err
	}
	slices.SortFunc(rows.Trees, compareTrees)
	slices.SortFunc(rows.Rows, Row.Compare)
	slices.SortFunc(rows.Budgets, compareBudgets)
	return rows, nil
}

// conflictMarker is how git leaves what it cannot merge. JSON has no such line.
var conflictMarker = regexp.MustCompile(`(?m)^(<{7}|\|{7}|={7}|>{7})( |\r?$)`)

// readEach decodes the elements of an array in text. Each must pass check, and no
// two may be about the same subject.
func readEach[T any, S comparable](text []byte, raws []json.RawMessage, check func(T) error, subject func(T) S) ([]T, error) {
	var (
		values  []T
		lines   = map[S]int{}
		offset  int
		line    = 1
		counted int // where line is
	)
	for _, raw := range raws {
		offset += max(bytes.Index(text[offset:], raw), 0)
		line += bytes.Count(text[counted:offset], []byte("\n"))
		counted = offset
		var value T
		if err := jsonfile.Decode(raw, &value); err != nil {
			return nil, jsonfile.Damaged(text, offset, err)
		}
		if err := check(value); err != nil {
			return nil, &jsonfile.Error{Line: line, Reason: err.Error()}
		}
		if first, twice := lines[subject(value)]; twice {
			return nil, &jsonfile.Error{Line: line, Reason: fmt.Sprintf("%v stands on line %d already; delete one of them", subject(value), first)}
		}
		lines[subject(value)] = line
		values = append(values, value)
		offset += len(raw)
	}
	return values, nil
}

// check refuses a row that no run has written: later steps rely on its counts
// adding up.
func (row Row) check() error {
	c := row.Counts
	ok := row.Scenario != "" && row.Version != "" && row.Outcome != "" && row.N >= 0 && row.N <= jsonfile.MaxN
	for _, m := range tracer.Metrics() {
		ok = ok && m.Of(c) >= 0 && m.Of(c) <= jsonfile.MaxCount
	}
	ok = ok && c.SQLUnique <= c.SQL && c.RBACUnique <= c.RBAC &&
		addsUp(c.Statements, c.SQL) && addsUp(c.Checks, c.RBAC)
	if !ok {
		return fmt.Errorf("the row of %v is incomplete, or its counts do not add up", strings.TrimSpace(row.Cell().String()))
	}
	return nil
}

func addsUp(counts map[string]int, total int) bool {
	sum := 0
	for _, n := range counts {
		if n < 0 || n > jsonfile.MaxCount {
			return false
		}
		sum += n
	}
	return sum == total
}

// restoreTrees returns the trees of rows, and an error for one that has no row.
func restoreTrees(saved []calltree.Saved, rows Rows) ([]calltree.Tree, error) {
	var trees []calltree.Tree
	for _, s := range saved {
		row, ok := rows.Find(s.Scenario, s.N, s.Version)
		if !ok {
			return nil, &jsonfile.Error{Reason: fmt.Sprintf("there is a tree of %v, but no row", s.Cell())}
		}
		tree := s.Restore(row.Outcome)
		if tree.Cost.SQL != row.SQL || tree.Cost.RBAC != row.RBAC {
			return nil, &jsonfile.Error{Reason: fmt.Sprintf("the tree of %v has other counts than its row", row.Cell())}
		}
		trees = append(trees, tree)
	}
	return trees, nil
}

func compareTrees(a, b calltree.Tree) int {
	return compareCells(a.Cell, b.Cell)
}
