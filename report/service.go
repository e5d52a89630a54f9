package report

import (
	"fmt"
	"io"
)

// A Service is what a load tool has to know of a version that is served over HTTP.
type Service struct {
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
func (s Service) Text(w io.Writer, _ Style) error {
	_, err := fmt.Fprintf(w, "%s %s\n%s\n\nIt is answered %d. Metrics: %s\n",
		Printable(s.Method, 0), Printable(s.URL, 0), Printable(s.Body, 0), s.Expect, Printable(s.Metrics, 0))
	return err
}

// JSON writes s as one JSON object.
func (s Service) JSON(w io.Writer) error { return writeIndented(w, s) }
