package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/collect"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/interrupt"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/proof"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/ci"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/json"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/markdown"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/page"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/savefile"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/merge"
	"github.com/fanout-bench/fanout-bench/internal/probe"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/internal/testbaseline"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

func newGateCommand(path *scenarios.Path) *cobra.Command {
	var (
		measured measurement
		out      output
		metrics  []string
		prove    bool
		outcome  outcome
		base     string
		baseFile string
	)
	cmd := &cobra.Command{
		Use:   "gate [FILE|FOLDER...] [-- COMMAND]",
		Short: "Measure, compare with the baseline, and fail on regressions",
		Long: `Gate measures, compares with the baseline, and fails with exit status 1 if anything costs
more, grows faster with N, or ends differently. It compares counts exactly. It names the
causes: new call sites and call sites that ask more often, with their queries and growth.

With a command after --, it runs that command and compares what its tests measure with the
baselines beside them. It lists scenarios that did not run, and those that could not be
measured with the reason, and judges the others. Without a command, it compares the built-in
case with --baseline.

With --base it needs no baseline: it also runs the command at the merge base with another
branch, in a git worktree, and compares with the results.

With files it does not measure. It judges what 'fanout-bench run --save' wrote, such as the
parts of a run on several machines.

With --prove it checks the gate itself: it adds a query, one for each N, and a check,
measures again, and fails if the gate does not notice each of them.

` + serverOfTests,
		Example: `  fanout-bench gate -- go test ./...
  fanout-bench gate --summary comment.md --page report.html -- go test ./...
  fanout-bench gate --base origin/main -- go test ./...
  fanout-bench gate part-1.json part-2.json
  fanout-bench gate --prove                   # the built-in case and results/baseline.json`,
	}
	measured.addFlags(cmd)
	measured.addVersionFlag(cmd)
	baselineFile := addBaselineFlag(cmd)
	cmd.Flags().StringSliceVar(&metrics, "metric", nil, "judge only these `names` (default all): "+joined(report.CostMetrics()))
	cmd.Flags().StringVar(&base, "base", "", "compare with the merge base of HEAD and `REF`, instead of a baseline")
	cmd.Flags().StringVar(&baseFile, "base-results", "", "compare with the results in `FILE`, saved before the change, instead of a baseline")
	outcome.addFlags(cmd)
	cmd.Flags().BoolVar(&prove, "prove", false, "check the gate itself: add queries and a check, and fail if it misses one")
	out.addFlags(cmd, formatJUnit, formatMarkdown)
	cmd.Flags().BoolVarP(&out.details, "details", "v", false, "list all causes, and all scenarios that each affects")
	cmd.Flags().String("summary", "", "write the verdict to `FILE` as Markdown, for a pull request")
	cmd.Flags().String("page", "", "write the whole report to `FILE` as an HTML page")
	cmd.Flags().String("save", "", "write the results with call trees to `FILE`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		names, argv, err := filesAndCommand(cmd, args)
		if err != nil {
			return exit.With(exit.Usage, err)
		}
		costs, err := chosenMetrics(metrics, cmd.Flags().Changed("metric"))
		if err != nil {
			return exit.With(exit.Usage, err)
		}
		if prove && !provable(costs) {
			return exit.With(exit.Usage, fmt.Errorf("--prove adds statements and checks, but --metric judges only %s;\nremove one of the flags", joined(costs)))
		}
		if prove {
			measured.probes = probe.All()
		}
		files, err := savefile.OfFlags(cmd, *baselineFile, "summary", "page", "save")
		if err != nil {
			return exit.With(exit.Usage, err)
		}
		g := gate{path: path, metrics: costs, file: *baselineFile, complete: outcome.complete, base: base, baseFile: baseFile}
		if count([]string{"base", "base-results", "baseline"}, cmd.Flags().Changed) > 1 {
			return exit.With(exit.Usage, errors.New("use only one of --base, --base-results and --baseline"))
		}
		if outcome.complete && (base != "" || baseFile != "") {
			return exit.With(exit.Usage, errors.New("--complete needs a baseline; remove it, or --base and --base-results"))
		}
		if outcome.exitZero && outcome.bisect {
			return exit.With(exit.Usage, errors.New("--exit-zero and --bisect set the exit status; remove one"))
		}
		if (base != "" || baseFile != "") && len(argv) == 0 && (base != "" || len(names) == 0) {
			return exit.With(exit.Usage, errors.New("--base and --base-results need a command after --,\nsuch as 'go test ./...'"))
		}
		switch {
		case len(names) > 0:
			err = g.files(cmd, &measured, names)
		case len(argv) > 0:
			err = g.collected(cmd, &measured, argv)
		default:
			err = g.builtIn(cmd, &measured)
		}
		if err != nil {
			status := exit.Of(err, exit.NotMeasured)
			if file, ok := files["summary"]; ok && status != exit.Usage && cmd.Context().Err() == nil {
				// An earlier one would look like the verdict.
				err = errors.Join(err, file.Save(func(w io.Writer) error { return markdown.Nothing(w, status) }))
			}
			return outcome.of(err)
		}
		return outcome.of(errors.Join(g.failure, g.document.Lost(), g.tell(cmd, files, &out), g.verdict(outcome.ratchet)))
	}
	return cmd
}

