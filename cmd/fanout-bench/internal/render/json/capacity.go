package json

import (
	"io"

	"github.com/fanout-bench/fanout-bench/internal/capacity"
	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
)

// Capacity writes how many requests a second p has room for as one object, a series per line.
func Capacity(w io.Writer, path string, p capacity.Pool, list []capacity.Series) error {
	return writeObject(w, struct {
		Schema        int     `json:"schema"`
		Path          string  `json:"path"`
		Pool          int     `json:"pool"`
		Replicas      int     `json:"replicas"`
		RoundTrip     float64 `json:"round_trip_ms"`
		StatementTime float64 `json:"statement_time_ms"`
	}{jsonfile.Schema, path, p.Connections, p.Replicas, p.RoundTrip.Seconds() * 1000, p.Statement.Seconds() * 1000}, linesOf("series", list, func(s capacity.Series) any { return s }))
}
