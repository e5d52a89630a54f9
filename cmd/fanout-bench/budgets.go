package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/savefile"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// acceptBudgets writes the baseline with the budgets in specs.
func acceptBudgets(cmd *cobra.Command, to savefile.Target, subject report.Subject, baseline report.File, specs []string, reason string) error {
	if len(baseline.Rows) == 0 {
		return exit.With(exit.NoData, errNoBaseline)
	}
	for _, spec := range specs {
		b, remove, err := parseBudget(spec)
		if err == nil && !remove && reason == "" {
			err = errors.New("a budget needs --reason")
		}
		if err == nil && !remove {
			b.Reason = reason
			err = b.Validate()
		}
		if err == nil && !remove {
			err = limits(subject, b)
		}
		if err != nil {
			return exit.With(exit.Usage, fmt.Errorf("--budget %q: %w", spec, err))
		}
		before := len(baseline.Budgets)
		baseline.Budgets = slices.DeleteFunc(baseline.Budgets, func(old report.Budget) bool { return sameSubject(b, old) })
		switch {
		case !remove:
			baseline.Budgets = append(baseline.Budgets, b)
		case len(baseline.Budgets) == before:
			return exit.With(exit.Usage, fmt.Errorf("--budget %q: no such budget to remove", spec))
		}
	}
	if err := to.Save(baseline.Write); err != nil {
		return err
	}
	for _, b := range baseline.Budgets {
		subject := strings.TrimSpace(b.Version + " " + b.Scenario + " " + string(b.Metric))
		line := fmt.Sprintf("%s: at most %s (%s)", subject, findings.Limit(b, "N"), b.Reason)
		if _, err := fmt.Fprintln(cmd.OutOrStdout(), term.Printable(line, 0)); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "Budgets in %s: %d.\n", to.Name, len(baseline.Budgets))
	return err
}

// sameSubject reports whether both limit the same metric of the same scenario and version.
func sameSubject(b, o report.Budget) bool {
	return b.Scenario == o.Scenario && b.Version == o.Version && b.Metric == o.Metric
}

// parseBudget parses "SCENARIO METRIC max=30 per_n=1 version=NAME", with "none" for the limits to
// remove a budget.
func parseBudget(spec string) (b report.Budget, remove bool, err error) {
	fields := strings.Fields(spec)
	if len(fields) < 3 {
		return b, false, errors.New("a budget has a scenario, a metric and a limit, as in 'agents sql max=30'")
	}
	b.Scenario, b.Metric = fields[0], tracer.Metric(fields[1])
	if !slices.Contains(report.CostMetrics(), b.Metric) {
		return b, false, fmt.Errorf("no metric %q; valid: %s", b.Metric, joined(report.CostMetrics()))
	}
	for _, field := range fields[2:] {
		key, value, _ := strings.Cut(field, "=")
		switch key {
		case "none":
			remove = true
		case "version":
			b.Version = value
		case "max", "per_n":
			n, err := strconv.Atoi(value)
			if err != nil || n < 0 {
				return b, false, fmt.Errorf("%s is %q, which is not a count", key, value)
			}
			if key == "max" {
				b.Max = &n
			} else {
				b.PerN = &n
			}
		default:
			return b, false, fmt.Errorf("unknown field %q; valid: max=COUNT, per_n=COUNT, version=NAME, none", field)
		}
	}
	if limited := b.Max != nil || b.PerN != nil; limited == remove {
		return b, false, errors.New("a budget has either limits (max=30, per_n=1) or none")
	}
	return b, remove, nil
}
