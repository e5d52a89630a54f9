package json

import (
	"io"

	"github.com/fanout-bench/fanout-bench/report"
)

// Acceptance writes what the new baseline changes, as [Comparison] does.
func Acceptance(w io.Writer, a report.Acceptance) error { return Comparison(w, a.Changes) }
