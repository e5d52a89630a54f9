package term

import (
	"fmt"
	"strings"
)

// Span returns "1" or "1…16".
func Span(ns []int) string {
	if len(ns) == 1 {
		return fmt.Sprint(ns[0])
	}
	return fmt.Sprintf("%d…%d", ns[0], ns[len(ns)-1])
}

// Change returns "13 → 26", or "13" if both are equal.
func Change(base, head int) string {
	if base == head {
		return fmt.Sprint(base)
	}
	return fmt.Sprintf("%d → %d", base, head)
}

// Count returns "1 part" or "3 parts".
func Count(n int, singular, plural string) string {
	if n == 1 {
		return "1 " + singular
	}
	return fmt.Sprintf("%d %s", n, plural)
}

// FirstWord returns s up to the first blank.
func FirstWord(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return word
}

// ShellWord quotes s, which may come from the program under test, as one word for a shell.
func ShellWord(s string) string {
	s = Printable(s, 0)
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./,:@%+=", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
