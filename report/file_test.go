package report_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/fanout-bench/fanout-bench/internal/merge"
	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

const written = `{"schema":1,"path":"test","rows":[
{"scenario":"agents","n":2,"version":"v1","outcome":"ok","sql":3,"sql_unique":2,"rbac":1,"rbac_unique":1,"round_trips":3,"tx":0,"prepare":0,"acquires":3,"max_held":1,"conn_trips":3,"statements":{"Get":3},"checks":{"read":1}},
{"scenario":"agents","n":10,"version":"v1","outcome":"ok","sql":1,"sql_unique":1,"rbac":0,"rbac_unique":0,"round_trips":1,"tx":0,"prepare":0,"acquires":1,"max_held":1,"conn_trips":1,"statements":{"Get":1},"checks":{"read":0}},
{"scenario":"login","n":0,"version":"v1","outcome":"ok","sql":0,"sql_unique":0,"rbac":0,"rbac_unique":0,"round_trips":0,"tx":0,"prepare":0,"acquires":0,"max_held":0,"statements":{"Get":0},"checks":{"read":0}}
]}
`

// listed adds the lists of version v1 and scenarios to text, which has rows only.
func listed(text string, scenarios ...string) string {
	rows, rest, _ := strings.Cut(text, "\n]")
	lists := "\n],\n\"versions\":[\n\"v1\"\n],\n\"scenarios\":["
	for i, name := range scenarios {
		if i > 0 {
			lists += ","
		}
		lists += fmt.Sprintf("\n{\"name\":%q}", name)
	}
	return rows + lists + "\n]" + rest
}

// unlisted returns a file with rows only.
func unlisted(list ...report.Row) report.File {
	return report.File{Subject: report.Subject{Name: "test"}, Rows: list}
}

