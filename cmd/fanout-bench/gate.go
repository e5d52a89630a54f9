package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/proof"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/ci"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/json"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/markdown"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/page"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/savefile"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/probe"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

func newGateCommand(path *scenarios.Path) *cobra.Command {
	var (
		measured measurement
		out      output
		metrics  []string
		ratchet  bool
		prove    bool
		exitZero bool
	)
	cmd := &cobra.Command{
		Use:   "gate [-- COMMAND]",
		Short: "Measure, compare with the baseline, and fail on regressions",
		Long: `Gate measures what the baseline holds and fails, with exit status 1, if anything
costs more, grows faster with N, or comes to another outcome. It explains each
failure: what grew, by how much, which statements and checks, and which code asks
for them. Counts are compared exactly. Budgets in the baseline, which 'fanout-bench
accept --budget' writes, replace what was measured as the limit. With --prove it also
shows that it can fail.

With a command after --, it runs that instead of measuring the built-in case, and
judges the results that its tests collect by package fanouttest:

  fanout-bench gate -- go test ./...

With --db, --database-url or --image, and where there is nothing but Docker, the
tests of the command share one server, which is started for them.`,
		Args: onlyCommand,
	}
	measured.addFlags(cmd)
	measured.addVersionFlag(cmd)
	baselineFile := addBaselineFlag(cmd)
	cmd.Flags().StringSliceVar(&metrics, "metric", nil, "judge only these `names` (default all): "+joined(report.CostMetrics()))
	cmd.Flags().BoolVar(&ratchet, "ratchet", false, "fail, with exit status 5, on improvements that were not accepted")
	cmd.Flags().BoolVar(&prove, "prove", false, "check the gate itself: add a statement, one for each N, and a check in further runs, and fail if one goes unnoticed")
	cmd.Flags().BoolVar(&exitZero, "exit-zero", false, "report regressions, and do not fail because of them")
	out.addFlags(cmd, formatJUnit, formatMarkdown)
	cmd.Flags().String("summary", "", "write the verdict as Markdown for a pull request to `FILE`")
	cmd.Flags().String("page", "", "write the whole report as an HTML page to `FILE`")
	cmd.Flags().String("save", "", "write the results, with call trees, to `FILE` as JSON, if every cell was measured")
	cmd.RunE = func(cmd *cobra.Command, argv []string) error {
		costs, err := chosenMetrics(metrics, cmd.Flags().Changed("metric"))
		if err != nil {
			return withStatus(statusUsage, err)
		}
		if prove && !provable(costs) {
			return withStatus(statusUsage, fmt.Errorf("--prove adds statements and checks, and --metric judges only %s; leave out one of them", joined(costs)))
		}
		if prove {
			measured.probes = probe.All()
		}
		files, err := savefile.OfFlags(cmd, *baselineFile, "summary", "page", "save")
		if err != nil {
			return withStatus(statusUsage, err)
		}
		document, accept, failure := gated(cmd, path, &measured, argv, *baselineFile, costs)
		if document == nil {
			return failure
		}
		rows := document.Measured
		// First, so that the files are there even if nobody reads what is printed.
		if failure != nil || hasFailure(rows) {
			delete(files, "save") // a file with holes would pass for complete
		}
		var unsaved error
		for _, f := range []struct {
			flag  string
			write func(io.Writer) error
		}{
			{"summary", plain(markdown.Write, *document)},
			{"page", func(w io.Writer) error { return page.HTML(w, *document, nil) }},
			{"save", rows.Write},
		} {
			if file, ok := files[f.flag]; ok { // the others are written also if one cannot be
				unsaved = errors.Join(unsaved, file.Save(f.write))
			}
		}
		if unsaved != nil {
			return errors.Join(failure, unsaved)
		}
		if err := out.writeDocument(cmd, *document); err != nil {
			return errors.Join(failure, err)
		}
		if err := announce(cmd.Context(), cmd.ErrOrStderr(), *document); err != nil {
			return errors.Join(failure, err)
		}
		return errors.Join(failure, verdictError(document.Judgment, accept, len(argv) > 0, ratchet, exitZero))
	}
	return cmd
}

