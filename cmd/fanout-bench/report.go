package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/claims"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/collect"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/interrupt"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/ci"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/json"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/markdown"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/page"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/text"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/savefile"
	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/index"
	"github.com/fanout-bench/fanout-bench/internal/merge"
	"github.com/fanout-bench/fanout-bench/internal/testbaseline"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

func newReportCommand(path *scenarios.Path) *cobra.Command {
	r := reporting{builtIn: path.Name}
	r.out.details = true
	cmd := &cobra.Command{
		Use:   "report FILE|FOLDER...",
		Short: "Render saved results",
		Long: `Report renders files that 'fanout-bench run --save FILE' or 'fanout-bench gate --save
FILE' wrote. It compares them with --baseline or the baselines beside the tests, and
versions of the built-in case with the reference version. Without any of these, a page or
Markdown shows what was measured, without a verdict. A file about the built-in case has
call trees only with 'run --trees'. The exit status does not depend on the verdict: use
gate for that.`,
		Example: `  fanout-bench report results.json --format html --output report.html
  fanout-bench report part-1.json part-2.json --format markdown`,
		Args: r.check,
	}
	r.out.addFlags(cmd, formatMarkdown, formatHTML, formatSVG, formatBench, formatJUnit, formatOpenMetrics, formatGitHub)
	cmd.Flags().StringVar(&r.baseline, "baseline", "", "compare with the baseline in `FILE`")
	cmd.Flags().StringVar(&r.load, "saturation", "", "add charts to the page from `FILE`, which 'fanout-bench saturate --format json' printed")
	cmd.Flags().StringVar(&r.chart, "chart", "", "show the chart at `URL` in Markdown without a verdict")
	cmd.Flags().StringVar(&r.page, "page", "", "link to the page at `URL` in Markdown without a verdict")
	cmd.Flags().String("output", "", "write to `FILE` instead of printing")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		rows, err := savedResults(cmd, args)
		if err != nil {
			return err
		}
		format := r.out.format.value
		if r.baseline == "" && rows.Name == path.Name && (format == formatJUnit || format == formatGitHub) {
			return exit.With(exit.Usage, fmt.Errorf("--format %s needs --baseline FILE", format))
		}
		if format == formatTable {
			firstRunNotes(cmd.ErrOrStderr(), rows) // other formats contain the notes
		}
		if format == formatTable && r.baseline == "" || format == formatSVG {
			unmeasuredNotes(cmd.ErrOrStderr(), merge.Shortened(rows, rows.Name))
		}
		render, err := r.renderer(cmd, rows)
		if err != nil {
			return err
		}
		if file, ok := r.targets["output"]; ok {
			return file.Save(render)
		}
		return writeWhole(cmd.OutOrStdout(), render)
	}
	return cmd
}

// A reporting renders saved results.
type reporting struct {
	builtIn     string // the name of the built-in case
	out         output
	baseline    string
	load        string // a file of saturate
	chart, page string // URLs
	targets     savefile.Targets
}

// check validates arguments and flags before anything is read.
func (r *reporting) check(cmd *cobra.Command, files []string) (err error) {
	switch {
	case len(files) == 0:
		return errors.New("report needs a file with results;\nwrite one with 'fanout-bench run --save FILE'")
	case r.load != "" && r.out.format.value != formatHTML:
		return errors.New("--saturation adds charts to the page; use it with --format html")
	case (r.chart != "" || r.page != "") && r.out.format.value != formatMarkdown:
		return errors.New("--chart and --page are links in Markdown; use them with --format markdown")
	}
	for _, link := range []string{r.chart, r.page} {
		if !linkAddress.MatchString(link) {
			return fmt.Errorf("%q cannot stand in a link: use letters, digits and . / : _ %% -", link)
		}
	}
	r.targets, err = savefile.OfFlags(cmd, append(collect.Expanded(files), r.baseline, r.load), "output")
	return err
}

// linkAddress is what can stand in a link of Markdown as it is.
var linkAddress = regexp.MustCompile(`^[A-Za-z0-9./:_%-]*$`)