// A gate compares results with a baseline or a base.
type gate struct {
	path     *scenarios.Path // the built-in case
	metrics  []tracer.Metric
	file     string // the baseline of the built-in case
	complete bool   // treat what was not measured as gone
	base     string // a branch to compare with
	baseFile string // results to compare with

	document view.Document
	results  report.File
	accept   string // the command that accepts results
	tests    bool   // whether results are of tests
	failure  error  // why results are incomplete
}

// builtIn measures the built-in case and compares it with its baseline.
func (g *gate) builtIn(cmd *cobra.Command, m *measurement) error {
	if err := wantsBuiltIn(cmd); err != nil {
		return err
	}
	selected, err := m.cells(cmd, g.path)
	if err != nil {
		return err
	}
	baseline, err := g.baseline(cmd)
	if err != nil {
		return err
	}
	cells, covered := judged(g.path, m.selection, selected, baseline)
	m.stacks = true
	results, failure := m.measure(cmd, g.path, cells)
	if cmd.Context().Err() != nil || exit.Of(failure, exit.OK) == exit.Usage {
		return failure
	}
	var otherwise *outcomeError
	if errors.As(failure, &otherwise) {
		failure = nil // it is a finding
	}
	failed := notAmong(cells, results)
	measured := m.rows(g.path, results)
	measured.Whole = true // covered has only what is selected
	g.results, g.failure, g.accept = measured, failure, "fanout-bench accept"
	g.document = view.NewDocument(view.Measured(), label(g.file), without(covered, failed), measured, nil, g.metrics)
	g.document.Unmeasured = unmeasured(failed, m.failures)
	if failure == nil && otherwise == nil && m.probes != nil {
		prove(cmd, &g.document, baseline, probedRows(measured.Subject, results, m.probed), g.metrics)
	}
	return nil
}

func (g *gate) baseline(cmd *cobra.Command) (report.File, error) {
	subject := subjectOf(g.path)
	baseline, err := readBaseline(cmd.Context(), g.file, subject)
	if err != nil {
		return report.File{}, err
	}
	return baseline, checkBudgets(g.file, subject, baseline)
}

// collected runs a command and judges what its tests measure.
func (g *gate) collected(cmd *cobra.Command, m *measurement, argv []string) error {
	base, name, err := g.baseResults(cmd, m, argv)
	if err != nil {
		return err
	}
	var found collect.Beside
	if name == "" {
		if found, err = collect.FindBeside(cmd.Context()); err != nil {
			return err
		}
	}
	collected, err := m.collect(cmd, "", argv)
	if err != nil {
		return err
	}
	if name != "" {
		return g.judgeByBase(cmd, base, name, collected)
	}
	return g.judgeTests(cmd, found, collected)
}

