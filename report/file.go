package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// schemaVersion is what this package writes and reads.
const schemaVersion = 1

// A FileError says why a file cannot be used: it is damaged, is of another schema, holds a
// merge conflict or what cannot be true. Anything else that Read and its like return is
// an error of the reader.
type FileError struct {
	Line   int // 0: not known
	Reason string
}

func (e *FileError) Error() string {
	if e.Line == 0 {
		return e.Reason
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Reason)
}

// Write writes a result file or a baseline: JSON, one row per line, sorted by
// scenario, N and version, then units, budgets and trees if there are any. The same
// rows give the same bytes.
func (r Rows) Write(w io.Writer) error {
	path, err := marshal(r.Path)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"schema":%d,"path":%s,"rows":[`, schemaVersion, path)
	if err := writeLines(&b, slices.SortedFunc(slices.Values(r.Rows), compareRows)); err != nil {
		return err
	}
	b.WriteString("]")
	if len(r.Units) > 0 {
		units, err := marshal(r.Units)
		if err != nil {
			return err
		}
		b.WriteString(",\n\"units\":")
		b.Write(units)
	}
	if len(r.Budgets) > 0 {
		b.WriteString(",\n\"budgets\":[")
		if err := writeLines(&b, slices.SortedFunc(slices.Values(r.Budgets), compareBudgets)); err != nil {
			return err
		}
		b.WriteString("]")
	}
	if len(r.Trees) > 0 {
		var trees []savedTree
		for _, t := range slices.SortedFunc(slices.Values(r.Trees), compareTrees) {
			trees = append(trees, saveTree(t))
		}
		b.WriteString(",\n\"trees\":[")
		if err := writeLines(&b, trees); err != nil {
			return err
		}
		b.WriteString("]")
	}
	b.WriteString("}\n")
	_, err = w.Write(b.Bytes())
	return err
}

// writeLines writes the elements of a JSON array, one per line.
func writeLines[T any](b *bytes.Buffer, rows []T) error {
	for i, row := range rows {
		line, err := marshal(row)
		if err != nil {
			return err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		b.Write(line)
	}
	b.WriteByte('\n')
	return nil
}

// marshal is json.Marshal for files that are also looked at in terminals: what a
// terminal might act on, and encoding/json leaves as it is, is escaped too.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false) // ">" in SQL is to be read by people
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	text := bytes.TrimRight(b.Bytes(), "\n")
	// GitHub's runner obeys this anywhere in what a step prints. Outside of strings
	// JSON has no such thing.
	text = bytes.ReplaceAll(text, []byte("##["), []byte(`\u0023#[`))
	escaped := make([]byte, 0, len(text))
	for _, c := range string(text) {
		if unicode.IsPrint(c) {
			escaped = append(escaped, string(c)...)
			continue
		}
		for _, unit := range utf16.Encode([]rune{c}) {
			escaped = fmt.Appendf(escaped, `\u%04x`, unit)
		}
	}
	return escaped, nil
}

// writeIndented writes v in lines that people can read.
func writeIndented(w io.Writer, v any) error {
	line, err := marshal(v)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, line, "", "  "); err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, b.String())
	return err
}

// Read reads a result file or a baseline. A file it cannot use is a [*FileError].
func Read(from io.Reader) (Rows, error) {
	text, err := readText(from)
	if err != nil {
		return Rows{}, err
	}
	if marker := conflictMarker.FindIndex(text); marker != nil {
		return Rows{}, &FileError{Line: lineAt(text, marker[0]), Reason: "a merge conflict is left in it; " +
			"take either side whole, then measure again"}
	}
	if err := checkSchema(text); err != nil {
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
	if err := strictly(text, &file); err != nil {
		return Rows{}, damaged(text, 0, err)
	}
	rows := Rows{Path: file.Path, Units: file.Units}
	if rows.Rows, err = readEach(text, file.Rows, Row.check, Row.Cell); err != nil {
		return Rows{}, err
	}
	if rows.Budgets, err = readEach(text, file.Budgets, Budget.Validate, Budget.subject); err != nil {
		return Rows{}, err
	}
	saved, err := readEach(text, file.Trees, savedTree.check, savedTree.cell)
	if err != nil {
		return Rows{}, err
	}
	if rows.Trees, err = restoreTrees(saved, rows); err != nil {
		return Rows{}, err
	}
	slices.SortFunc(rows.Trees, compareTrees)
	slices.SortFunc(rows.Rows, compareRows)
	slices.SortFunc(rows.Budgets, compareBudgets)
	return rows, nil
}

// conflictMarker is how git leaves what it cannot merge. JSON has no such line.
var conflictMarker = regexp.MustCompile(`(?m)^(<{7}|\|{7}|={7}|>{7})( |\r?$)`)

// checkSchema comes before all else, as another schema may have other fields.
func checkSchema(text []byte) error {
	var file struct {
		Schema int `json:"schema"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return damaged(text, 0, err)
	}
	if file.Schema != schemaVersion {
		return &FileError{Line: lineAt(text, max(bytes.Index(text, []byte(`"schema"`)), 0)), Reason: fmt.Sprintf(
			"schema %d, but this program reads schema %d; write the file again with this version", file.Schema, schemaVersion)}
	}
	return nil
}

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
		if err := strictly(raw, &value); err != nil {
			return nil, damaged(text, offset, err)
		}
		if err := check(value); err != nil {
			return nil, &FileError{Line: line, Reason: err.Error()}
		}
		if first, twice := lines[subject(value)]; twice {
			return nil, &FileError{Line: line, Reason: fmt.Sprintf("%v stands on line %d already; delete one of them", subject(value), first)}
		}
		lines[subject(value)] = line
		values = append(values, value)
		offset += len(raw)
	}
	return values, nil
}

// Beyond these limits nothing was measured, and the arithmetic of laws is not safe.
const (
	maxN     = 1_000_000
	maxCount = 1_000_000_000
)

// check refuses a row that no run has written: later steps rely on its counts
// adding up.
func (row Row) check() error {
	c := row.Counts
	ok := row.Scenario != "" && row.Version != "" && row.Outcome != "" && row.N >= 0 && row.N <= maxN
	for _, m := range tracer.Metrics() {
		ok = ok && m.Of(c) >= 0 && m.Of(c) <= maxCount
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
		if n < 0 || n > maxCount {
			return false
		}
		sum += n
	}
	return sum == total
}

// damaged explains an error of decoding what begins at offset in text.
func damaged(text []byte, offset int, err error) error {
	var (
		syntax *json.SyntaxError
		wrong  *json.UnmarshalTypeError
		twoWay *strictError
	)
	switch {
	case errors.As(err, &twoWay):
		return &FileError{Line: lineAt(text, offset+twoWay.offset), Reason: err.Error()}
	case errors.As(err, &syntax):
		return &FileError{Line: lineAt(text, offset+int(syntax.Offset)), Reason: "not a result file: " + err.Error()}
	case errors.As(err, &wrong):
		what := "the whole"
		if wrong.Field != "" {
			what = strconv.Quote(wrong.Field)
		}
		return &FileError{Line: lineAt(text, offset+int(wrong.Offset)), Reason: "not a result file: " + what + " cannot be " + wrong.Value}
	default:
		return &FileError{Line: lineAt(text, offset), Reason: "not a result file: " + err.Error()}
	}
}

func lineAt(text []byte, offset int) int {
	return 1 + bytes.Count(text[:min(offset, len(text))], []byte("\n"))
}
