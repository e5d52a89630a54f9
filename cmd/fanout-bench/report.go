package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

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
	var (
		out      output
		baseline string
		load     string
		chart    string
		address  string
	)
	cmd := &cobra.Command{
		Use:   "report FILE|FOLDER...",
		Short: "Render saved results",
		Long: `Report renders files that 'fanout-bench run --save FILE' or 'fanout-bench gate --save
FILE' wrote. It compares them with --baseline or the baselines beside the tests, and
versions of the built-in case with the reference version. Without any of these, a page or
Markdown shows what was measured, without a verdict. A file about the built-in case
has call trees only with 'run --trees'. The exit status does not depend on the verdict: use gate for that.`,
		Example: `  fanout-bench report results.json --format html --output report.html
  fanout-bench report part-1.json part-2.json --format markdown`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("report needs a file with results;\nwrite one with 'fanout-bench run --save FILE'")
			}
			return nil
		},
	}
	out.addFlags(cmd, formatMarkdown, formatHTML, formatSVG, formatBench, formatJUnit, formatOpenMetrics, formatGitHub)
	cmd.Flags().StringVar(&baseline, "baseline", "", "compare with the baseline in `FILE`")
	cmd.Flags().StringVar(&load, "saturation", "", "add charts to the page from `FILE`, which 'fanout-bench saturate --format json' printed")
	cmd.Flags().StringVar(&chart, "chart", "", "show the chart at `URL` in Markdown without a verdict")
	cmd.Flags().StringVar(&address, "page", "", "link to the page at `URL` in Markdown without a verdict")
	cmd.Flags().String("output", "", "write to `FILE` instead of printing")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if load != "" && out.format.value != formatHTML {
			return exit.With(exit.Usage, errors.New("--saturation adds charts to the page; use it with --format html"))
		}
		if (chart != "" || address != "") && out.format.value != formatMarkdown {
			return exit.With(exit.Usage, errors.New("--chart and --page are links in Markdown; use them with --format markdown"))
		}
		for _, link := range []string{chart, address} {
			if !linkAddress.MatchString(link) {
				return exit.With(exit.Usage, fmt.Errorf("%q cannot stand in a link: use letters, digits and . / : _ %% -", link))
			}
		}
		var files map[string]savefile.Target
		for _, name := range args { // the output must not replace an input
			var err error
			if files, err = savefile.OfFlags(cmd, name, "output"); err != nil {
				return exit.With(exit.Usage, err)
			}
		}
		rows, err := collect.Files(cmd.Context(), args)
		if err != nil {
			return err
		}
		if format := out.format.value; baseline == "" && rows.Name == path.Name && (format == formatJUnit || format == formatGitHub) {
			return exit.With(exit.Usage, fmt.Errorf("--format %s needs --baseline FILE", format))
		}
		if isEmpty(rows) {
			return exit.With(exit.NoData, fmt.Errorf("%s: no results", strings.Join(args, ", ")))
		}
		if out.format.value == formatTable {
			firstRunNotes(cmd.ErrOrStderr(), rows) // other formats contain the notes
		}
		if out.format.value == formatTable && baseline == "" || out.format.value == formatSVG {
			unmeasuredNotes(cmd.ErrOrStderr(), merge.Shortened(rows, rows.Name))
		}
		render, err := renderer(cmd, &out, path.Name, rows, baseline, load, view.Document{Chart: chart, Page: address})
		if err != nil {
			return err
		}
		if file, ok := files["output"]; ok {
			return file.Save(render)
		}
		return writeWhole(cmd.OutOrStdout(), render)
	}
	return cmd
}

// linkAddress is what can stand in a link of Markdown as it is.
var linkAddress = regexp.MustCompile(`^[A-Za-z0-9./:_%-]*$`)

