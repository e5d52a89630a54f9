package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A FileError says why a file cannot be used. All other errors of Read are errors of the reader.
type FileError = jsonfile.Error

// A header is what a file says first.
type header struct {
	Schema     int    `json:"schema"`
	Path       string `json:"path"`
	Reference  string `json:"reference,omitempty"`
	Whole      bool   `json:"whole,omitempty"`
	Incomplete bool   `json:"incomplete,omitempty"`
}

// Write writes a result file or a baseline as JSON: one row per line, sorted by scenario, N and
// version, then the subject, and budgets, first runs, places and trees if there are any. Equal
// results give equal bytes.
func (f File) Write(w io.Writer) error {
	f = f.inOrder()
	head, err := jsonfile.Marshal(header{jsonfile.Schema, f.Name, f.Reference, f.Whole, f.Incomplete})
	if err != nil {
		return err
	}
	var (
		trees  []calltree.Saved
		placed []calltree.Tree
	)
	for _, t := range f.Trees {
		if t.NoLines {
			placed = append(placed, t)
		} else {
			trees = append(trees, calltree.Saved{Cell: t.Cell, Roots: t.Roots})
		}
	}
	b := bytes.NewBuffer(bytes.TrimSuffix(head, []byte("}")))
	b.WriteString(`,"rows":[`)
	if err := jsonfile.WriteLines(b, f.Rows); err != nil {
		return err
	}
	b.WriteString("]")
	if err := errors.Join(
		writeList(b, "versions", f.Versions),
		writeList(b, "scenarios", f.Scenarios),
		writeList(b, "budgets", f.Budgets),
		writeList(b, "first_runs", f.FirstRuns),
		writeList(b, "places", calltree.PlacesOf(placed)),
		writeList(b, "trees", trees),
	); err != nil {
		return err
	}
	b.WriteString("}\n")
	_, err = w.Write(b.Bytes())
	return err
}

// writeList writes a field whose elements are on lines of their own, if there are any.
func writeList[T any](b *bytes.Buffer, name string, elements []T) error {
	if len(elements) == 0 {
		return nil
	}
	fmt.Fprintf(b, ",\n%q:[", name)
	err := jsonfile.WriteLines(b, elements)
	b.WriteString("]")
	return err
}

// Read reads a result file or a baseline. Its error wraps a [*FileError] if it cannot
// use the file.
func Read(from io.Reader) (File, error) {
	text, err := jsonfile.ReadText(from)
	if err != nil {
		return File{}, err
	}
	f, err := read(text)
	if err != nil && (bytes.Contains(text, []byte(`"budgets"`)) || bytes.Contains(text, []byte(`"reason"`))) {
		err = fmt.Errorf("%w%w", err, jsonfile.ErrKept)
	}
	return f, err
}

func read(text []byte) (_ File, err error) {
	if marker := conflictMarker.FindIndex(text); marker != nil {
		err := &jsonfile.Error{Line: jsonfile.LineAt(text, marker[0]), Reason: "unresolved merge conflict; take either side, then measure again"}
		return File{}, fmt.Errorf("%w%w", err, jsonfile.ErrKept)
	}
	if err := jsonfile.CheckSchema(text); err != nil {
		return File{}, err
	}
	var file struct {
		header
		Rows      []json.RawMessage `json:"rows"`
		Versions  []json.RawMessage `json:"versions"`
		Scenarios []json.RawMessage `json:"scenarios"`
		Budgets   []json.RawMessage `json:"budgets"`
		FirstRuns []json.RawMessage `json:"first_runs"`
		Places    []json.RawMessage `json:"places"`
		Trees     []json.RawMessage `json:"trees"`
	}
	if err := jsonfile.Decode(text, &file); err != nil {
		return File{}, jsonfile.Damaged(text, 0, err)
	}
	f := File{Subject: Subject{Name: file.Path, Reference: file.Reference, Whole: file.Whole, Incomplete: file.Incomplete}}
	f.Rows = readEach(text, &err, "rows", file.Rows, Row.check, func(r Row) scenarios.Cell { return r.Cell })
	f.Budgets = readEach(text, &err, "budgets", file.Budgets, Budget.Validate, Budget.subject)
	f.Versions = readEach(text, &err, "versions", file.Versions, func(name string) error { return notEmpty("version", name) }, versionOf)
	f.Scenarios = readEach(text, &err, "scenarios", file.Scenarios, func(s Scenario) error { return notEmpty("scenario", s.Name) }, Scenario.key)
	f.FirstRuns = readEach(text, &err, "first_runs", file.FirstRuns, FirstRun.check, func(r FirstRun) scenarios.Cell { return r.Cell })
	trees := readEach(text, &err, "trees", file.Trees, calltree.Saved.Check, func(t calltree.Saved) scenarios.Cell { return t.Cell })
	places := readEach(text, &err, "places", file.Places, calltree.Places.Check, calltree.Places.Of)
	if err == nil {
		err = f.restore(trees, places)
	}
	if err != nil {
		return File{}, err
	}
	return f.inOrder(), nil
}

// conflictMarker matches git's conflict markers. They are never valid lines of JSON.
var conflictMarker = regexp.MustCompile(`(?m)^(<{7}|\|{7}|={7}|>{7})( |\r?$)`)

