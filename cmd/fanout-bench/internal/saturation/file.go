package saturation

import (
	"fmt"
	"io"
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
	"github.com/fanout-bench/fanout-bench/internal/term"
)

// Read reads what [Results.JSON] wrote. A file it cannot use is a
// [*jsonfile.Error].
func Read(from io.Reader) (Saved, error) {
	text, err := jsonfile.ReadText(from)
	if err != nil {
		return Saved{}, err
	}
	if err := jsonfile.CheckSchema(text); err != nil {
		return Saved{}, err
	}
	var saved Saved
	if err := jsonfile.Decode(text, &saved); err != nil {
		return Saved{}, jsonfile.Damaged(text, 0, err)
	}
	if load := saved.Load; load.Pool < 1 || load.Rate < 1 || load.Duration <= 0 || len(saved.Rows) == 0 {
		return Saved{}, &jsonfile.Error{Reason: "it does not tell of any load; write it with 'fanout-bench saturate --format json'"}
	}
	for _, row := range saved.Rows {
		valid := func(count int) bool { return count >= 0 && count <= jsonfile.MaxCount }
		if slices.ContainsFunc(row.Timeline, func(s intervalJSON) bool { return !valid(s.OK) || !valid(s.Failed) }) || len(row.Timeline) > jsonfile.MaxN {
			return Saved{}, &jsonfile.Error{Reason: fmt.Sprintf("the requests of version %s are no counts", term.Printable(row.Version, term.NameWidth))}
		}
	}
	return saved, nil
}
