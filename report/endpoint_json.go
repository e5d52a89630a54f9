package report

import "io"

// JSON writes e as one JSON object.
func (e Endpoint) JSON(w io.Writer) error { return writeIndented(w, e) }
