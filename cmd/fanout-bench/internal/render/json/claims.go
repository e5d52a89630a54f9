package json

import (
	"bytes"
	"fmt"
	"io"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/claims"
	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
)

// Claims writes the claims with what was measured as one object, a claim per line.
func Claims(w io.Writer, c claims.Checks) error {
	type figures struct {
		SQL  int `json:"sql"`
		RBAC int `json:"rbac"`
	}
	type row struct {
		Scenario    string   `json:"scenario"`
		N           int      `json:"n"`
		Version     string   `json:"version"`
		Claimed     figures  `json:"claimed"`
		Measured    *figures `json:"measured"` // null if it was not
		Reproduced  bool     `json:"reproduced"`
		Explanation string   `json:"explanation,omitempty"`
	}
	var rows []row
	for _, check := range c {
		r := row{
			Scenario: check.Scenario, N: check.N, Version: check.Version,
			Claimed: figures{check.SQL, check.RBAC}, Reproduced: check.Reproduced, Explanation: check.Explanation,
		}
		if check.Measured != nil {
			r.Measured = &figures{check.Measured.SQL, check.Measured.RBAC}
		}
		rows = append(rows, r)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"schema":%d,"claims":[`, jsonfile.Schema)
	if err := jsonfile.WriteLines(&b, rows); err != nil {
		return err
	}
	b.WriteString("]}\n")
	_, err := w.Write(b.Bytes())
	return err
}