// gated returns what is to be said of what was measured, or of what a command has
// collected, the command that accepts it, and why some of it could not be measured. The
// document is nil if there is nothing to say but that.
func gated(cmd *cobra.Command, path *scenarios.Path, m *measurement, argv []string, file string, costs []tracer.Metric) (document *view.Document, accept string, failure error) {
	if len(argv) > 0 {
		return gatedCollection(cmd, m, argv, file, costs)
	}
	selected, err := m.cells(cmd, path)
	if err != nil {
		return nil, "", err
	}
	subject := subjectOf(path)
	baseline, err := readBaseline(cmd.Context(), file, subject)
	if err != nil {
		return nil, "", err
	}
	if err := checkBudgets(file, subject, baseline); err != nil {
		return nil, "", err
	}
	cells, covered := judged(path, m.selection, selected, baseline)
	m.stacks = true
	results, failure := m.measure(cmd, path, cells)
	var misused *statusError
	if cmd.Context().Err() != nil || errors.As(failure, &misused) && misused.status == statusUsage {
		return nil, "", failure
	}
	var otherwise *outcomeError
	if errors.As(failure, &otherwise) {
		failure = nil // it is a finding
	}
	failed := notAmong(cells, results)
	measured := m.rows(path, results)
	measured.Whole = true // the baseline is cut to what is selected
	whole := view.NewDocument(view.Measured(), label(file), without(covered, failed), measured, nil, costs)
	whole.Unmeasured = failed
	if failure == nil && otherwise == nil && m.probes != nil {
		prove(cmd, &whole, baseline, probedRows(measured.Subject, results, m.probed), costs)
	}
	return &whole, "fanout-bench accept", failure
}

func gatedCollection(cmd *cobra.Command, m *measurement, argv []string, file string, costs []tracer.Metric) (*view.Document, string, error) {
	collected, err := m.collect(cmd, argv)
	if err != nil {
		return nil, "", err
	}
	baseline, err := readBaseline(cmd.Context(), file, collected.rows.Subject)
	if errors.Is(err, errNoBaseline) {
		return nil, "", withStatus(statusNoData, fmt.Errorf("%s: there is no baseline; write it with '%s', then commit the file", file, collected.again("accept")))
	}
	if err != nil {
		return nil, "", err
	}
	// Of packages whose tests did not run as well.
	all := collected.rows
	all.Add(baseline)
	if err := checkBudgets(file, all.Subject, baseline); err != nil {
		return nil, "", err
	}
	if collected.failed != nil {
		fmt.Fprintln(cmd.ErrOrStderr(), "Tests failed. What was collected is judged, as it tells of an error that Run returned.")
		baseline.Rows = slices.DeleteFunc(slices.Clone(baseline.Rows), func(r report.Row) bool {
			_, ok := collected.rows.Find(r.Scenario, r.N, r.Version)
			return !ok
		})
	}
	document := view.NewDocument(view.Collected(collected.again("accept --reason '…'")), label(file), baseline, collected.rows, nil, costs)
	if m.probes != nil && collected.failed == nil {
		prove(cmd, &document, baseline, collected.probed, costs)
	}
	return &document, collected.again("accept"), nil
}

// prove tells what the gate sees, or has the document say that it is blind.
func prove(cmd *cobra.Command, d *view.Document, baseline report.File, probed map[probe.Probe]report.File, costs []tracer.Metric) {
	proof := proof.Prove(baseline, d.Measured, probed, costs)
	d.ProofFailure = proof.Failure
	fmt.Fprint(cmd.ErrOrStderr(), proof.Summary())
}

// provable reports whether any of the metrics is one that probes add to.
func provable(metrics []tracer.Metric) bool {
	return slices.ContainsFunc(probe.All(), func(p probe.Probe) bool { return slices.Contains(metrics, p.Metric()) })
}

