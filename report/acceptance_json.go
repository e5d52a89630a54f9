package report

import "io"

// JSON writes what the new baseline changes, as [Comparison.JSON] does.
func (a Acceptance) JSON(w io.Writer) error { return a.Changes.JSON(w) }
