package render_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/page"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation"
	"github.com/fanout-bench/fanout-bench/internal/term"
)

// FuzzReadSaturation takes any text for a file: it is read or refused, and nothing in
// it has a meaning on the page.
func FuzzReadSaturation(f *testing.F) {
	seed := outcomes()
	seed.Runs = seed.Runs[:2]
	var b strings.Builder
	if err := seed.JSON(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.String())
	f.Fuzz(func(t *testing.T, text string) {
		saved, err := saturation.Read(strings.NewReader(text))
		if err != nil {
			checkLines(t, "the error", term.PrintableLines(err.Error())+"\n") // as commands print it
			return
		}
		var html bytes.Buffer
		if err := page.HTML(&html, (view.Document{}), &saved); err != nil {
			t.Fatal(err)
		}
		checkPage(t, "", html.String())
	})
}
