package tracer

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// The beginning of a long text has the maximum length and ends between characters.
func TestHeadOf(t *testing.T) {
	for _, character := range []string{"a", "é", "€", "😀", "\x80", "\xbf", "\xff", "\xe2", "\xe2\x82", "\x00"} {
		for before := range utf8.UTFMax {
			text := strings.Repeat("a", before) + strings.Repeat(character, 2*longText)
			head := headOf(text)
			if n := len(head); n > longText || n <= longText-utf8.UTFMax {
				t.Errorf("%d times a, then %q: %d bytes, want %d", before, character, n, longText)
			}
			if !strings.HasPrefix(text, head) || utf8.ValidString(text) != utf8.ValidString(head) {
				t.Errorf("%d times a, then %q: it ends in %q", before, character, head[len(head)-4:])
			}
		}
	}
	for _, n := range []int{0, 1, longText} {
		if text := strings.Repeat("\x80", n); headOf(text) != text {
			t.Errorf("a text of %d bytes is cut", n)
		}
	}
}
