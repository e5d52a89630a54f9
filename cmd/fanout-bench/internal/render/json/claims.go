package json

import (
	"bytes"
	"fmt"
	"io"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/claims"
	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
)

// Claims writes the figures with what was measured as one object, a figure per line.
func Claims(w io.Writer, c claims.Checks) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"schema":%d,"figures":[`, jsonfile.Schema)
	if err := jsonfile.WriteLines(&b, c); err != nil {
		return err
	}
	b.WriteString("]}\n")
	_, err := w.Write(b.Bytes())
	return err
}
