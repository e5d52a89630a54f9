package report_test

import (
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/report"
)

// lineOf returns the line of the first what in text.
func lineOf(text, what string) int {
	before, _, _ := strings.Cut(text, what)
	return 1 + strings.Count(before, "\n")
}

// TestReadRefusesAmbiguousJSON has, at every level, ambiguous JSON that encoding/json
// accepts.
func TestReadRefusesAmbiguousJSON(t *testing.T) {
	var trees strings.Builder
	must.Succeed(t, reporttest.Saved().Write(&trees))
	treesLine := lineOf(trees.String(), `"roots"`)
	child := strings.Index(trees.String(), `"children":[{`) + len(`"children":[{`)
	childLine := 1 + strings.Count(trees.String()[:child], "\n")
	withScenarios := strings.TrimSuffix(written, "}\n") + ",\n\"scenarios\":[\n{\"name\":\"agents\"},\n{\"name\":\"agents\",\"unit\":\"user\"}]}\n"
	withVersions := strings.TrimSuffix(written, "}\n") + ",\n\"versions\":[\n\"v1\",\n\"v1\"]}\n"
	for _, test := range []struct {
		name, text string
		line       int
		mentions   string
	}{
		{"a count", strings.Replace(written, `"n":10,`, `"n":10,"sql":7,`, 1), 3, `"sql" stands twice in one object; delete one of them`},
		{"with the same value", strings.Replace(written, `"n":10,`, `"n":10,"n":10,`, 1), 3, `"n" stands twice`},
		{"spelled by escapes", strings.Replace(written, `"n":10,`, `"n":10,"\u0073\u0071l":7,`, 1), 3, `"sql" stands twice`},
		{"a statement", strings.Replace(written, `{"Get":3}`, `{"Get":1,"Get":3}`, 1), 2, `"Get" stands twice`},
		{"a check", strings.Replace(written, `{"read":0}`, `{"read":1,"read":0}`, 1), 3, `"read" stands twice`},
		{"all rows", strings.TrimSuffix(written, "}\n") + ",\n\"rows\":[]}\n", 6, `"rows" stands twice in one object, on line 1 too; delete`},
		{"the path", strings.Replace(written, `"path"`, `"path":"other","path"`, 1), 1, `"path" stands twice`},
		{"the schema", strings.Replace(written, `"schema":1`, `"schema":1,"schema":1`, 1), 1, `"schema" stands twice`},
		{"a scenario", withScenarios, 8, `scenario "agents" is already on line 7`},
		{"a version", withVersions, 8, `version "v1" is already on line 7`},
		{"a budget's limit", strings.Replace(accepted, `"max":69`, `"max":4,"max":69`, 1), 6, `"max" stands twice`},
		{"a number beyond any", strings.Replace(written, `"sql":1,`, `"sql":1e400,`, 1), 3, `"sql" cannot be number 1e400`},
		{"a tree", strings.Replace(trees.String(), `"roots"`, `"roots":[],"roots"`, 1), treesLine, `"roots" stands twice`},
		{"a node below", trees.String()[:child] + `"name":"other",` + trees.String()[child:], childLine, `"name" stands twice`},
		{"another spelling", strings.Replace(written, `"n":10,`, `"n":10,"SQL":7,`, 1), 3, `unknown field "SQL"`},
		{"another spelling alone", strings.Replace(written, `"sql":1,`, `"Sql":1,`, 1), 3, `unknown field "Sql"`},
		{"a letter that folds to another", strings.Replace(written, `"sql":1,`, `"\u017fql":1,`, 1), 3, `unknown field "ſql"`},
		{"a byte that is no UTF-8", strings.Replace(written, `"Get":1`, "\"G\xfft\":1", 1), 3, "the byte 0xFF"},
		{"a character cut off", written[:len(written)-1] + "\xe2\x82", 5, "the byte 0xE2"},
		{"a file in Latin-1", strings.Replace(accepted, "größer", "gr\xf6\xdfer", 1), 2, "the byte 0xF6"},
		{"a surrogate in UTF-8", strings.Replace(written, `"Get":1`, "\"\xed\xa0\x80\":1", 1), 3, "the byte 0xED"},
		{"half of a pair", strings.Replace(written, `"Get":1`, `"\ud83d":1`, 1), 3, `\ud83d is half of a character`},
		{"the other half", strings.Replace(written, `"Get":1`, `"a\\\uDE00":1`, 1), 3, `\uDE00 is half of a character`},
		{"half at the end", strings.Replace(written, `"Get":1`, `"\uDBFF":1`, 1), 3, `\uDBFF is half`},
		{"two first halves", strings.Replace(written, `"Get":1`, `"\ud83d\ud83d\ude00":1`, 1), 3, `\ud83d is half`},
	} {
		t.Run(test.name, func(t *testing.T) {
			wantRefused(t, strings.NewReader(test.text), test.line, test.mentions)
		})
	}
}

// TestReadAcceptsUnambiguousJSON has JSON that only looks ambiguous.
func TestReadAcceptsUnambiguousJSON(t *testing.T) {
	for _, statements := range []string{
		`{"Get":2,"get":1}`, `{"\ud83d\ude00":3}`, `{"\\ud83d":3}`, `{"\\\ud83d\udE00":3}`, `{"\ufffd":3}`, "{\"\ufffd\":3}", `{"sql":1,"n":2}`,
	} {
		if _, err := report.Read(strings.NewReader(strings.Replace(written, `{"Get":3}`, statements, 1))); err != nil {
			t.Errorf("%s: %v", statements, err)
		}
	}
}

// endless never ends, like /dev/zero.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestReadRefusesEndlessInput(t *testing.T) {
	wantRefused(t, endless{}, 0, "it has more than 64 MB")
}