// probedRows returns the rows of the runs with each probe.
func probedRows(subject report.Subject, results []scenarios.Result, probed *probe.Runs) map[probe.Probe]report.File {
	rows := make(map[probe.Probe]report.File)
	for _, p := range probed.Probes() {
		var with []scenarios.Result
		for _, result := range results {
			if recording, ok := probed.Of(result.Cell, p); ok {
				result.Recording = recording
				with = append(with, result)
			}
		}
		rows[p] = report.NewFile(subject, with)
	}
	return rows
}

func chosenMetrics(names []string, given bool) ([]tracer.Metric, error) {
	if !given {
		return report.CostMetrics(), nil
	}
	var metrics []tracer.Metric
	for _, name := range names {
		m := tracer.Metric(strings.TrimSpace(name))
		if !slices.Contains(report.CostMetrics(), m) {
			return nil, fmt.Errorf("--metric %q; valid: %s", name, joined(report.CostMetrics()))
		}
		if !slices.Contains(metrics, m) {
			metrics = append(metrics, m)
		}
	}
	if len(metrics) == 0 {
		return nil, errors.New("--metric selects nothing; leave it out to judge all")
	}
	return metrics, nil
}

// notAmong returns the cells that have no result.
func notAmong(cells []scenarios.Cell, results []scenarios.Result) []scenarios.Cell {
	return slices.DeleteFunc(slices.Clone(cells), func(cell scenarios.Cell) bool {
		return slices.ContainsFunc(results, func(r scenarios.Result) bool { return r.Cell == cell })
	})
}

// without leaves out the rows of cells that failed: those are not missing.
func without(baseline report.File, failed []scenarios.Cell) report.File {
	baseline.Rows = slices.DeleteFunc(slices.Clone(baseline.Rows), func(row report.Row) bool { return slices.Contains(failed, row.Cell()) })
	return baseline
}

func (o *output) writeDocument(cmd *cobra.Command, d view.Document) error {
	switch o.format.value {
	case formatJUnit:
		return writeWhole(cmd.OutOrStdout(), func(w io.Writer) error { return ci.JUnit(w, d.Judgment, d.Advice) })
	case formatMarkdown:
		return writeWhole(cmd.OutOrStdout(), plain(markdown.Write, d))
	default:
		return o.write(cmd.OutOrStdout(), func(w io.Writer, style term.Style) error { return findings.Write(w, d.Judgment, d.Advice, style) }, plain(json.Judgment, d.Judgment))
	}
}

// verdictError turns a judgment, perhaps of what a command has collected, into the exit
// status that it leads to.
func verdictError(j report.Judgment, accept string, collected, ratchet, exitZero bool) error {
	switch {
	case j.ProofFailure != "":
		return withStatus(statusNotMeasured, errors.New(term.Printable(j.ProofFailure, 0)))
	case j.Outdated():
		message := "the baseline is about other cells than were measured; " +
			"bring it up to date with '" + accept + "', and '--prune' for what is gone"
		if collected {
			message = partlyCollected(j, accept)
		}
		if len(j.Failing()) > 0 {
			message = "regressions, which are told above, and " + message
		}
		return withStatus(statusNoData, errors.New(message))
	case exitZero:
		return nil
	case len(j.Failing()) > 0:
		return withStatus(statusRegression, errors.New(""))
	case ratchet && j.Improved():
		return withStatus(statusImproved, errors.New("better than the baseline; keep it so with '"+accept+"'"))
	default:
		return nil
	}
}

// partlyCollected says what to do about a baseline of other cells than a command has
// collected. It may have run a part of the tests, of which --prune would remove the rest:
// so no command line with --prune is there to be copied.
func partlyCollected(j report.Judgment, accept string) string {
	added := "accept what is new with '" + accept + "'"
	if j.Count(report.Missing) == 0 {
		return "the baseline lacks cells that were measured; " + added
	}
	message := "the baseline is about cells that were not measured, as where a part of the tests ran: have the command run them all first. " +
		"What is missing then is gone from the code, and 'accept' with '--prune' before the -- removes it"
	if j.Count(report.Added) > 0 {
		message += "; " + added
	}
	return message
}

func joined(metrics []tracer.Metric) string {
	var names []string
	for _, m := range metrics {
		names = append(names, string(m))
	}
	return strings.Join(names, ", ")
}