func TestWriteIsSortedAndReadBack(t *testing.T) {
	list := unlisted(reporttest.Cell("v1", "login", 0, "ok", 0, 0), reporttest.Cell("v1", "agents", 10, "ok", 1, 0), reporttest.Cell("v1", "agents", 2, "ok", 3, 1))
	var b bytes.Buffer
	must.Succeed(t, list.Write(&b))
	wantText(t, b.String(), listed(written, "agents", "login"))
	read, err := report.Read(&b)
	must.Succeed(t, err)
	want := unlisted(list.Rows[2], list.Rows[1], list.Rows[0])
	want.Versions, want.Scenarios = []string{"v1"}, []report.Scenario{{Name: "agents"}, {Name: "login"}}
	if diff := cmp.Diff(want, read); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

// Absent counts are not written, and are absent when read.
func TestAbsent(t *testing.T) {
	row := reporttest.Cell("v1", "login", 0, "ok", 3, 1)
	row.Absent = []tracer.Metric{tracer.RoundTrips, tracer.MaxHeld, tracer.ConnTrips}
	row.ConnTrips = 0
	row.RoundTrips, row.MaxHeld = 0, 0
	row.Statements = map[string]int{`"round_trips":0,`: 3}
	list := unlisted(row)
	var b bytes.Buffer
	must.Succeed(t, list.Write(&b))
	const want = `"rbac_unique":1,"tx":0,"prepare":0,"acquires":3,"statements":{"\"round_trips\":0,":3},"checks":{"read":1},"absent":["round_trips","max_held","conn_trips"]}`
	if text := b.String(); !strings.Contains(text, want) {
		t.Errorf("got\n%s\nwant %s", text, want)
	}
	text := b.String()
	read, err := report.Read(strings.NewReader(text))
	must.Succeed(t, err)
	if diff := cmp.Diff(list.Rows, read.Rows); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
	growth := report.Summarize(read)[0].Metrics
	if got := growth[tracer.RoundTrips]; len(got.Points) != 0 || got.String() != "" {
		t.Errorf("round trips grow by %v %q, want nothing", got.Points, got)
	}
	known := unlisted(reporttest.Cell("v1", "login", 0, "ok", 3, 1))
	for _, c := range []report.Comparison{report.Compare("a", known, "b", read), report.Compare("a", read, "b", known)} {
		if d := c.Cells[0]; d.Verdict != report.Same || len(d.Verdicts) != 0 || !d.Changed() {
			t.Errorf("verdict %s of %v, changed: %t", d.Verdict, d.Verdicts, d.Changed())
		}
	}
	for _, absent := range []string{`["max_held","round_trips"]`, `["round_trips","round_trips"]`, `["latency"]`, `["sql"]`, `["acquires"]`} {
		damaged := strings.Replace(text, `["round_trips","max_held","conn_trips"]`, absent, 1)
		if _, err := report.Read(strings.NewReader(damaged)); err == nil {
			t.Errorf("a row with %s is read", absent)
		}
	}
}

// A row of a request that failed may have no counts at all. A row of a success must have them.
func TestAbsentCountsOfAFailure(t *testing.T) {
	row := reporttest.Cell("v1", "login", 0, "error", 0, 0)
	row.Counts = tracer.Counts{Statements: map[string]int{}, Checks: map[string]int{}, Absent: tracer.Metrics()}
	partly := row
	partly.Failure, partly.Absent = "Run returned an error: boom", []tracer.Metric{tracer.SQLUnique}
	var b bytes.Buffer
	must.Succeed(t, unlisted(partly).Write(&b))
	if _, err := report.Read(&b); err == nil {
		t.Error("a failure that knows some of its counts is read")
	}
	for _, failure := range []string{"Run returned an error: boom", ""} {
		row.Failure = failure
		var b bytes.Buffer
		must.Succeed(t, unlisted(row).Write(&b))
		read, err := report.Read(&b)
		if (err == nil) != (failure != "") {
			t.Fatalf("failure %q: %v", failure, err)
		}
		if err == nil {
			if diff := cmp.Diff([]report.Row{row}, read.Rows); diff != "" {
				t.Errorf("read back (-want +got):\n%s", diff)
			}
		}
	}
}

// TestWriteHostileText checks that names of statements are kept but cannot affect a terminal.
func TestWriteHostileText(t *testing.T) {
	const hostile = "a\x1b[31m\u202e\u009b2J\U000E0001\r\n\x7f>é"
	row := reporttest.Cell("v1", "agents", 1, "ok", 1, 0)
	row.Statements = map[string]int{hostile: 1}
	var b bytes.Buffer
	must.Succeed(t, reporttest.Rows(row).Write(&b))
	if want := `"a\u001b[31m\u202e\u009b2J\udb40\udc01\r\n\u007f>é":1`; !strings.Contains(b.String(), want) {
		t.Errorf("got %s\nwant in it %s", b.String(), want)
	}
	read, err := report.Read(&b)
	if err != nil || read.Rows[0].Statements[hostile] != 1 {
		t.Errorf("read back: %+v, %v", read, err)
	}
}

// withFirst has the first runs of two cells.
const withFirst = `{"schema":1,"path":"test","rows":[
{"scenario":"agents","n":2,"version":"v1","outcome":"ok","sql":3,"sql_unique":2,"rbac":1,"rbac_unique":1,"round_trips":3,"tx":0,"prepare":0,"acquires":3,"max_held":1,"conn_trips":3,"statements":{"Get":3},"checks":{"read":1}},
{"scenario":"agents","n":10,"version":"v1","outcome":"ok","sql":1,"sql_unique":1,"rbac":0,"rbac_unique":0,"round_trips":1,"tx":0,"prepare":0,"acquires":1,"max_held":1,"conn_trips":1,"statements":{"Get":1},"checks":{"read":0}}
],
"first_runs":[
{"scenario":"agents","n":2,"version":"v1","sql":5,"rbac":1},
{"scenario":"agents","n":10,"version":"v1","sql":13,"rbac":0}
]}
`

// TestFirstRuns checks first runs in files.
func TestFirstRuns(t *testing.T) {
	run := func(n, first, later int) scenarios.Result {
		result := reporttest.Ran("v1", "agents", n, "ok", reporttest.Each(tracer.KindQuery, "Get", later))
		if first != later {
			result.First = &tracer.Counts{SQL: first}
		}
		return result
	}
	f := report.NewFile(report.Subject{Name: "test"}, []scenarios.Result{run(10, 13, 1), run(3, 1, 1), run(2, 5, 3)})
	want := []report.FirstRun{{Cell: scenarios.Cell{Scenario: "agents", N: 2, Version: "v1"}, SQL: 5}, {Cell: scenarios.Cell{Scenario: "agents", N: 10, Version: "v1"}, SQL: 13}}
	var b bytes.Buffer
	must.Succeed(t, f.Write(&b))
	read, err := report.Read(&b)
	if diff := cmp.Diff(want, read.FirstRuns); err != nil || diff != "" {
		t.Errorf("read back: %v (-want +got):\n%s", err, diff)
	}
}

// accepted is a baseline with reasons and budgets.
const accepted = `{"schema":1,"path":"test","rows":[
{"scenario":"agents","n":2,"version":"v1","outcome":"ok","sql":3,"sql_unique":2,"rbac":1,"rbac_unique":1,"round_trips":3,"tx":0,"prepare":0,"acquires":3,"max_held":1,"conn_trips":3,"statements":{"Get":3},"checks":{"read":1},"reason":"the \"agent\" must exist; größer > 2 \u202e"}
],
"budgets":[
{"scenario":"agents","metric":"rbac","per_n":0,"reason":"one check is enough"},
{"scenario":"agents","metric":"sql","max":69,"per_n":4,"reason":"until the join lands"},
{"scenario":"agents","version":"v1","metric":"sql","max":0,"reason":"ought to come from the cache"}
]}
`

func TestBaselineIsWrittenAsItWasRead(t *testing.T) {
	for _, text := range []string{listed(written, "agents", "login"), listed(accepted, "agents"), listed(withFirst, "agents"), placed, listed(treed, "agents", "login")} {
		read, err := report.Read(strings.NewReader(text))
		must.Succeed(t, err)
		slices.Reverse(read.Rows)
		slices.Reverse(read.Budgets)
		budgets, rows := slices.Clone(read.Budgets), slices.Clone(read.Rows)
		var b bytes.Buffer
		must.Succeed(t, read.Write(&b))
		wantText(t, b.String(), text)
		if diff := cmp.Diff(budgets, read.Budgets) + cmp.Diff(rows, read.Rows); diff != "" {
			t.Errorf("what was written has changed (-before +after):\n%s", diff)
		}
	}
}

// TestReadSorts has rows and budgets in the order of an edit by hand.
func TestReadSorts(t *testing.T) {
	lines := strings.Split(accepted, "\n")
	lines[1] = strings.Replace(lines[1], `"agents"`, `"login"`, 1) + ",\n" + lines[1]
	lines[4], lines[6] = lines[6]+",", strings.TrimSuffix(lines[4], ",")
	read, err := report.Read(strings.NewReader(strings.Join(lines, "\n")))
	must.Succeed(t, err)
	var got []string
	for _, row := range read.Rows {
		got = append(got, row.String())
	}
	for _, b := range read.Budgets {
		got = append(got, strings.TrimSpace(b.Version+" "+b.Scenario+" "+string(b.Metric)))
	}
	if diff := cmp.Diff([]string{"v1 agents/2", "v1 login/2", "agents rbac", "agents sql", "v1 agents sql"}, got); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
}

// TestReadLargestNumbers has the largest valid numbers.
func TestReadLargestNumbers(t *testing.T) {
	for old, numbers := range map[string][2]string{
		`"n":10`:       {`"n":1000000`, `"n":1000001`},
		`"tx":0`:       {`"tx":1000000000`, `"tx":1000000001`},
		`"acquires":3`: {`"acquires":0`, `"acquires":-1`},
	} {
		if _, err := report.Read(strings.NewReader(strings.Replace(written, old, numbers[0], 1))); err != nil {
			t.Errorf("%s: %v", numbers[0], err)
		}
		if _, err := report.Read(strings.NewReader(strings.Replace(written, old, numbers[1], 1))); err == nil || !strings.Contains(err.Error(), "do not add up") {
			t.Errorf("%s: got error %v", numbers[1], err)
		}
	}
	most := strings.NewReplacer(`"sql":3`, `"sql":1000000000`, `{"Get":3}`, `{"Get":1000000000}`).Replace(written)
	if _, err := report.Read(strings.NewReader(most)); err != nil {
		t.Errorf("a thousand million statements: %v", err)
	}
}

// TestSubjectIsWrittenAndRead has all fields of a subject, with texts that need quotes.
func TestSubjectIsWrittenAndRead(t *testing.T) {
	list := reporttest.Rows(reporttest.Cell("v1", "agents", 1, "ok", 1, 1))
	list.Subject = report.Subject{
		Name: "test", Reference: `"v0"`, Whole: true, Versions: []string{"v1", `"v0"`},
		Scenarios: []report.Scenario{{Name: "login", Unit: "user", Idle: true}, {Name: "agents", Version: "v1", Unit: `"agent"`, Counting: "agents"}},
	}
	var b bytes.Buffer
	must.Succeed(t, list.Write(&b))
	wantText(t, b.String(), `{"schema":1,"path":"test","reference":"\"v0\"","whole":true,"rows":[
{"scenario":"agents","n":1,"version":"v1","outcome":"ok","sql":1,"sql_unique":1,"rbac":1,"rbac_unique":1,"round_trips":1,"tx":0,"prepare":0,"acquires":1,"max_held":1,"conn_trips":1,"statements":{"Get":1},"checks":{"read":1}}
],
"versions":[
"v1",
"\"v0\""
],
"scenarios":[
{"name":"login","unit":"user","idle":true},
{"name":"agents","version":"v1","unit":"\"agent\"","counting":"agents"}
]}
`)
	read, err := report.Read(&b)
	if diff := cmp.Diff(list, read); err != nil || diff != "" {
		t.Errorf("read back: %v (-want +got):\n%s", err, diff)
	}
}

func wantText(t *testing.T, got, want string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestReadConflictMarkersInStrings has conflict markers inside of strings.
func TestReadConflictMarkersInStrings(t *testing.T) {
	lines := strings.Split(written, "\n")
	lines[1] = strings.ReplaceAll(lines[1], `"Get"`, "\n\"======= >>>>>>> main\"")
	for _, text := range []string{
		strings.ReplaceAll(written, `"Get"`, `"======="`),
		strings.ReplaceAll(written, `"Get"`, `"\n=======\n"`),
		strings.ReplaceAll(written, "\n{", "\n  {"),
		strings.ReplaceAll(written, "\n", "\r\n"),
		strings.Join(lines, "\n"),
	} {
		if _, err := report.Read(strings.NewReader(text)); err != nil {
			t.Errorf("%v: %s", err, text)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	lines := strings.SplitAfter(written, "\n")
	conflict := func(marker string) string { return lines[0] + lines[1] + marker + lines[2] + lines[3] + lines[4] }
	budget := func(line string) string {
		return strings.TrimSuffix(written, "}\n") + ",\n\"budgets\":[\n" + line + "\n]}\n"
	}
	for _, test := range []struct {
		name, text string
		line       int
		mentions   string
	}{
		{"nothing", "", 1, "not a result file"},
		{"a list", "[]", 1, "the whole cannot be array"},
		{"another schema", strings.Replace(written, `"schema":1`, `"schema":99`, 1), 1, "schema 99, but this program reads schema 1"},
		{"another schema with other fields", "{\n\"lines\":{\"a\":[]},\n\"rows\":7,\n\"schema\":99}", 4, "schema 99"},
		{"no schema", `{"rows":[]}`, 1, "schema 0"},
		{"schema in words", "{\n\"schema\":\"one\"}", 2, `"schema" cannot be string`},
		{"cut off", written[:len(written)-10], 4, "not a result file"},
		{"conflict: ours", conflict("<<<<<<< HEAD\n"), 3, "merge conflict"},
		{"conflict: base", conflict("||||||| 4eb1087\n"), 3, "merge conflict"},
		{"conflict: between", conflict("=======\n"), 3, "merge conflict"},
		{"conflict: theirs", conflict(">>>>>>> main\n"), 3, "merge conflict"},
		{"conflict: without a name", conflict("<<<<<<<\n"), 3, "merge conflict"},
		{"conflict: in place of the last line", lines[0] + ">>>>>>>", 2, "merge conflict"},
		{"conflict: all of it, CRLF", strings.ReplaceAll(conflict("=======\n"), "\n", "\r\n"), 3, "merge conflict"},
		{"conflict: names, CRLF", strings.ReplaceAll(conflict("<<<<<<< HEAD\n"), "\n", "\r\n"), 3, "merge conflict"},
		{"wrong type", strings.Replace(written, `"n":10`, `"n":"ten"`, 1), 3, `"n" cannot be string`},
		{"a row that is none", lines[0] + "17\n]}", 2, "the whole cannot be number"},
		{"duplicate", lines[0] + lines[1] + lines[1] + lines[2] + lines[3] + lines[4], 3, "v1 agents/2 is already on line 2"},
		{"duplicate after others", lines[0] + lines[1] + lines[2] + strings.TrimSuffix(lines[1], ",\n") + "\n]}", 4, "v1 agents/2 is already on line 2"},
		{"duplicate, CRLF", strings.ReplaceAll(lines[0]+lines[1]+lines[1]+lines[2]+lines[3]+lines[4], "\n", "\r\n"), 3, "is already on line 2"},
		{"duplicate on one line", strings.ReplaceAll(lines[0]+lines[1]+lines[1]+lines[2]+lines[3]+lines[4], "\n", ""), 1, "is already on line 1"},
		{"negative count", strings.Replace(written, `"sql":3`, `"sql":-3`, 1), 2, "do not add up"},
		{"absurd N", strings.Replace(written, `"n":10`, `"n":4611686018427387904`, 1), 3, "do not add up"},
		{"counts that do not add up", strings.Replace(written, `{"Get":3}`, `{"Get":2}`, 1), 2, "do not add up"},
		{"checks that do not add up", strings.Replace(written, `"sql":0`, `"sql":1`, 1), 4, "the row of v1 login/0 is"},
		{"no statements", strings.Replace(written, `{"Get":3}`, `null`, 1), 2, "do not add up"},
		{"more distinct than all", strings.Replace(written, `"sql_unique":2`, `"sql_unique":4`, 1), 2, "do not add up"},
		{"no version", strings.Replace(written, `"version":"v1",`, ``, 1), 2, "the row of agents/2 is incomplete"},
		{"no outcome", strings.Replace(written, `"outcome":"ok",`, ``, 1), 2, "incomplete"},
		{"unknown field", strings.Replace(written, `"path"`, `"hosts":[],"path"`, 1), 1, `unknown field "hosts"`},
		{"unknown field in a row", strings.Replace(written, `"n":10`, `"n":10,"m":3`, 1), 3, `unknown field "m"`},
		{"more after it", written + "{}", 6, "after top-level value"},
		{"absurd statement count", strings.Replace(written, `{"Get":3}`, `{"Get":4611686018427387904}`, 1), 2, "do not add up"},
		{"statement below zero", strings.Replace(written, `{"Get":3}`, `{"Get":4,"List":-1}`, 1), 2, "do not add up"},
		{"statements whose sum wraps around", strings.Replace(written, `{"Get":3}`,
			`{"A":4611686018427387904,"B":4611686018427387904,"C":4611686018427387904,"D":4611686018427387904,"Get":3}`, 1), 2, "do not add up"},
		{"budget without a reason", strings.Replace(accepted, `,"reason":"one check is enough"`, ``, 1), 5, "the budget of agents, rbac, has no reason"},
		{"budget with a blank reason", strings.Replace(accepted, `"one check is enough"`, `" "`, 1), 5, "has no reason"},
		{"budget without a limit", strings.Replace(accepted, `"max":0,`, ``, 1), 7, "the budget of v1 agents, sql, has neither max nor per_n"},
		{"budget without a scenario", budget(`{"metric":"sql","max":1,"reason":"r"}`), 7, "names no scenario"},
		{"budget of no metric", strings.Replace(accepted, `"metric":"rbac"`, `"metric":"time"`, 1), 5, `cannot limit "time"; valid: sql, rbac, `},
		{"budget of what is no cost", strings.Replace(accepted, `"metric":"rbac"`, `"metric":"prepare"`, 1), 5, `cannot limit "prepare"`},
		{"budget below zero", strings.Replace(accepted, `"max":69`, `"max":-1`, 1), 6, "the budget of agents, sql, has a limit that is not a count"},
		{"budget of growth below zero", strings.Replace(accepted, `"per_n":0`, `"per_n":-1`, 1), 5, "is not a count"},
		{"budget beyond counting", strings.Replace(accepted, `"max":69`, `"max":2000000000`, 1), 6, "is not a count"},
		{"budget with a fraction", strings.Replace(accepted, `"max":69`, `"max":6.9`, 1), 6, `"max" cannot be number 6.9`},
		{"two budgets", strings.Replace(accepted, `"metric":"rbac","per_n":0`, `"metric":"sql","max":4`, 1), 6, "the budget of agents, sql, is already on line 5"},
		{"unknown field in a budget", strings.Replace(accepted, `"max":69`, `"max":69,"min":1`, 1), 6, `unknown field "min"`},
		{"first run of no row", strings.Replace(withFirst, `"n":2,"version":"v1","sql"`, `"n":3,"version":"v1","sql"`, 1), 0, "the first run of v1 agents/3 has no row"},
		{"first run below zero", strings.Replace(withFirst, `"sql":13`, `"sql":-13`, 1), 7, "the first run of v1 agents/10 has invalid counts"},
		{"first run beyond counting", strings.Replace(withFirst, `"sql":5,"rbac":1}`, `"sql":5,"rbac":2000000000}`, 1), 6, "the first run of v1 agents/2 has invalid counts"},
		{"two first runs", strings.Replace(withFirst, `"n":10,"version":"v1","sql"`, `"n":2,"version":"v1","sql"`, 1), 7, "v1 agents/2 is already on line 6"},
		{"unknown field in a first run", strings.Replace(withFirst, `"sql":13`, `"sql":13,"tx":1`, 1), 7, `unknown field "tx"`},
		{"budgets that are no list", strings.TrimSuffix(written, "}\n") + ",\n\"budgets\":{}}", 6, `"budgets" cannot be object`},
	} {
		t.Run(test.name, func(t *testing.T) {
			wantRefused(t, strings.NewReader(test.text), test.line, test.mentions)
		})
	}
}

// wantRefused checks that a file is refused because of a line.
func wantRefused(t *testing.T, file io.Reader, line int, mentions string) {
	t.Helper()
	_, err := report.Read(file)
	var fileErr *report.FileError
	if !errors.As(err, &fileErr) {
		t.Fatalf("got error %v, want a *FileError", err)
	}
	if fileErr.Line != line || !strings.Contains(err.Error(), mentions) {
		t.Errorf("got line %d: %v\nwant line %d, mentioning %q", fileErr.Line, err, line, mentions)
	}
}

// A damage is a change of a file that makes it invalid.
type damage struct {
	name, old, new string
	line           int
	mentions       string
}

func wantDamagesRefused(t *testing.T, file string, damages []damage) {
	t.Helper()
	for _, d := range damages {
		t.Run(d.name, func(t *testing.T) {
			damaged := strings.Replace(file, d.old, d.new, 1)
			if damaged == file {
				t.Fatalf("nothing in it is %s", d.old)
			}
			wantRefused(t, strings.NewReader(damaged), d.line, d.mentions)
		})
	}
}

// FuzzRead checks that any file is read, summarized and compared without a panic, and is written
// as it was read.
func FuzzRead(f *testing.F) {
	f.Add(written)
	f.Add(strings.Replace(written, `"n":2`, `"n":1000000`, 1))
	f.Add(accepted)
	f.Add(withFirst)
	var trees strings.Builder
	must.Succeed(f, reporttest.Saved().Write(&trees))
	f.Add(trees.String())
	f.Add(strings.ReplaceAll(accepted, "\n", "\r\n"))
	f.Fuzz(func(t *testing.T, text string) {
		read, err := report.Read(strings.NewReader(text))
		if err != nil {
			return
		}
		report.Summarize(read)
		report.Compare("a", read, "b", read)
		merge.Accept(read, read, nil, "")
		report.Judge(read, report.File{}, report.CostMetrics())
		var first, second bytes.Buffer
		must.Succeed(t, read.Write(&first))
		again, err := report.Read(bytes.NewReader(first.Bytes()))
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, first.Bytes())
		}
		if err := again.Write(&second); err != nil || first.String() != second.String() {
			t.Errorf("written, read and written again (%v):\n%s\n%s", err, first.Bytes(), second.Bytes())
		}
	})
}

func TestReadsToTheEnd(t *testing.T) {
	broken := iotest.ErrReader(errors.New("the disk is gone"))
	if _, err := report.Read(broken); err == nil || err.Error() != "the disk is gone" {
		t.Errorf("got error %v", err)
	}
}
