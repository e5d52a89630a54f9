package jsonfile

import (
	"bytes"
	"errors"
	"fmt"
)

// ErrKept is wrapped by the error of a file that has the work of people: a merge conflict, limits
// or reasons.
var ErrKept = errors.New("")

// An Error says why a file cannot be used: it is damaged, has another schema, contains a merge
// conflict or impossible values. Any other error is one of reading.
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

// LineAt returns the line of text at offset.
func LineAt(text []byte, offset int) int {
	return 1 + bytes.Count(text[:min(offset, len(text))], []byte("\n"))
}