// baseResults returns the results and the name of the base, if --base or --base-results is set.
func (g *gate) baseResults(cmd *cobra.Command, m *measurement, argv []string) (base report.File, name string, err error) {
	switch {
	case g.base != "":
		return measureBase(cmd, m, g.base, argv)
	case g.baseFile != "":
		base, err = interrupt.ReadFile(cmd.Context(), g.baseFile, report.Read)
		if err != nil {
			return report.File{}, "", exit.With(exit.Usage, fmt.Errorf("--base-results: %w%w", err, errNoBase))
		}
		return base, label(g.baseFile), nil
	}
	return report.File{}, "", nil
}

// judgeByBase compares the results of tests with those of a base. It lists what only one of them
// has; neither needs to be accepted.
func (g *gate) judgeByBase(cmd *cobra.Command, base report.File, name string, c collection) error {
	partOfBase, partNow := collect.Parts(base), collect.Parts(c.measured)
	var files []report.File
	var added, notRun, unknown []string
	for _, s := range c.measured.Scenarios {
		before := partOfBase(s)
		switch {
		case s.Unmeasured != "", s.Baseline == "": // the test sets its limits
		case base.Scenario(s.Version, s.Name).Unmeasured != "", hasFailure(before):
			unknown = append(unknown, s.Version+" "+s.Name)
		case len(before.Rows) == 0:
			added = append(added, s.Version+" "+s.Name)
		default:
			before.Budgets = nil
			files = append(files, before)
		}
	}
	for _, s := range base.Scenarios {
		if len(partNow(s).Rows) == 0 && c.measured.Scenario(s.Version, s.Name).Unmeasured == "" {
			notRun = append(notRun, s.Version+" "+s.Name)
		}
	}
	for _, list := range []struct {
		what  string
		names []string
	}{{"New, not compared", added}, {"Not measured in the base, not compared", unknown}, {"Measured only in the base", notRun}} {
		if len(list.names) > 0 {
			fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s, %s\n", list.what, term.Count(len(list.names), "scenario", "scenarios"), few(list.names))
		}
	}
	g.results, g.tests, g.failure = c.saved(), true, c.failed
	g.document = c.document(name, merge.Results(testbaseline.OfLimits(c.measured), files...), g.metrics)
	g.document.Advice = view.Based()
	if c.provable() {
		prove(cmd, &g.document, g.document.Baseline, c.shortenedProbes(), g.metrics)
	}
	return nil
}

