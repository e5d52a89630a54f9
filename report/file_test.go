package report_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fanout-bench/fanout-bench/report"
)

const written = `{"schema":1,"path":"test","rows":[
{"scenario":"agents","n":2,"version":"v1","outcome":"ok","sql":3,"sql_unique":2,"rbac":1,"rbac_unique":1,"round_trips":3,"tx":0,"prepare":0,"acquires":3,"max_held":1,"statements":{"Get":3},"checks":{"read":1}},
{"scenario":"agents","n":10,"version":"v1","outcome":"ok","sql":1,"sql_unique":1,"rbac":0,"rbac_unique":0,"round_trips":1,"tx":0,"prepare":0,"acquires":1,"max_held":1,"statements":{"Get":1},"checks":{"read":0}},
{"scenario":"login","n":0,"version":"v1","outcome":"ok","sql":0,"sql_unique":0,"rbac":0,"rbac_unique":0,"round_trips":0,"tx":0,"prepare":0,"acquires":0,"max_held":0,"statements":{"Get":0},"checks":{"read":0}}
]}
`

func TestWriteIsSortedAndReadBack(t *testing.T) {
	list := rows(cell("v1", "login", 0, "ok", 0, 0), cell("v1", "agents", 10, "ok", 1, 0), cell("v1", "agents", 2, "ok", 3, 1))
	var b bytes.Buffer
	if err := list.Write(&b); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(written, b.String()); diff != "" {
		t.Errorf("written (-want +got):\n%s", diff)
	}
	read, err := report.Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rows(list.Rows[2], list.Rows[1], list.Rows[0]), read); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

// TestWriteHostileText requires that what a statement is called can neither act
// on a terminal nor be lost.
func TestWriteHostileText(t *testing.T) {
	const hostile = "a\x1b[31m\u202e\u009b2J\U000E0001\r\n\x7f>é"
	row := cell("v1", "agents", 1, "ok", 1, 0)
	row.Statements = map[string]int{hostile: 1}
	var b bytes.Buffer
	if err := rows(row).Write(&b); err != nil {
		t.Fatal(err)
	}
	if want := `"a\u001b[31m\u202e\u009b2J\udb40\udc01\r\n\u007f>é":1`; !strings.Contains(b.String(), want) {
		t.Errorf("got %s\nwant in it %s", b.String(), want)
	}
	read, err := report.Read(&b)
	if err != nil || read.Rows[0].Statements[hostile] != 1 {
		t.Errorf("read back: %+v, %v", read, err)
	}
}

func TestReadRefuses(t *testing.T) {
	lines := strings.SplitAfter(written, "\n")
	for _, test := range []struct {
		name, text string
		line       int
		mentions   string
	}{
		{"nothing", "", 1, "not a result file"},
		{"a list", "[]", 1, "the whole cannot be array"},
		{"another schema", strings.Replace(written, `"schema":1`, `"schema":99`, 1), 0, "schema 99"},
		{"no schema", `{"rows":[]}`, 0, "schema 0"},
		{"cut off", written[:len(written)-10], 4, "not a result file"},
		{"conflict markers", lines[0] + "<<<<<<< HEAD\n" + lines[1] + lines[2] + lines[3] + lines[4], 2, "not a result file"},
		{"wrong type", strings.Replace(written, `"n":10`, `"n":"ten"`, 1), 3, "n"},
		{"duplicate", lines[0] + lines[1] + lines[1] + lines[2] + lines[3] + lines[4], 0, "two rows for v1 agents/2"},
		{"negative count", strings.Replace(written, `"sql":3`, `"sql":-3`, 1), 0, "do not add up"},
		{"absurd N", strings.Replace(written, `"n":10`, `"n":4611686018427387904`, 1), 0, "do not add up"},
		{"counts that do not add up", strings.Replace(written, `{"Get":3}`, `{"Get":2}`, 1), 0, "do not add up"},
		{"no statements", strings.Replace(written, `{"Get":3}`, `null`, 1), 0, "do not add up"},
		{"more distinct than all", strings.Replace(written, `"sql_unique":2`, `"sql_unique":4`, 1), 0, "do not add up"},
		{"no version", strings.Replace(written, `"version":"v1",`, ``, 1), 0, "incomplete"},
		{"no outcome", strings.Replace(written, `"outcome":"ok",`, ``, 1), 0, "incomplete"},
		{"unknown field", strings.Replace(written, `"n":2`, `"n":2,"m":3`, 1), 0, `unknown field "m"`},
		{"more after it", written + "{}", 6, "follows the results"},
		{"absurd statement count", strings.Replace(written, `{"Get":3}`, `{"Get":4611686018427387904}`, 1), 0, "do not add up"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := report.Read(strings.NewReader(test.text))
			var fileErr *report.FileError
			if !errors.As(err, &fileErr) {
				t.Fatalf("got error %v, want a *FileError", err)
			}
			if fileErr.Line != test.line || !strings.Contains(err.Error(), test.mentions) {
				t.Errorf("got line %d: %v\nwant line %d, mentioning %q", fileErr.Line, err, test.line, test.mentions)
			}
		})
	}
}

// FuzzRead requires that no file makes reading, summarizing or comparing fail in
// another way than with an error, and that what is read is written as it was.
func FuzzRead(f *testing.F) {
	f.Add(written)
	f.Add(strings.Replace(written, `"n":2`, `"n":1000000`, 1))
	f.Fuzz(func(t *testing.T, text string) {
		read, err := report.Read(strings.NewReader(text))
		if err != nil {
			return
		}
		report.Summarize(read)
		report.Compare("a", read, "b", read)
		var first, second bytes.Buffer
		if err := read.Write(&first); err != nil {
			t.Fatal(err)
		}
		again, err := report.Read(bytes.NewReader(first.Bytes()))
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, first.Bytes())
		}
		if err := again.Write(&second); err != nil || first.String() != second.String() {
			t.Errorf("written, read and written again (%v):\n%s\n%s", err, first.Bytes(), second.Bytes())
		}
	})
}
