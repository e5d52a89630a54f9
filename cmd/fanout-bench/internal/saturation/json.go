package saturation

import (
	"io"
	"math"
	"strconv"
	"time"

	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
)

const saturationSchema = 1

// A Saved is what [Results.JSON] wrote.
type Saved struct {
	Schema   int                 `json:"schema"`
	Path     string              `json:"path"`
	Workload string              `json:"workload"`
	N        int                 `json:"n"`
	Load     saturationLoadJSON  `json:"load"`
	Rows     []saturationRowJSON `json:"rows"`
}

type saturationLoadJSON struct {
	Pool     int     `json:"pool"`
	Latency  float64 `json:"latency_ms"`
	Deadline float64 `json:"deadline_ms"`
	Rate     int     `json:"rate"`
	Duration float64 `json:"duration_ms"`
}

type saturationRowJSON struct {
	Version     string             `json:"version"`
	Sent        int                `json:"sent"`
	OK          int                `json:"ok"`
	Failed      int                `json:"failed"`
	Statuses    map[string]int     `json:"statuses"`
	Failures    map[string]int     `json:"failures"`
	Latency     quantilesJSON      `json:"latency_ms"`
	SQL         int                `json:"sql"`
	RBAC        int                `json:"rbac"`
	Acquires    int                `json:"acquires"`
	MaxHeld     int                `json:"max_held"`
	Status      int                `json:"status"`
	Held        float64            `json:"held_ms"`
	UnderLoad   float64            `json:"held_under_load_ms"`
	Predicted   float64            `json:"predicted_capacity"`
	Measured    float64            `json:"measured_capacity"`
	Pool        saturationPoolJSON `json:"pool"`
	Victim      victimJSON         `json:"victim"`
	Late        float64            `json:"late_ms"`
	Timeline    []intervalJSON     `json:"timeline"`
	Verdict     Verdict            `json:"verdict"`
	Reason      string             `json:"reason,omitempty"`
	Interrupted bool               `json:"interrupted"`
}

type saturationPoolJSON struct {
	Acquires  int           `json:"acquires"`
	Empty     int           `json:"empty"`
	Canceled  int           `json:"canceled"`
	Wait      quantilesJSON `json:"wait_ms"`
	Destroyed int           `json:"destroyed"`
	Opened    int           `json:"opened"`
}

type victimJSON struct {
	Sent    int           `json:"sent"`
	OK      int           `json:"ok"`
	Latency quantilesJSON `json:"latency_ms"`
}

type intervalJSON struct {
	Sent   int `json:"sent"`
	OK     int `json:"ok"`
	Failed int `json:"failed"`
}

type quantilesJSON struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

var causeKeys = map[Cause]string{
	AcquireTimedOut: "acquire_timed_out",
	QueryCanceled:   "query_canceled",
	OtherCause:      "other",
}

// JSON writes what the versions did as one JSON object.
func (s Results) JSON(w io.Writer) error {
	file := Saved{
		Schema: saturationSchema, Path: s.Path, Workload: s.Workload, N: s.N,
		Load: saturationLoadJSON{
			Pool: s.Load.Pool, Latency: inMilliseconds(s.Load.Latency), Deadline: inMilliseconds(s.Load.Deadline),
			Rate: s.Load.Rate, Duration: inMilliseconds(s.Load.Duration),
		},
		Rows: []saturationRowJSON{},
	}
	for _, run := range s.Runs {
		file.Rows = append(file.Rows, newSaturationRow(run))
	}
	return jsonfile.WriteIndented(w, file)
}

func newSaturationRow(run Run) saturationRowJSON {
	verdict, reason := run.Verdict()
	row := saturationRowJSON{
		Version: run.Version, Sent: run.Sent, OK: run.OK(), Failed: run.Failed(),
		Statuses: map[string]int{}, Failures: map[string]int{},
		Latency: newQuantiles(run.Latency),
		SQL:     run.Cost.SQL, RBAC: run.Cost.RBAC, Acquires: run.Cost.Acquires, MaxHeld: run.Cost.MaxHeld,
		Status: run.Status, Held: inMilliseconds(run.Held), UnderLoad: inMilliseconds(run.HeldUnderLoad),
		Predicted: thousandths(run.Capacity()), Measured: thousandths(run.Measured),
		Pool: saturationPoolJSON{
			Acquires: run.Pool.Acquires, Empty: run.Pool.Empty, Canceled: run.Pool.Canceled,
			Wait: newQuantiles(run.Pool.Wait), Destroyed: run.Pool.Destroyed, Opened: run.Pool.Opened,
		},
		Victim:   victimJSON{run.Victim.Sent, run.Victim.OK, newQuantiles(run.Victim.Latency)},
		Late:     inMilliseconds(run.Late),
		Timeline: []intervalJSON{},
		Verdict:  verdict, Reason: reason, Interrupted: run.Interrupted,
	}
	for status, count := range run.Statuses {
		row.Statuses[strconv.Itoa(status)] = count
	}
	for _, cause := range Causes() {
		row.Failures[causeKeys[cause]] = run.Failures[cause]
	}
	for _, interval := range run.Timeline {
		row.Timeline = append(row.Timeline, intervalJSON(interval))
	}
	return row
}

func newQuantiles(q Quantiles) quantilesJSON {
	return quantilesJSON{inMilliseconds(q.P50), inMilliseconds(q.P95), inMilliseconds(q.P99), inMilliseconds(q.Max)}
}

func inMilliseconds(d time.Duration) float64 { return thousandths(float64(d) / 1e6) }

func thousandths(f float64) float64 { return math.Round(f*1000) / 1000 }
