package jsonfile

import (
	"bytes"
	"errors"
	"fmt"
)

// ErrConflict is wrapped by the error of a file with a merge conflict, which has the work of
// people.
var ErrConflict = errors.New("")

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
