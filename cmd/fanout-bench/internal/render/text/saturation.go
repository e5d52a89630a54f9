package text

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/internal/underload"
)

// saturatedNameWidth is where the name of a version is cut beside many figures.
const saturatedNameWidth = 20

// Saturation shows what happened to the versions for a terminal of 80 columns.
func Saturation(s saturation.Results, style term.Style) string {
	text := fmt.Sprintf("%s under load, workload %s, N=%d\nN: %s\n", style.Paint(term.Bold, term.Printable(s.Path, 0)),
		style.Paint(term.Bold, term.Printable(s.Workload, 0)), s.N, term.Printable(s.Counting, 0))
	text += fmt.Sprintf("To each version: %d requests/s for %v. %s, %v for a round trip,\ndeadline %v.\n",
		s.Load.Rate, s.Load.Duration, term.Count(s.Load.Pool, "connection", "connections"), s.Load.Latency, s.Load.Deadline)
	text += fmt.Sprintf("Holds: up to %d %% failed. Collapses: %d %% or more. Between them: degraded.\n"+
		"Carried, predicted: requests/s at the limit. Room: carried ÷ offered.\n\n", saturation.MostHolds, saturation.LeastCollapses)
	const together = 3 // intervals in a column
	scale := together * busiest(s)
	t := &table{header: slices.Concat(left("version"), right("failed", "carried", "predicted", "room"), left("verdict", "foretold", "when"))}
	var notes []string
	for _, run := range s.Runs {
		name := term.Printable(run.Version, 13)
		cells := []string{name, fmt.Sprintf("%.1f %%", 100*float64(run.Failed)/float64(max(run.Sent, 1))), "-", run.Expected(), "-"}
		if run.Measured > 0 {
			cells[2], cells[4] = fmt.Sprintf("%.0f", run.Measured), times(run.Room())
		}
		var failed []int
		for several := range slices.Chunk(run.Timeline, together) {
			sum := 0
			for _, interval := range several {
				sum += interval.Failed
			}
			failed = append(failed, sum)
		}
		t.add(append(cells, saturated(style, run.Verdict), cmp.Or(string(run.Foretold), "-"), style.Paint(term.Red, sparkline(failed, scale)))...)
		if run.Reason != "" {
			notes = append(notes, fmt.Sprintf("%s: %s", name, run.Reason))
		}
	}
	return text + t.noted(notes)
}

// SaturationDetails shows the rest too, for a terminal of 120 columns.
func SaturationDetails(s saturation.Results, style term.Style) string {
	return Saturation(s, style) + answers(s) + needs(s) + pool(s) + timeline(s, style)
}

func answers(s saturation.Results) string {
	const text = "\nAnswers. Failed: without a connection in time, with a statement canceled, otherwise. Latency in ms.\n\n"
	t := &table{header: slices.Concat(left("version"), right("sent", "200", "failed", "no conn.", "canceled", "other", "p50", "p95", "p99", "max"))}
	var notes []string
	for _, run := range s.Runs {
		cells := []string{term.Printable(run.Version, saturatedNameWidth), fmt.Sprint(run.Sent), fmt.Sprint(run.OK), fmt.Sprint(run.Failed)}
		for _, cause := range underload.Causes() {
			cells = append(cells, fmt.Sprint(run.Failures[cause]))
		}
		for _, latency := range []saturation.Milliseconds{run.Latency.P50, run.Latency.P95, run.Latency.P99, run.Latency.Max} {
			cells = append(cells, milliseconds(latency))
		}
		t.add(cells...)
		for _, status := range slices.Sorted(maps.Keys(run.Statuses)) {
			answer := fmt.Sprintf("answered %d", status)
			switch status {
			case 200, 500:
				continue // they have columns
			case 0:
				answer = "not answered"
			}
			notes = append(notes, fmt.Sprintf("%s, %s: %s", term.Printable(run.Version, saturatedNameWidth), answer, term.Count(run.Statuses[status], "request", "requests")))
		}
	}
	return text + t.noted(notes)
}

