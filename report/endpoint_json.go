package report

import (
	"io"

	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
)

// JSON writes e as one JSON object.
func (e Endpoint) JSON(w io.Writer) error { return jsonfile.WriteIndented(w, e) }
