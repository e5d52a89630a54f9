package fanouttest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/merge"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

func judge(baseline, measured report.File, metrics []tracer.Metric) findings.Judgment {
	return findings.Judge(merge.Shortened(baseline, measured.Name), merge.Shortened(measured, measured.Name), metrics)
}

// failure returns what the gate would fail for, as it tells it. otherwise says in what the
// baseline is about something else, if it is.
func failure(j findings.Judgment, remedy, otherwise string) error {
	if err := j.Lost(); err != nil {
		return err
	}
	advice := findings.Advice{Accept: func([]findings.Finding) []string { return []string{remedy} }}
	if len(j.Failing()) == 0 && !j.Outdated() {
		return nil
	}
	var text strings.Builder
	if err := findings.Write(&text, j, advice, term.Style{}, true); err != nil {
		return err
	}
	if len(j.Failing()) == 0 {
		fmt.Fprintf(&text, "\nThe baseline is %s; write it anew: %s\n", otherwise, remedy)
	}
	return errors.New("the counts are not what they may be\n" + strings.TrimRight(text.String(), "\n"))
}