// judgeTests compares the results of tests with the baselines beside them.
func (g *gate) judgeTests(cmd *cobra.Command, found collect.Beside, c collection) error {
	baseline, notRun, err := found.Judging(cmd.Context(), c.measured, g.complete)
	if len(notRun) > 0 {
		why := "Did not run, not judged"
		if c.failed != nil {
			why = "Did not run or could not be measured, not judged"
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s, %s\n", why, term.Count(len(notRun), "scenario with a baseline", "scenarios with a baseline"), few(notRun))
	}
	if err != nil {
		err = fmt.Errorf("%w:\n%s", err, c.again("accept"))
	}
	g.results, g.tests, g.failure, g.accept = c.saved(), true, errors.Join(c.failed, err), c.again("accept")
	g.document = c.document(besideTests, baseline, g.metrics)
	if c.provable() {
		prove(cmd, &g.document, g.document.Baseline, c.shortenedProbes(), g.metrics)
	}
	return nil
}

// files judges saved results.
func (g *gate) files(cmd *cobra.Command, m *measurement, names []string) error {
	if err := noneChanged(m.flags); err != nil {
		return exit.With(exit.Usage, err)
	}
	_, missing := os.Stat(names[0])
	switch {
	case cmd.Flags().Changed("version"):
		return exit.With(exit.Usage, errors.New("--version does not apply to saved files; remove it"))
	case m.probes != nil:
		return exit.With(exit.Usage, errors.New("--prove does not apply to saved files; use it where you measure"))
	case filepath.Ext(names[0]) != ".json" && missing != nil:
		return exit.With(exit.Usage, fmt.Errorf("unknown argument %q: not a result file;\nput a command that runs tests after --", names[0]))
	}
	measured, err := collect.Files(cmd.Context(), names)
	if err != nil {
		return err
	}
	if isEmpty(measured) {
		return exit.With(exit.NoData, fmt.Errorf("%s: no results", strings.Join(names, ", ")))
	}
	if measured.Name != g.path.Name {
		c := collection{measured: measured, argv: []string{"COMMAND"}}
		if measured.Incomplete {
			c.failed = exit.With(exit.NotMeasured, errors.New("tests failed when these results were saved; they may be incomplete"))
		}
		base, name, err := g.baseResults(cmd, m, nil)
		if err != nil {
			return err
		}
		if name != "" {
			return g.judgeByBase(cmd, base, name, c)
		}
		found, err := collect.FindBeside(cmd.Context())
		if err != nil {
			return err
		}
		return g.judgeTests(cmd, found, c)
	}
	baseline, err := g.baseline(cmd)
	if err != nil {
		return err
	}
	measured.Whole = measured.Whole || g.complete
	g.results, g.accept = measured, "fanout-bench accept"
	if !measured.Whole {
		now := measured.Cells()
		baseline.Rows = slices.DeleteFunc(baseline.Rows, func(row report.Row) bool {
			_, ok := now[row.Cell]
			return !ok
		})
	}
	g.document = view.NewDocument(view.Measured(), label(g.file), baseline, measured, nil, g.metrics)
	return nil
}

// few lists the first of names.
func few(names []string) string {
	const shown = 3
	text := term.Printable(strings.Join(names[:min(shown, len(names))], ", "), 0)
	if len(names) > shown {
		text += fmt.Sprintf(" and %d more", len(names)-shown)
	}
	return text
}

// tell writes the files, and then prints, which may fail.
func (g *gate) tell(cmd *cobra.Command, files map[string]savefile.Target, out *output) error {
	g.document.Source, g.document.Release = source(), release()
	if !g.tests && (g.failure != nil || hasFailure(g.results)) {
		delete(files, "save") // an incomplete file would look complete
	}
	var unsaved error
	for _, f := range []struct {
		flag  string
		write func(io.Writer) error
	}{
		{"summary", plain(markdown.Write, g.document)},
		{"page", func(w io.Writer) error { return page.HTML(w, g.document, nil) }},
		{"save", g.results.Write},
	} {
		if file, ok := files[f.flag]; ok {
			unsaved = errors.Join(unsaved, file.Save(f.write))
		}
	}
	// A file that cannot be written does not take the verdict with it.
	return errors.Join(unsaved, out.writeDocument(cmd, g.document), announce(cmd.Context(), cmd.ErrOrStderr(), g.document))
}

// prove prints what the gate noticed, or adds to the document that it is blind.
func prove(cmd *cobra.Command, d *view.Document, baseline report.File, probed map[probe.Probe]report.File, costs []tracer.Metric) {
	proof := proof.Prove(baseline, d.Measured, probed, costs)
	d.ProofFailure = proof.Failure
	fmt.Fprint(cmd.ErrOrStderr(), proof.Summary())
}

// provable reports whether probes add to any of the metrics.
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
		return nil, errors.New("--metric selects nothing; remove it to judge all")
	}
	return metrics, nil
}

// notAmong returns the cells without a result.
func notAmong(cells []scenarios.Cell, results []scenarios.Result) []scenarios.Cell {
	return slices.DeleteFunc(slices.Clone(cells), func(cell scenarios.Cell) bool {
		return slices.ContainsFunc(results, func(r scenarios.Result) bool { return r.Cell == cell })
	})
}

