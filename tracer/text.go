package tracer

import (
	"strings"
	"unicode/utf8"
)

// Texts of statements are the application's, and may be of any size. What is kept of them
// is bounded in bytes.

// longText is the size from which on a text is not kept as a matter of course.
const longText = 4 << 10

// headOf returns text, or the beginning of a long one, which cuts no character in two.
func headOf(text string) string {
	if len(text) <= longText {
		return text
	}
	for end := longText; end > longText-utf8.UTFMax; end-- {
		if utf8.RuneStart(text[end]) {
			return text[:end]
		}
	}
	return text[:longText] // it is no UTF-8
}

// maxLong is how much of different long texts a scope keeps whole.
const maxLong = 16 << 20

// longTexts are those of a scope, by their hashes: equal ones are kept once.
type longTexts struct {
	known map[uint64]string
	size  int
}

// keep returns text, or an equal one, or the beginning of it where there are too many.
func (l *longTexts) keep(hash uint64, text string) string {
	kept, ok := l.known[hash]
	if ok {
		return kept
	}
	if l.known == nil {
		l.known = make(map[uint64]string)
	}
	if l.size += len(text); l.size > maxLong {
		text = strings.Clone(headOf(text))
	}
	l.known[hash] = text
	return text
}
