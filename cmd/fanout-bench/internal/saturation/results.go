package saturation

import (
	"fmt"
	"io"
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
	"github.com/fanout-bench/fanout-bench/internal/term"
)

// Results are what versions of a path did under the same load. A file has them in the
// order of the fields.
type Results struct {
	Schema   int    `json:"schema"`
	Path     string `json:"path"`
	Workload string `json:"workload"`
	N        int    `json:"n"`
	Counting string `json:"-"` // what N counts
	Load     Load   `json:"load"`
	Runs     []Run  `json:"rows"`
}

// JSON writes what the versions did as one JSON object.
func (s Results) JSON(w io.Writer) error {
	s.Schema = jsonfile.Schema
	return jsonfile.WriteIndented(w, s)
}

// Read reads what [Results.JSON] wrote. A file it cannot use is a
// [*jsonfile.Error].
func Read(from io.Reader) (Results, error) {
	text, err := jsonfile.ReadText(from)
	if err != nil {
		return Results{}, err
	}
	if err := jsonfile.CheckSchema(text); err != nil {
		return Results{}, err
	}
	var results Results
	if err := jsonfile.Decode(text, &results); err != nil {
		return Results{}, jsonfile.Damaged(text, 0, err)
	}
	if load := results.Load; load.Pool < 1 || load.Rate < 1 || load.Duration <= 0 || len(results.Runs) == 0 {
		return Results{}, &jsonfile.Error{Reason: "it does not tell of any load; write it with 'fanout-bench saturate --format json'"}
	}
	for _, run := range results.Runs {
		valid := func(count int) bool { return count >= 0 && count <= jsonfile.MaxCount }
		if slices.ContainsFunc(run.Timeline, func(i Interval) bool { return !valid(i.OK) || !valid(i.Failed) }) || len(run.Timeline) > jsonfile.MaxN {
			return Results{}, &jsonfile.Error{Reason: fmt.Sprintf("the requests of version %s are no counts", term.Printable(run.Version, term.NameWidth))}
		}
	}
	return results, nil
}