// readEach decodes the elements of the array called name in text, unless there is an error. Each
// must pass check, and their subjects must be unique.
func readEach[T any, S comparable](text []byte, failure *error, name string, raws []json.RawMessage, check func(T) error, subject func(T) S) (values []T) {
	if *failure != nil {
		return nil
	}
	var (
		lines   = map[S]int{}
		offset  = max(bytes.Index(text, fmt.Appendf(nil, "%q:[", name)), 0)
		line    = 1
		counted int // the line counted so far
	)
	for _, raw := range raws {
		offset += max(bytes.Index(text[offset:], raw), 0)
		line += bytes.Count(text[counted:offset], []byte("\n"))
		counted = offset
		var value T
		if err := jsonfile.Decode(raw, &value); err != nil {
			*failure = jsonfile.Damaged(text, offset, err)
			return nil
		}
		err := check(value)
		if first, twice := lines[subject(value)]; err == nil && twice {
			err = fmt.Errorf("%v is already on line %d; delete one of them", subject(value), first)
		}
		if err != nil {
			*failure = &jsonfile.Error{Line: line, Reason: err.Error()}
			return nil
		}
		lines[subject(value)] = line
		values = append(values, value)
		offset += len(raw)
	}
	return values
}

func notEmpty(what, name string) error {
	if name == "" {
		return fmt.Errorf("a %s without a name is listed", what)
	}
	return nil
}

// check refuses an invalid row, because later steps rely on its counts.
func (row Row) check() error {
	c := row.Counts
	ok := row.Ignored >= 0 && row.Ignored <= jsonfile.MaxCount && row.Scenario != "" && row.Version != "" && row.Outcome != "" && row.N >= 0 && row.N <= jsonfile.MaxN
	for _, m := range tracer.Metrics() {
		ok = ok && m.Of(c) >= 0 && m.Of(c) <= jsonfile.MaxCount && (c.Has(m) || m.Of(c) == 0)
	}
	ok = ok && slices.Equal(c.Absent, slices.DeleteFunc(tracer.Metrics(), c.Has)) // each known, once and in order
	for _, m := range []tracer.Metric{tracer.SQL, tracer.SQLUnique, tracer.RBAC, tracer.RBACUnique, tracer.TxControl} {
		ok = ok && (c.Has(m) || row.Failure != "" && len(c.Absent) == len(tracer.Metrics())) // nothing is known of a failure
	}
	ok = ok && c.SQLUnique <= c.SQL && c.RBACUnique <= c.RBAC &&
		addsUp(c.Statements, c.SQL) && addsUp(c.Checks, c.RBAC)
	if !ok {
		return fmt.Errorf("the row of %v is incomplete, or its counts do not add up", strings.TrimSpace(row.String()))
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

// restore adds the trees of f. Everything about a cell needs its row.
func (f *File) restore(saved []calltree.Saved, places []calltree.Places) error {
	rows, lined := f.Cells(), map[scenarios.Cell]bool{}
	for _, first := range f.FirstRuns {
		if _, ok := rows[first.Cell]; !ok {
			return &jsonfile.Error{Reason: fmt.Sprintf("the first run of %v has no row", first.Cell)}
		}
	}
	for _, s := range saved {
		row, ok := rows[s.Cell]
		if !ok {
			return &jsonfile.Error{Reason: fmt.Sprintf("the tree of %v has no row", s.Cell)}
		}
		tree := s.Restore(row.Outcome)
		if !row.Races && (tree.Cost.SQL != row.SQL || tree.Cost.RBAC != row.RBAC) { // otherwise the tree is of one of the runs
			return &jsonfile.Error{Reason: fmt.Sprintf("the counts in the tree of %v differ from its row", row.Cell)}
		}
		f.Trees = append(f.Trees, tree)
		lined[s.Cell] = true
	}
	for _, p := range places {
		for i, n := range p.N {
			row, ok := rows[scenarios.Cell{Scenario: p.Scenario, N: n, Version: p.Version}]
			if !ok {
				return &jsonfile.Error{Reason: fmt.Sprintf("the places of %v have no row at N=%d", p.Of(), n)}
			}
			tree := p.Tree(i, row.Outcome)
			if tree.Cost.SQL != row.SQL || tree.Cost.RBAC != row.RBAC {
				return &jsonfile.Error{Reason: fmt.Sprintf("the counts in the places of %v differ from its rows; measure again and accept", p.Of())}
			}
			if !lined[tree.Cell] { // a tree with lines has more information
				f.Trees = append(f.Trees, tree)
			}
		}
	}
	return nil
}

// inOrder returns f in the order of files, with all that is listed.
func (f File) inOrder() File {
	f.complete()
	f.Rows = slices.SortedFunc(slices.Values(f.Rows), Row.Compare)
	f.Budgets = slices.SortedFunc(slices.Values(f.Budgets), compareBudgets)
	f.FirstRuns = slices.SortedFunc(slices.Values(f.FirstRuns), func(a, b FirstRun) int { return compareCells(a.Cell, b.Cell) })
	f.Trees = slices.SortedFunc(slices.Values(f.Trees), func(a, b calltree.Tree) int { return compareCells(a.Cell, b.Cell) })
	return f
}