func needs(s saturation.Results) string {
	const text = "\nWhat one request needs: counts, which are exact, and ms on connections: at rest, with all of them in use, under\n" +
		"the load. How late the load generator was, in ms, and what else the machine had to do before and after.\n\n"
	t := &table{header: slices.Concat(left("version"), right("SQL", "RBAC", "acquires", "held at once", "rest", "in use", "load", "late"), left("others"))}
	for _, run := range s.Runs {
		var others []string
		for _, check := range run.Machine {
			others = append(others, check.String())
		}
		t.add(term.Printable(run.Version, saturatedNameWidth), fmt.Sprint(run.SQL), fmt.Sprint(run.RBAC), fmt.Sprint(run.Acquires), fmt.Sprint(run.MaxHeld),
			milliseconds(run.Held), milliseconds(run.HeldBusy), milliseconds(run.HeldUnderLoad), milliseconds(run.Late), strings.Join(others, ", "))
	}
	return text + t.String()
}

func pool(s saturation.Results) string {
	const text = "\nThe pool under load, and a victim of it: SELECT 1 beside the load. Times in ms.\n\n"
	t := &table{header: slices.Concat(left("version"), right("acquires", "waited", "gave up", "wait p50", "p99", "destroyed", "opened", "victim", "failed", "p99"))}
	for _, run := range s.Runs {
		t.add(term.Printable(run.Version, saturatedNameWidth),
			fmt.Sprint(run.Pool.Acquires), fmt.Sprint(run.Pool.Empty), fmt.Sprint(run.Pool.Canceled),
			milliseconds(run.Pool.Wait.P50), milliseconds(run.Pool.Wait.P99),
			fmt.Sprint(run.Pool.Destroyed), fmt.Sprint(run.Pool.Opened),
			fmt.Sprint(run.Victim.Sent), fmt.Sprint(run.Victim.Failed()), milliseconds(run.Victim.Latency.P99))
	}
	return text + t.String()
}

func timeline(s saturation.Results, style term.Style) string {
	scale := busiest(s)
	if scale == 0 {
		return ""
	}
	text := fmt.Sprintf("\nOver time, a column for each %v, and one for what came after; █ is %s or more.\n\n",
		s.Load.IntervalLength(), term.Count(scale, "request", "requests"))
	t := &table{header: left("version", "answered 200", "failed")}
	for _, run := range s.Runs {
		var answered, failed []int
		for _, interval := range run.Timeline {
			answered, failed = append(answered, interval.OK), append(failed, interval.Failed)
		}
		t.add(term.Printable(run.Version, saturatedNameWidth), style.Paint(term.Green, sparkline(answered, scale)), style.Paint(term.Red, sparkline(failed, scale)))
	}
	return text + t.String()
}

// sparkline draws values, with scale and above as a full block. Nothing is a dot, and
// something never looks like it.
func sparkline(values []int, scale int) string {
	levels := []rune("▁▂▃▄▅▆▇█")
	var b strings.Builder
	for _, v := range values {
		if v == 0 {
			b.WriteRune('·')
			continue
		}
		b.WriteRune(levels[(min(v, scale)*len(levels)+scale-1)/scale-1])
	}
	return b.String()
}

// saturated is v, in capitals where it is bad news.
func saturated(s term.Style, v saturation.Verdict) string {
	switch v {
	case saturation.Holds:
		return s.Paint(term.Green, string(v))
	case saturation.NoVerdict:
		return s.Paint(term.Faint, string(v))
	default:
		return s.Paint(term.Red, strings.ToUpper(string(v)))
	}
}

func times(f float64) string {
	if f < 10 {
		return fmt.Sprintf("%.1f×", f)
	}
	return fmt.Sprintf("%.0f×", f)
}

func milliseconds(m saturation.Milliseconds) string { return fmt.Sprintf("%.1f", m) }

// busiest is the most requests that any version answered, or failed, in one interval of the
// load. What came after it is longer than that.
func busiest(s saturation.Results) int {
	most := 0
	for _, run := range s.Runs {
		for _, interval := range run.Timeline[:max(len(run.Timeline)-1, 0)] {
			most = max(most, interval.OK, interval.Failed)
		}
	}
	return most
}
