package json

import (
	"bytes"
	"fmt"
	"io"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/claims"
	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Claims writes the figures with what was measured as one object, a figure per line.
func Claims(w io.Writer, c claims.Checks) error {
	type row struct {
		Scenario    string        `json:"scenario"`
		N           int           `json:"n"`
		Version     string        `json:"version"`
		Metric      tracer.Metric `json:"metric"`
		Claimed     int           `json:"claimed"`
		Measured    *int          `json:"measured"` // null if it was not
		Reproduced  bool          `json:"reproduced"`
		Explanation string        `json:"explanation,omitempty"`
	}
	var rows []row
	for _, check := range c {
		rows = append(rows, row{
			check.Claim.Scenario, check.Claim.N, check.Claim.Version,
			check.Metric, check.Claimed, check.Measured, check.Reproduced, check.Explanation,
		})
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"schema":%d,"figures":[`, jsonfile.Schema)
	if err := jsonfile.WriteLines(&b, rows); err != nil {
		return err
	}
	b.WriteString("]}\n")
	_, err := w.Write(b.Bytes())
	return err
}
