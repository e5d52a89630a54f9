package report

import (
	"fmt"
	"io"
)

// An Endpoint is what a load tool has to know of a version that is served over HTTP.
type Endpoint struct {
	Path     string `json:"path"`
	Workload string `json:"workload"`
	N        int    `json:"n"`
	Version  string `json:"version"`
	Method   string `json:"method"`
	URL      string `json:"url"`
	Body     string `json:"body"`
	Expect   int    `json:"expect"`  // the status of the answer
	Metrics  string `json:"metrics"` // a URL
}

// Text writes the request for a terminal, on lines of its own.
func (e Endpoint) Text(w io.Writer, _ Style) error {
	_, err := fmt.Fprintf(w, "%s %s\n%s\n\nIt is answered %d. Metrics: %s\n",
		Printable(e.Method, 0), Printable(e.URL, 0), Printable(e.Body, 0), e.Expect, Printable(e.Metrics, 0))
	return err
}

// JSON writes e as one JSON object.
func (e Endpoint) JSON(w io.Writer) error { return writeIndented(w, e) }
