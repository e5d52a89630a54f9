package term_test

import (
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/term"
)

func TestPrintable(t *testing.T) {
	for _, test := range []struct {
		name, text string
		width      int
		want       string
	}{
		{"plain", "SELECT a FROM t", 0, "SELECT a FROM t"},
		{"blanks", " a\n\tb  c ", 0, "a b c"},
		{"escape sequence", "a\x1b[31mb", 0, "a<U+001B>[31mb"},
		{"C1 control", "a\u009b31mb", 0, "a<U+009B>31mb"},
		{"right to left override", "a\u202eb", 0, "a<U+202E>b"},
		{"zero width space", "a\u200bb", 0, "a<U+200B>b"},
		{"bell and delete", "\a\x7f", 0, "<U+0007><U+007F>"},
		{"other scripts", "größe 表", 0, "größe 表"},
		{"cut", "abcdef", 4, "abc…"},
		{"cut wide", "表表表", 5, "表表…"},
		{"fits", "abcd", 4, "abcd"},
		{"invalid UTF-8", "a\xffb", 0, "a\ufffdb"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := term.Printable(test.text, test.width); got != test.want {
				t.Errorf("Printable(%q, %d) = %q, want %q", test.text, test.width, got, test.want)
			}
		})
	}
	if got, want := term.PrintableLines("a:\n  - b\x1bc\n\nd"), "a:\n  - b<U+001B>c\n\nd"; got != want {
		t.Errorf("PrintableLines: got %q, want %q", got, want)
	}
}
