package render_test

import (
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/claims"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/text"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/internal/term"
)

// FuzzReadClaims takes any text for a file: it is read or refused, and what is said of
// it commands nothing.
func FuzzReadClaims(f *testing.F) {
	const table = "text\n\n| version | note | scenario | n | SQL | RBAC |\n|---|---|---|--:|--:|--:|\n| v1 | *new* | agents | 1 | 8 | 5 |\n"
	f.Add(table)
	for _, name := range hostileNames[:20] {
		f.Add(strings.ReplaceAll(table, "agents", name))
	}
	measured := reporttest.Rows(reporttest.Cell("v1", "agents", 1, "200", 8, 5))
	f.Fuzz(func(t *testing.T, file string) {
		list, err := claims.Read(strings.NewReader(file))
		if err != nil {
			checkLines(t, "the error", term.PrintableLines(err.Error())+"\n") // as commands print it
			return
		}
		var b strings.Builder
		if err := text.Claims(&b, list.Check(measured), term.Style{}); err != nil {
			t.Fatal(err)
		}
		checkLines(t, "claims", b.String())
	})
}
