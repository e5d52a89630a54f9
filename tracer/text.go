package tracer

import (
	"strings"
	"unicode/utf8"
)

// Texts of statements belong to the application and may have any size. The memory for them is
// bounded.

// longText is the size from which a text is kept only while there is room.
const longText = 4 << 10

// headOf returns text, or the beginning of a long one, cut between two characters.
func headOf(text string) string {
	if len(text) <= longText {
		return text
	}
	for end := longText; end > longText-utf8.UTFMax; end-- {
		if utf8.RuneStart(text[end]) {
			return text[:end]
		}
	}
	return text[:longText] // not UTF-8
}

// maxLong bounds the long texts that a scope keeps complete, in bytes.
const maxLong = 16 << 20

// longTexts are the long texts of a scope by hash. Equal ones are kept once.
type longTexts struct {
	known map[uint64]string
	size  int
}

// keep returns text, an equal one, or only its beginning if there is no room.
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