// unmeasured returns why cells have no result: for each scenario of a version the first reason,
// because its cells usually share it.
func unmeasured(failed []scenarios.Cell, reasons map[scenarios.Cell]string) []findings.Unmeasured {
	var list []findings.Unmeasured
	for i, cell := range failed {
		of := func(c scenarios.Cell) bool { return c.Version == cell.Version && c.Scenario == cell.Scenario }
		if slices.ContainsFunc(failed[:i], of) {
			continue
		}
		reason := cmp.Or(reasons[cell], "the run ended early; see the log")
		var ns []int
		for _, other := range failed[i:] {
			if of(other) && other.N > 0 {
				ns = append(ns, other.N)
			}
		}
		if len(ns) > 0 {
			reason = "at N=" + term.Span(ns) + ": " + reason
		}
		list = append(list, findings.Unmeasured{Version: cell.Version, Scenario: cell.Scenario, Reason: reason})
	}
	return list
}

// without removes the rows of failed cells, which would count as missing.
func without(baseline report.File, failed []scenarios.Cell) report.File {
	baseline.Rows = slices.DeleteFunc(slices.Clone(baseline.Rows), func(row report.Row) bool { return slices.Contains(failed, row.Cell) })
	return baseline
}

func (o *output) writeDocument(cmd *cobra.Command, d view.Document) error {
	switch o.format.value {
	case formatJUnit:
		return writeWhole(cmd.OutOrStdout(), func(w io.Writer) error { return ci.JUnit(w, d.Judgment, d.Advice) })
	case formatMarkdown:
		return writeWhole(cmd.OutOrStdout(), plain(markdown.Write, d))
	default:
		return o.write(cmd.OutOrStdout(), func(w io.Writer, style term.Style) error {
			return findings.Write(w, d.Judgment, d.Advice, style, o.details)
		}, plain(json.Judgment, d.Judgment))
	}
}

// verdict returns the exit status of the judgment, in an error.
func (g *gate) verdict(ratchet bool) error {
	j := g.document.Judgment
	var errs []error
	if j.ProofFailure != "" {
		errs = append(errs, exit.With(exit.NotMeasured, errors.New(term.Printable(j.ProofFailure, 0))))
	}
	if len(j.Unmeasured) > 0 {
		errs = append(errs, exit.With(exit.NotMeasured, errors.New("")))
	}
	if len(j.Failing()) > 0 {
		errs = append(errs, exit.With(exit.Regression, errors.New("")))
	}
	if j.Outdated() && g.base == "" && g.baseFile == "" {
		errs = append(errs, exit.With(exit.NoData, errors.New(g.outdated())))
	}
	if ratchet && j.Improved() {
		errs = append(errs, exit.With(exit.Improved, errors.New("better than the baseline; accept the improvement with:\n"+g.accept)))
	}
	return errors.Join(errs...)
}

// outdated says how to update a baseline with other measurements than the results.
func (g *gate) outdated() string {
	added, missing := g.document.Count(report.Added) > 0, g.document.Count(report.Missing) > 0
	switch {
	case !g.tests:
		return "the baseline has other measurements than the code;\nupdate it with '" + g.accept + "', and add --prune to remove old ones"
	case g.complete && missing:
		return "measurements of the baseline are missing, and --complete does not allow that"
	case added && missing:
		return "the baseline lacks some measurements, and has some that the code no longer has;\nupdate it with:\n" + strings.Replace(g.accept, " --", " --prune --", 1)
	case added:
		return "the baseline lacks some measurements; accept the new ones with:\n" + g.accept
	default:
		return "the baseline has measurements that the code no longer has; remove them with:\n" + strings.Replace(g.accept, " --", " --prune --", 1)
	}
}

func joined(metrics []tracer.Metric) string {
	var names []string
	for _, m := range metrics {
		names = append(names, string(m))
	}
	return strings.Join(names, ", ")
}
