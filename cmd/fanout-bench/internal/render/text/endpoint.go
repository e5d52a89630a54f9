package text

import (
	"fmt"
	"io"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/term"
)

// Endpoint writes the request for a terminal, on lines of its own.
func Endpoint(w io.Writer, e view.Endpoint, _ term.Style) error {
	_, err := fmt.Fprintf(w, "%s %s\n%s\n\nIt is answered %d. Metrics: %s\n",
		term.Printable(e.Method, 0), term.Printable(e.URL, 0), term.Printable(e.Body, 0), e.Expect, term.Printable(e.Metrics, 0))
	return err
}
