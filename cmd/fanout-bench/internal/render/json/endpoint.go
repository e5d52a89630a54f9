package json

import (
	"io"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
)

// Endpoint writes e as one JSON object.
func Endpoint(w io.Writer, e view.Endpoint) error { return jsonfile.WriteIndented(w, e) }
