// Package json renders for programs what package text renders for people.
package json

import (
	"bytes"
	"fmt"
	"io"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/claims"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
	"github.com/fanout-bench/fanout-bench/internal/workload"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// lines is a list in an object, with one element per line.
type lines struct {
	name string
	list []any
}

// linesOf returns a list of what line makes of each element.
func linesOf[T any](name string, list []T, line func(T) any) lines {
	l := lines{name: name}
	for _, element := range list {
		l.list = append(l.list, line(element))
	}
	return l
}

// writeObject writes the object head, and lists after its keys.
func writeObject(w io.Writer, head any, lists ...lines) error {
	object, err := jsonfile.Marshal(head)
	if err != nil {
		return err
	}
	b := bytes.NewBuffer(bytes.TrimSuffix(object, []byte("}")))
	for _, l := range lists {
		fmt.Fprintf(b, ",\n%q:[", l.name)
		if err := jsonfile.WriteLines(b, l.list); err != nil {
			return err
		}
		b.WriteByte(']')
	}
	b.WriteString("}\n")
	_, err = w.Write(b.Bytes())
	return err
}

// Claims writes published and measured figures as one object, with one figure per line.
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

// Endpoint writes e as one JSON object.
func Endpoint(w io.Writer, e view.Endpoint) error { return jsonfile.WriteIndented(w, e) }

// Listing writes the versions, scenarios and workloads of path as one JSON object.
func Listing(w io.Writer, path workload.Case) error {
	type scenario struct {
		Name     string `json:"name"`
		Unit     string `json:"unit,omitempty"`
		Counting string `json:"counting,omitempty"`
		Sweep    []int  `json:"sweep,omitempty"`
	}
	listing := struct {
		Path      string              `json:"path"`
		Reference string              `json:"reference"`
		Versions  []scenarios.Version `json:"versions"`
		Scenarios []scenario          `json:"scenarios"`
		Workloads []workload.Workload `json:"workloads,omitempty"`
	}{Path: path.Name, Reference: path.Reference, Versions: path.Versions, Workloads: path.Workloads}
	for _, s := range path.Scenarios {
		row := scenario{Name: s.Name, Unit: s.Unit, Counting: s.Counting}
		if s.Unit != "" {
			row.Sweep = s.Sweep
		}
		listing.Scenarios = append(listing.Scenarios, row)
	}
	return jsonfile.WriteIndented(w, listing)
}
