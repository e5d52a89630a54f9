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

// failure returns the gate's findings as an error. limit is what the counts exceed, and otherwise
// is how the baseline differs in its cells, or "".
func failure(j findings.Judgment, limit, remedy, otherwise string) error {
	if err := j.Lost(); err != nil {
		return err
	}
	advice := findings.Advice{Accept: func([]findings.Finding) []string { return []string{remedy} }}
	if len(j.Failing()) == 0 && !j.Outdated() {
		return nil
	}
	what, text := "counts exceed "+limit, findings.Text(j, advice, term.Style{}, true)
	if len(j.Failing()) == 0 {
		what = "the baseline is outdated"
		text += fmt.Sprintf("\nThe baseline is %s; write it again: %s\n", otherwise, remedy)
	}
	return errors.New(what + "\n" + strings.TrimRight(text, "\n"))
}
