package json

import (
	"io"

	"github.com/fanout-bench/fanout-bench/internal/merge"
)

// Acceptance writes what the new baseline changes, as [Comparison] does.
func Acceptance(w io.Writer, a merge.Acceptance) error { return Comparison(w, a.Changes) }
