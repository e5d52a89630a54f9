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
	"github.com/spf13/pflag"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/collect"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/interrupt"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/proof"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/markdown"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/page"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/savefile"
	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/index"
	"github.com/fanout-bench/fanout-bench/internal/merge"
	"github.com/fanout-bench/fanout-bench/internal/probe"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/internal/testbaseline"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

func newGateCommand(path *scenarios.Path) *cobra.Command {
	g := gate{path: path}
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
		Args: g.check,
	}
	g.measured.addFlags(cmd)
	g.measured.addVersionFlag(cmd)
	addBaselineFlag(cmd, &g.file)
	cmd.Flags().StringSlice("metric", nil, "judge only these `names` (default all): "+joined(report.CostMetrics()))
	cmd.Flags().StringVar(&g.base, "base", "", "compare with the merge base of HEAD and `REF`, instead of a baseline")
	cmd.Flags().StringVar(&g.baseFile, "base-results", "", "compare with the results in `FILE`, saved before the change, instead of a baseline")
	cmd.Flags().BoolVar(&g.complete, "complete", false, "fail on measurements of the baseline that are missing, even if their test did not run")
	g.outcome.addFlags(cmd)
	cmd.Flags().BoolVar(&g.measured.proves, "prove", false, "check the gate itself: add queries and a check, and fail if it misses one")
	g.out.addFlags(cmd, formatJUnit, formatMarkdown)
	cmd.Flags().BoolVarP(&g.out.details, "details", "v", false, "list all causes, and all scenarios that each affects")
	cmd.Flags().String("summary", "", "write the verdict to `FILE` as Markdown, for a pull request")
	cmd.Flags().String("page", "", "write the whole report to `FILE` as an HTML page")
	cmd.Flags().String("save", "", "write the results with call trees to `FILE`")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var err error
		switch {
		case len(g.names) > 0:
			err = g.files(cmd)
		case len(g.argv) > 0:
			err = g.collected(cmd)
		default:
			err = g.builtIn(cmd)
		}
		if err == nil {
			return g.outcome.of(errors.Join(g.failure, g.document.Lost(), g.tell(cmd), g.verdict()))
		}
		if status := exit.Of(err, exit.NotMeasured); status != exit.Usage && cmd.Context().Err() == nil {
			// An earlier summary would look like the verdict.
			err = errors.Join(err, g.targets.Save("summary", printed(markdown.Nothing(status))))
			if len(g.argv) > 0 {
				err = saveNothing(g.targets, err)
			}
		}
		return g.outcome.of(err)
	}
	return cmd
}

// A gate compares results with a baseline or a base.
type gate struct {
	path     *scenarios.Path // the built-in case
	names    []string        // of saved results
	argv     []string        // a command that runs tests
	measured measurement
	out      output
	targets  savefile.Targets
	metrics  []tracer.Metric
	file     string // the baseline of the built-in case
	complete bool   // treat what was not measured as gone
	outcome  outcome
	base     string // a branch to compare with
	baseFile string // results to compare with

	document view.Document
	results  report.File
	accept   string // the command that accepts results
	tests    bool   // whether results are of tests
	failure  error  // why results are incomplete
}

// byBase reports whether results are compared with a base, instead of a baseline.
func (g *gate) byBase() bool { return g.base != "" || g.baseFile != "" }

