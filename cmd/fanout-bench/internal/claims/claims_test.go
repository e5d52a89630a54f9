package claims_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/claims"
	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
)

const claimsFile = `# Claims

Some text with a | in it, and a table that is none:

| a | b |
|---|---|
| 1 | 2 |

| Scenario | source | Version | N | RBAC | SQL |
|---|---|---|--:|---|---|
| agents | ` + "`x`" + ` | v1 | 1 | 2 | **4** |
| agents | y | ` + "`v2`" + ` | 2 | 1 | 1 |
| login | z | v3 | 0 | 0 | 0 |

And what was claimed before:

| Version | Scenario | N | SQL | RBAC |
|---|---|---|---|---|
| v9 | agents | 1 | 9 | 9 |
`

func TestReadClaims(t *testing.T) {
	list, err := claims.Read(strings.NewReader(claimsFile))
	if err != nil {
		t.Fatal(err)
	}
	want := claims.List{
		{Version: "v1", Scenario: "agents", N: 1, SQL: 4, RBAC: 2},
		{Version: "v2", Scenario: "agents", N: 2, SQL: 1, RBAC: 1},
		{Version: "v3", Scenario: "login"},
	}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
}

// TestReadClaimsInMarkdown finds the table in a quotation, in a list, and after a byte order
// mark.
func TestReadClaimsInMarkdown(t *testing.T) {
	const table = "|version|scenario|n|SQL|RBAC|\n|-|-|-|-|-|\n|v1|agents|1|4|2|\n"
	for name, text := range map[string]string{
		"quotation":       "> " + strings.ReplaceAll(table, "\n|", "\n> |"),
		"list":            "- claimed:\n\n  " + strings.ReplaceAll(table, "\n|", "\n  |"),
		"byte order mark": "\ufeff" + table,
		"Windows":         strings.ReplaceAll(table, "\n", "\r\n"),
	} {
		list, err := claims.Read(strings.NewReader(text))
		if want := (claims.List{{Version: "v1", Scenario: "agents", N: 1, SQL: 4, RBAC: 2}}); err != nil || !slices.Equal(list, want) {
			t.Errorf("%s: got %+v, %v; want %+v", name, list, err, want)
		}
	}
}

func TestReadClaimsToTheEnd(t *testing.T) {
	broken := iotest.ErrReader(errors.New("the disk is gone"))
	if _, err := claims.Read(broken); err == nil || err.Error() != "the disk is gone" {
		t.Errorf("claims: got error %v", err)
	}
}

func TestReadClaimsRefuses(t *testing.T) {
	for _, test := range []struct {
		name, text string
		line       int
		mentions   string
	}{
		{"too large", strings.Repeat("[", 1<<20+1), 0, "more than 1 MB"},
		{"no table", "text", 0, "no table with the columns version, scenario, n, SQL and RBAC"},
		{"no such column", "|version|scenario|n|SQL|\n|---|---|---|---|\n|v|s|1|2|\n", 0, "no table with the columns"},
		{"a column twice", "|version|scenario|n|SQL|RBAC|sql|\n|---|---|---|---|---|---|\n|v|s|1|2|3|4|\n", 0, "the table has the column SQL twice; rename one of them"},
		{"no rows", "|version|scenario|n|SQL|RBAC|\n|---|---|---|---|---|\n", 0, "no rows"},
		{"no number", strings.Replace(claimsFile, "| 2 | 1 | 1 |", "| 2 | one | 1 |", 1), 12, `rbac is "one"`},
		{"negative", strings.Replace(claimsFile, "| 2 | 1 | 1 |", "| -2 | 1 | 1 |", 1), 12, `n is "-2"`},
		{"cell missing", strings.Replace(claimsFile, "| 2 | 1 | 1 |", "| 2 |", 1), 12, `is ""`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := claims.Read(strings.NewReader(test.text))
			var fileErr *jsonfile.Error
			if !errors.As(err, &fileErr) || fileErr.Line != test.line || !strings.Contains(err.Error(), test.mentions) ||
				strings.HasPrefix(err.Error(), "line") != (test.line > 0) {
				t.Errorf("got %v, want line %d and %q", err, test.line, test.mentions)
			}
		})
	}
}

func TestCheckClaims(t *testing.T) {
	measured := reporttest.Rows(
		reporttest.Cell("v1", "agents", 1, "200", 8, 5), // 2 distinct statements, 1 distinct check
		reporttest.Cell("v2", "agents", 1, "200", 6, 3),
		reporttest.Cell("v3", "agents", 1, "409", 6, 3),
		reporttest.Cell("v4", "agents", 1, "200", 6, 2),
	)
	for _, test := range []struct {
		name      string
		sql, rbac int    // claimed of v1
		want      string // of either
	}{
		{"both", 8, 5, "reproduced, reproduced"},
		{"one of the two", 8, 4, "reproduced, NOT REPRODUCED"},
		{"the other", 7, 5, "NOT REPRODUCED, reproduced"},
		{"those of another version of the same outcome", 6, 3, "NOT REPRODUCED: equals v2, v4, NOT REPRODUCED: equals v2"},
		{"that of another version, whose other figure is not claimed", 8, 2, "reproduced, NOT REPRODUCED: equals v4"},
		{"distinct", 2, 1, "NOT REPRODUCED: equals distinct SQL, NOT REPRODUCED: equals distinct RBAC"},
		{"distinct ones of the other figure", 1, 6, "NOT REPRODUCED, NOT REPRODUCED"},
	} {
		t.Run(test.name, func(t *testing.T) {
			checks := claims.List{{Version: "v1", Scenario: "agents", N: 1, SQL: test.sql, RBAC: test.rbac}}.Check(measured)
			var got []string
			reproduced := 0
			for _, check := range checks {
				verdict := "NOT REPRODUCED"
				if check.Reproduced {
					verdict = "reproduced"
					reproduced++
				}
				if check.Explanation != "" {
					verdict += ": " + check.Explanation
				}
				got = append(got, verdict)
			}
			if joined := strings.Join(got, ", "); joined != test.want || checks.Reproduced() != reproduced {
				t.Errorf("got %s, %d of them reproduced; want %s", joined, checks.Reproduced(), test.want)
			}
		})
	}
	for _, check := range (claims.List{{Version: "v9", Scenario: "agents", N: 1}}).Check(measured) {
		if check.Measured != nil || check.Reproduced {
			t.Errorf("a cell that was not measured: got %+v", check)
		}
	}
}

func TestReadClaimsIsUTF8(t *testing.T) {
	_, err := claims.Read(strings.NewReader("# Claims\n\n| version | caf\xe9 |\n"))
	var fileErr *jsonfile.Error
	if !errors.As(err, &fileErr) || fileErr.Line != 3 || !strings.Contains(err.Error(), "the byte 0xE9") {
		t.Errorf("got %v, want line 3, mentioning the byte", err)
	}
}