// renderer returns a function that writes rows in the format of out.
func renderer(cmd *cobra.Command, out *output, builtIn string, rows report.File, baseline, load string, links view.Document) (func(io.Writer) error, error) {
	claims, err := publishedClaims()
	if err != nil {
		return nil, err
	}
	collected := rows.Name != builtIn
	if collected {
		claims = nil
	}
	overview := view.NewOverview(merge.Shortened(rows, rows.Name), claims)
	switch out.format.value {
	case formatBench:
		return plain(ci.Benchmarks, rows), nil
	case formatOpenMetrics:
		return plain(ci.OpenMetrics, rows), nil
	case formatTable:
		if baseline == "" {
			style := out.style(cmd.OutOrStdout())
			return func(w io.Writer) error { return text.WholeOverview(w, overview, style) }, nil
		}
	}
	var document view.Document
	if collected {
		document, err = newTestsDocument(cmd, rows, baseline)
	} else {
		document, err = newDocument(cmd.Context(), rows, claims, baseline)
	}
	if errors.Is(err, errNothingToCompare) && slices.Contains([]string{formatMarkdown, formatHTML, formatSVG}, out.format.value) {
		document, err = view.NewMeasuredDocument(merge.Shortened(rows, rows.Name), claims), nil
	}
	if err != nil {
		return nil, err
	}
	document.Source, document.Release, document.Chart, document.Page = source(), release(), links.Chart, links.Page
	var underLoad *saturation.Results
	if load != "" {
		runs, err := interrupt.ReadFile(cmd.Context(), load, saturation.Read)
		if err != nil {
			return nil, exit.With(exit.NoData, err)
		}
		underLoad = &runs
	}
	switch out.format.value {
	case formatMarkdown:
		return plain(markdown.Write, document), nil
	case formatHTML:
		return func(w io.Writer) error { return page.HTML(w, document, underLoad) }, nil
	case formatSVG:
		return plain(page.SVG, document), nil
	case formatJUnit:
		return func(w io.Writer) error { return ci.JUnit(w, document.Judgment, document.Advice) }, nil
	case formatGitHub:
		return func(w io.Writer) error {
			return ci.Annotations(w, document.Judgment, document.Advice, document.BaselineOf)
		}, nil
	case formatJSON:
		return plain(json.Judgment, document.Judgment), nil
	default:
		style := out.style(cmd.OutOrStdout())
		return func(w io.Writer) error { return findings.Write(w, document.Judgment, document.Advice, style, true) }, nil
	}
}

// errNothingToCompare is about results that can only be shown.
var errNothingToCompare = errors.New("use --baseline FILE")

// newDocument compares rows with the baseline, or with the reference version if baselineFile is
// empty.
func newDocument(ctx context.Context, rows report.File, claims claims.List, baselineFile string) (view.Document, error) {
	if baselineFile == "" {
		document, ok := view.NewVersionsDocument(rows, claims)
		if !ok {
			return view.Document{}, exit.With(exit.Usage, fmt.Errorf("the results do not have the reference version and another one to compare;\n%w", errNothingToCompare))
		}
		return document, nil
	}
	baseline, err := readBaseline(ctx, baselineFile, rows.Subject)
	if err != nil {
		return view.Document{}, err
	}
	return view.NewDocument(view.Measured(), label(baselineFile), baseline, rows, claims, report.CostMetrics()), nil
}

// newTestsDocument compares the results of tests with the baselines beside them, or with a file.
func newTestsDocument(cmd *cobra.Command, measured report.File, baselineFile string) (view.Document, error) {
	// The file does not have the command that wrote it.
	from := collection{measured: measured, argv: []string{"COMMAND"}}
	if baselineFile != "" {
		baseline, err := readBaseline(cmd.Context(), baselineFile, measured.Subject)
		if err != nil {
			return view.Document{}, err
		}
		return from.document(label(baselineFile), besideLimits(baseline, measured), report.CostMetrics()), nil
	}
	found, err := collect.FindBeside(cmd.Context())
	if err != nil {
		return view.Document{}, err
	}
	baseline, _, err := found.Judging(cmd.Context(), measured, false)
	if err == nil && len(baseline.Rows) == 0 {
		err = exit.With(exit.Usage, fmt.Errorf("no tests in this folder have a baseline for these results;\n%w", errNothingToCompare))
	}
	return from.document(besideTests, baseline, report.CostMetrics()), err
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