// check validates arguments and flags before anything is started.
func (g *gate) check(cmd *cobra.Command, args []string) (err error) {
	if g.names, g.argv, err = filesAndCommand(cmd, args); err != nil {
		return err
	}
	if g.metrics, err = chosenMetrics(cmd.Flags()); err != nil {
		return err
	}
	if g.targets, err = savefile.OfFlags(cmd, append(collect.Expanded(g.names), g.file, g.baseFile), "summary", "page", "save"); err != nil {
		return err
	}
	switch {
	case g.measured.proves && !provable(g.metrics):
		return fmt.Errorf("--prove adds statements and checks, but --metric judges only %s;\nremove one of the flags", joined(g.metrics))
	case len(changed(cmd, "base", "base-results", "baseline")) > 1:
		return errors.New("use only one of --base, --base-results and --baseline")
	case (g.complete || g.outcome.ratchet) && g.byBase():
		return errors.New("--complete and --ratchet need a baseline; remove them, or --base and --base-results")
	case g.outcome.exitZero && g.outcome.bisect:
		return errors.New("--exit-zero and --bisect set the exit status; remove one")
	case g.byBase() && len(g.argv) == 0 && (g.base != "" || len(g.names) == 0):
		return errors.New("--base and --base-results need a command after --,\nsuch as 'go test ./...'")
	}
	return nil
}

// builtIn measures the built-in case and compares it with its baseline.
func (g *gate) builtIn(cmd *cobra.Command) error {
	if err := wantsBuiltIn(cmd); err != nil {
		return err
	}
	m := &g.measured
	selected, err := m.cells(cmd, g.path)
	if err != nil {
		return err
	}
	baseline, err := g.baseline(cmd)
	if err != nil {
		return err
	}
	cells, covered := judged(g.path, m.selection, selected, baseline)
	m.runner.Stacks = true
	results, failure := m.measure(cmd, g.path, cells)
	if cmd.Context().Err() != nil || exit.Of(failure, exit.OK) == exit.Usage {
		return failure
	}
	otherwise := exit.Of(failure, exit.OK) == exit.Regression
	if otherwise {
		failure = nil // it is a finding
	}
	failed := notAmong(cells, results)
	measured := m.rows(g.path, results)
	measured.Whole = true // covered has only what is selected
	g.results, g.failure, g.accept = measured, failure, "fanout-bench accept"
	// Rows of failed cells would count as missing.
	g.document = view.NewDocument(view.Measured(), label(g.file), merge.Without(covered, failed), measured, nil, g.metrics)
	g.document.Unmeasured = unmeasured(failed, m.failures)
	if failure == nil && !otherwise && m.proves {
		g.prove(cmd, baseline, probedRows(measured.Subject, results, m.probed))
	}
	return nil
}

func (g *gate) baseline(cmd *cobra.Command) (report.File, error) {
	subject := subjectOf(g.path)
	baseline, err := readBaseline(cmd.Context(), g.file, subject)
	if err == nil {
		err = checkBudgets(g.file, subject, baseline)
	}
	return baseline, err
}

// collected runs a command and judges what its tests measure.
func (g *gate) collected(cmd *cobra.Command) error {
	judge, err := g.judge(cmd)
	if err != nil {
		return err
	}
	collected, err := g.measured.collect(cmd, checkout{}, g.argv)
	if err != nil {
		return err
	}
	judge(collected)
	return nil
}

// judge returns the function that judges results of tests. It first obtains what they are compared
// with: a base, which the command measures, or the baselines beside the tests.
func (g *gate) judge(cmd *cobra.Command) (func(collection), error) {
	if !g.byBase() {
		found, err := collect.FindBeside(cmd.Context())
		return func(c collection) { g.judgeTests(cmd, found, c) }, err
	}
	if g.base != "" {
		b, err := measureBase(cmd, &g.measured, g.base, g.argv)
		return func(c collection) { g.judgeByBase(cmd, b, c) }, err
	}
	saved, err := interrupt.ReadFile(cmd.Context(), g.baseFile, report.Read)
	if err != nil {
		return nil, exit.With(exit.Usage, fmt.Errorf("--base-results: %w%w", err, errNoBase))
	}
	b := base{File: saved, name: label(g.baseFile)}
	if saved.Incomplete {
		b.had = func(report.Scenario) bool { return true } // unknown
	}
	return func(c collection) { g.judgeByBase(cmd, b, c) }, nil
}

