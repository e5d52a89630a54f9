package report

import (
	"fmt"
	"io"
)

// Text writes the request for a terminal, on lines of its own.
func (e Endpoint) Text(w io.Writer, _ Style) error {
	_, err := fmt.Fprintf(w, "%s %s\n%s\n\nIt is answered %d. Metrics: %s\n",
		Printable(e.Method, 0), Printable(e.URL, 0), Printable(e.Body, 0), e.Expect, Printable(e.Metrics, 0))
	return err
}