// renderer returns a function that writes rows in the selected format.
func (r *reporting) renderer(cmd *cobra.Command, rows report.File) (func(io.Writer) error, error) {
	claims, err := publishedClaims()
	if err != nil {
		return nil, err
	}
	if rows.Name != r.builtIn {
		claims = nil
	}
	format := r.out.format.value
	switch {
	case format == formatBench:
		return printed(ci.Benchmarks(rows)), nil
	case format == formatOpenMetrics:
		return printed(ci.OpenMetrics(rows)), nil
	case format == formatTable && r.baseline == "":
		overview := view.NewOverview(merge.Shortened(rows, rows.Name), claims)
		return printed(text.WholeOverview(overview, r.out.style(cmd.OutOrStdout()))), nil
	}
	document, err := r.document(cmd.Context(), rows, claims)
	if errors.Is(err, errNothingToCompare) && slices.Contains([]string{formatMarkdown, formatHTML, formatSVG}, format) {
		document, err = view.NewMeasuredDocument(merge.Shortened(rows, rows.Name), claims), nil
	}
	if err != nil {
		return nil, err
	}
	document.Source, document.Release, document.Chart, document.Page = source(), release(), r.chart, r.page
	switch {
	case format != formatHTML:
		return r.out.document(document, cmd.OutOrStdout()), nil
	case r.load == "":
		return func(w io.Writer) error { return page.HTML(w, document, nil) }, nil
	}
	underLoad, err := interrupt.ReadFile(cmd.Context(), r.load, saturation.Read)
	if err != nil {
		return nil, err
	}
	return func(w io.Writer) error { return page.HTML(w, document, &underLoad) }, nil
}

// document returns a function that writes d in the selected format, with colors if to takes them.
func (o *output) document(d view.Document, to io.Writer) func(io.Writer) error {
	switch o.format.value {
	case formatMarkdown:
		return printed(markdown.Comment(d))
	case formatSVG:
		return plain(page.SVG, d)
	case formatJUnit:
		return func(w io.Writer) error { return ci.JUnit(w, d.Judgment, d.Advice) }
	case formatGitHub:
		return printed(ci.Annotations(d.Judgment, d.Advice, d.BaselineOf))
	case formatJSON:
		return plain(json.Judgment, d.Judgment)
	default:
		return printed(findings.Text(d.Judgment, d.Advice, o.style(to), o.details))
	}
}

// errNothingToCompare is about results that can only be shown.
var errNothingToCompare = errors.New("use --baseline FILE")

// document compares rows with --baseline. Without it, results of tests are compared with the
// baselines beside them, and versions of the built-in case with the reference version.
func (r *reporting) document(ctx context.Context, rows report.File, claims claims.List) (view.Document, error) {
	tests := rows.Name != r.builtIn
	switch {
	case r.baseline == "" && tests:
		found, err := collect.FindBeside(ctx)
		if err != nil {
			return view.Document{}, err
		}
		baseline, _, err := found.Judging(ctx, rows, false)
		if err == nil && len(baseline.Rows) == 0 {
			err = exit.With(exit.Usage, fmt.Errorf("no tests in this folder have a baseline for these results;\n%w", errNothingToCompare))
		}
		return collectionOf(rows).document(besideTests, baseline, report.CostMetrics()), err
	case r.baseline == "":
		document, ok := view.NewVersionsDocument(rows, claims)
		if !ok {
			return view.Document{}, exit.With(exit.Usage, fmt.Errorf("the results do not have the reference version and another one to compare;\n%w", errNothingToCompare))
		}
		return document, nil
	}
	baseline, err := readBaseline(ctx, r.baseline, rows.Subject)
	if err != nil {
		return view.Document{}, err
	}
	if tests {
		return collectionOf(rows).document(label(r.baseline), besideLimits(baseline, rows), report.CostMetrics()), nil
	}
	return view.NewDocument(view.Measured(), label(r.baseline), baseline, rows, claims, report.CostMetrics()), nil
}

// besideLimits returns the baseline with the limits set in tests for racing scenarios, whose
// counts vary.
func besideLimits(baseline, measured report.File) report.File {
	steady := func(r report.Row) bool { return !r.Races }
	racing := measured
	racing.Rows = slices.DeleteFunc(slices.Clone(measured.Rows), steady)
	races := index.Keys(racing.Rows, func(r report.Row) calltree.Series { return calltree.Series{Scenario: r.Scenario, Version: r.Version} })
	of := func(scenario, version string) bool {
		return races[calltree.Series{Scenario: scenario, Version: version}]
	}
	racing.Budgets = slices.DeleteFunc(slices.Clone(measured.Budgets), func(b report.Budget) bool { return !of(b.Scenario, b.Version) })
	baseline.Rows = slices.DeleteFunc(slices.Clone(baseline.Rows), func(r report.Row) bool { return r.Races || of(r.Scenario, r.Version) })
	return merge.Results(baseline, testbaseline.OfLimits(racing))
}