// compare compares results of tests with a baseline, which reports call name, and accept accepts
// them.
func (g *gate) compare(cmd *cobra.Command, c collection, name string, baseline report.File, accept string) {
	g.results, g.tests, g.failure, g.accept = c.saved(), true, c.failed, accept
	g.document = c.document(name, baseline, g.metrics)
	// A proof needs runs with probes and results to compare them with.
	if len(c.probed) > 0 && len(c.measured.Rows) > 0 && !collect.HasFailure(c.measured) {
		g.prove(cmd, g.document.Baseline, c.probed)
	}
}

// judgeByBase compares the results of tests with those of a base. It lists what only one of them
// has; neither needs to be accepted. What the base has a test for and no result cannot be judged.
func (g *gate) judgeByBase(cmd *cobra.Command, base base, c collection) {
	partOfBase, partNow := collect.Parts(base.File), collect.Parts(c.measured)
	known := index.Keys(base.Scenarios, func(s report.Scenario) string { return s.Version }) // packages
	var files []report.File
	var added, notRun, unknown, lost []string
	for _, s := range c.measured.Scenarios {
		before := partOfBase(s)
		switch {
		case s.Unmeasured != "", s.Baseline == "": // the test sets its limits
		case base.Scenario(s.Version, s.Name).Unmeasured != "", collect.HasFailure(before):
			unknown = append(unknown, s.Version+" "+s.Name)
		case len(before.Rows) == 0 && !known[s.Version] && base.had != nil && base.had(s):
			lost = append(lost, s.Version+" "+s.Name)
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
	namesNote(cmd.ErrOrStderr(), "New, not compared", added, "scenario", "scenarios")
	namesNote(cmd.ErrOrStderr(), "Not measured in the base, not compared", unknown, "scenario", "scenarios")
	namesNote(cmd.ErrOrStderr(), "Measured only in the base", notRun, "scenario", "scenarios")
	if g.outcome.bisect && len(files) == 0 {
		lost = added // or the commit would be a good one
	}
	saved := c.saved()
	c.measured.Scenarios, c.measured.Rows = slices.Clone(c.measured.Scenarios), slices.Clone(c.measured.Rows)
	for i, s := range c.measured.Scenarios {
		if slices.Contains(lost, s.Version+" "+s.Name) {
			c.measured.Scenarios[i].Unmeasured = "the base has no result to compare with"
			c.measured.Rows = slices.DeleteFunc(c.measured.Rows, func(r report.Row) bool { return r.Version == s.Version && r.Scenario == s.Name })
		}
	}
	g.compare(cmd, c, base.name, merge.Results(testbaseline.OfLimits(c.measured), files...), "")
	g.results, g.document.Advice = saved, view.Based()
}

// judgeTests compares the results of tests with the baselines beside them.
func (g *gate) judgeTests(cmd *cobra.Command, found collect.Beside, c collection) {
	baseline, notRun, err := found.Judging(cmd.Context(), c.measured, g.complete)
	why := "Did not run, not judged"
	if c.failed != nil {
		why = "Did not run or could not be measured, not judged"
	}
	namesNote(cmd.ErrOrStderr(), why, notRun, "scenario with a baseline", "scenarios with a baseline")
	g.compare(cmd, c, besideTests, baseline, c.again("accept"))
	if err != nil {
		g.failure = errors.Join(c.failed, fmt.Errorf("%w:\n%s", err, g.accept))
	}
}

// files judges saved results.
func (g *gate) files(cmd *cobra.Command) error {
	if err := g.checkFiles(cmd); err != nil {
		return exit.With(exit.Usage, err)
	}
	measured, err := savedResults(cmd, g.names)
	if err != nil {
		return err
	}
	if measured.Name != g.path.Name {
		judge, err := g.judge(cmd)
		if err != nil {
			return err
		}
		c := collectionOf(measured)
		if measured.Incomplete {
			c.failed = exit.With(exit.NotMeasured, errors.New("tests failed when these results were saved; they may be incomplete"))
		}
		judge(c)
		return nil
	}
	baseline, err := g.baseline(cmd)
	if err != nil {
		return err
	}
	measured.Whole = measured.Whole || g.complete
	g.results, g.accept = measured, "fanout-bench accept"
	if !measured.Whole {
		baseline = merge.Without(baseline, merge.Gone(baseline.Rows, measured))
	}
	g.document = view.NewDocument(view.Measured(), label(g.file), baseline, measured, nil, g.metrics)
	return nil
}

// checkFiles returns an error if a flag does not apply to saved files, or names are not of files.
func (g *gate) checkFiles(cmd *cobra.Command) error {
	_, missing := os.Stat(g.names[0])
	err := noneChanged(cmd)
	switch {
	case err != nil:
	case cmd.Flags().Changed("version"):
		err = errors.New("--version does not apply to saved files; remove it")
	case g.measured.proves:
		err = errors.New("--prove does not apply to saved files; use it where you measure")
	case filepath.Ext(g.names[0]) != ".json" && missing != nil:
		err = fmt.Errorf("unknown argument %q: not a result file;\nput a command that runs tests after --", g.names[0])
	}
	return err
}

// tell writes the files, and then prints, which may fail. A file that cannot be written does not
// take the verdict with it.
func (g *gate) tell(cmd *cobra.Command) error {
	g.document.Source, g.document.Release = source(), release()
	if !g.tests && (g.failure != nil || collect.HasFailure(g.results)) {
		delete(g.targets, "save") // an incomplete file would look complete
	}
	return errors.Join(
		g.targets.Save("summary", printed(markdown.Comment(g.document))),
		g.targets.Save("page", func(w io.Writer) error { return page.HTML(w, g.document, nil) }),
		g.targets.Save("save", g.results.Write),
		writeWhole(cmd.OutOrStdout(), g.out.document(g.document, cmd.OutOrStdout())),
		announce(cmd.Context(), cmd.ErrOrStderr(), g.document))
}

// prove prints what the gate noticed, or adds to the document that it is blind.
func (g *gate) prove(cmd *cobra.Command, baseline report.File, probed map[probe.Probe]report.File) {
	proof := proof.Prove(baseline, g.document.Measured, probed, g.metrics)
	g.document.ProofFailure = proof.Failure
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

func chosenMetrics(flags *pflag.FlagSet) ([]tracer.Metric, error) {
	names, err := flags.GetStringSlice("metric")
	if err != nil || !flags.Changed("metric") {
		return report.CostMetrics(), err
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
	order, groups := index.Groups(failed, func(c scenarios.Cell) calltree.Series {
		return calltree.Series{Scenario: c.Scenario, Version: c.Version}
	})
	for _, of := range order {
		reason := cmp.Or(reasons[groups[of][0]], "the run ended early; see the log")
		var ns []int
		for _, cell := range groups[of] {
			if cell.N > 0 {
				ns = append(ns, cell.N)
			}
		}
		if len(ns) > 0 {
			reason = "at N=" + term.Span(ns) + ": " + reason
		}
		list = append(list, findings.Unmeasured{Version: of.Version, Scenario: of.Scenario, Reason: reason})
	}
	return list
}

// verdict returns the exit status of the judgment, in an error.
func (g *gate) verdict() error {
	j := g.document.Judgment
	fail := func(found bool, status int, why string) error {
		if !found {
			return nil
		}
		return exit.With(status, errors.New(why))
	}
	return errors.Join(
		fail(j.ProofFailure != "", exit.NotMeasured, term.Printable(j.ProofFailure, 0)),
		fail(len(j.Unmeasured) > 0, exit.NotMeasured, ""),
		fail(len(j.Failing()) > 0, exit.Regression, ""),
		fail(j.Outdated() && !g.byBase(), exit.NoData, g.outdated()),
		fail(g.outcome.ratchet && j.Improved(), exit.Improved, "better than the baseline; accept the improvement with:\n"+g.accept))
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
	return strings.Join(namesOf(metrics, func(m tracer.Metric) string { return string(m) }), ", ")
}
