package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf16"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// schemaVersion is what this package writes and reads.
const schemaVersion = 1

// A FileError says why a result file cannot be used.
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

// Write writes a result file: JSON, one row per line, sorted by scenario, N and
// version. The same rows give the same bytes.
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
	b.WriteString("]}\n")
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

// Read reads a result file. A file it cannot use is a [*FileError].
func Read(from io.Reader) (Rows, error) {
	text, err := io.ReadAll(from)
	if err != nil {
		return Rows{}, err
	}
	var file struct {
		Schema int    `json:"schema"`
		Path   string `json:"path"`
		Rows   []Row  `json:"rows"`
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		return Rows{}, damaged(text, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Rows{}, &FileError{Line: lineAt(text, decoder.InputOffset()), Reason: "something follows the results; remove it"}
	}
	if file.Schema != schemaVersion {
		return Rows{}, &FileError{Reason: fmt.Sprintf(
			"schema %d, but this program reads schema %d; write the file again with this version", file.Schema, schemaVersion)}
	}
	rows := Rows{Path: file.Path, Rows: file.Rows}
	slices.SortFunc(rows.Rows, compareRows)
	for i, row := range rows.Rows {
		if err := plausible(row); err != nil {
			return Rows{}, err
		}
		if i > 0 && compareRows(rows.Rows[i-1], row) == 0 {
			return Rows{}, &FileError{Reason: fmt.Sprintf("two rows for %s %s/%d; delete one of them", row.Version, row.Scenario, row.N)}
		}
	}
	return rows, nil
}

// Beyond these limits nothing was measured, and the arithmetic of laws is not safe.
const (
	maxN     = 1_000_000
	maxCount = 1_000_000_000
)

// plausible refuses a row that no run has written: later steps rely on its counts
// adding up.
func plausible(row Row) error {
	c := row.Counts
	ok := row.Scenario != "" && row.Version != "" && row.Outcome != "" && row.N >= 0 && row.N <= maxN
	for _, m := range tracer.Metrics() {
		ok = ok && m.Of(c) >= 0 && m.Of(c) <= maxCount
	}
	ok = ok && c.SQLUnique <= c.SQL && c.RBACUnique <= c.RBAC &&
		addsUp(c.Statements, c.SQL) && addsUp(c.Checks, c.RBAC)
	if !ok {
		return &FileError{Reason: fmt.Sprintf("the row of %s %s/%d is incomplete, or its counts do not add up",
			row.Version, row.Scenario, row.N)}
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

// damaged explains a JSON error.
func damaged(text []byte, err error) error {
	var (
		syntax *json.SyntaxError
		wrong  *json.UnmarshalTypeError
	)
	switch {
	case errors.As(err, &syntax):
		return &FileError{Line: lineAt(text, syntax.Offset), Reason: "not a result file: " + err.Error()}
	case errors.As(err, &wrong):
		what := "the whole"
		if wrong.Field != "" {
			what = strconv.Quote(wrong.Field)
		}
		return &FileError{Line: lineAt(text, wrong.Offset), Reason: "not a result file: " + what + " cannot be " + wrong.Value}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &FileError{Line: lineAt(text, int64(len(text))), Reason: "not a result file: it ends too early"}
	default:
		return &FileError{Reason: "not a result file: " + err.Error()}
	}
}

func lineAt(text []byte, offset int64) int {
	return 1 + bytes.Count(text[:min(offset, int64(len(text)))], []byte("\n"))
}
