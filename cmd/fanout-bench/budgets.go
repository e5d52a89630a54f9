package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// setBudgets changes the budgets of the baseline as specs say.
func setBudgets(baseline *report.File, subject report.Subject, specs []string, reason string) error {
	for _, spec := range specs {
		b, remove, err := parseBudget(spec)
		switch {
		case err != nil, remove:
		case reason == "":
			err = errors.New("a budget needs --reason")
		default:
			b.Reason = reason
			if err = b.Validate(); err == nil {
				err = limits(subject, b)
			}
		}
		same := func(old report.Budget) bool { return sameSubject(b, old) }
		if err == nil && remove && !slices.ContainsFunc(baseline.Budgets, same) {
			err = errors.New("no such budget to remove")
		}
		if err != nil {
			return fmt.Errorf("--budget %q: %w", spec, err)
		}
		baseline.Budgets = slices.DeleteFunc(baseline.Budgets, same)
		if !remove {
			baseline.Budgets = append(baseline.Budgets, b)
		}
	}
	return nil
}

// writeBudgets lists the budgets of the file name.
func writeBudgets(w io.Writer, name string, budgets []report.Budget) error {
	for _, b := range budgets {
		subject := strings.TrimSpace(b.Version + " " + b.Scenario + " " + string(b.Metric))
		line := fmt.Sprintf("%s: at most %s (%s)", subject, findings.Limit(b, "N"), b.Reason)
		if _, err := fmt.Fprintln(w, term.Printable(line, 0)); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "Budgets in %s: %d.\n", name, len(budgets))
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
