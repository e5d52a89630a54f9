package jsonfile

import (
	"bytes"
	"fmt"
)

// An Error says why a file cannot be used: it is damaged, is of another schema, holds a
// merge conflict or what cannot be true. Anything else is an error of reading.
type Error struct {
	Line   int // 0: not known
	Reason string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Reason
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Reason)
}

// LineAt returns the line of text that offset is on.
func LineAt(text []byte, offset int) int {
	return 1 + bytes.Count(text[:min(offset, len(text))], []byte("\n"))
}
