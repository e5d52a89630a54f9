package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
)

// FuzzReadSaturation takes any text for a file: it is read or refused, and nothing in
// it has a meaning on the page.
func FuzzReadSaturation(f *testing.F) {
	for _, s := range []report.Saturation{outcomes()} {
		s.Runs = s.Runs[:2]
		var b strings.Builder
		if err := s.JSON(&b); err != nil {
			f.Fatal(err)
		}
		f.Add(b.String())
	}
	f.Fuzz(func(t *testing.T, text string) {
		saved, err := report.ReadSaturation(strings.NewReader(text))
		if err != nil {
			checkLines(t, "the error", term.PrintableLines(err.Error())+"\n") // as commands print it
			return
		}
		var page bytes.Buffer
		if err := (report.Document{}).HTML(&page, &saved); err != nil {
			t.Fatal(err)
		}
		checkPage(t, "", page.String())
	})
}
