package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/interrupt"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/json"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/tree"
	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/merge"
	"github.com/fanout-bench/fanout-bench/internal/selection"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

func newExplainCommand(path *scenarios.Path) *cobra.Command {
	var (
		measured measurement
		out      output
	)
	cmd := &cobra.Command{
		Use:   "explain {VERSION [VERSION] | FILE [FILE] [PACKAGE]} SCENARIO[/N]",
		Short: "Show the call tree of one request",
		Long: `Explain shows one request as a tree: which function asks for which queries and checks, how
often, and which of them repeat an earlier one. With two versions it shows both as one tree,
with what is new and what is gone. Without N it takes the second of the scenario, not
counting 0: a fan-out takes two to show.

With a file it shows what 'fanout-bench run --save FILE -- COMMAND' or 'gate --save FILE
-- COMMAND' wrote, and with two files one tree of before and now. Name the PACKAGE, or
VERSION, where several have a scenario of that name. 'fanout-bench list FILE' lists them.`,
		Example: `  fanout-bench explain v2.33.0-rc.3 agents
  fanout-bench explain v2.33.0-rc.2 v2.33.0-rc.3 agents/4
  fanout-bench explain results.json list/8
  fanout-bench explain before.json after.json orders list`,
		Args: notOfCommand,
	}
	measured.addServerFlags(cmd)
	out.addFlags(cmd)
	show := func(cmd *cobra.Command, trees []calltree.Tree) error {
		if len(trees) == 1 {
			return out.write(cmd.OutOrStdout(), styled(tree.Text, trees[0]), plain(json.Tree, trees[0]))
		}
		d := calltree.Compare(trees[0], trees[1])
		return out.write(cmd.OutOrStdout(), styled(tree.DiffText, d), plain(json.TreeDiff, d))
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if isFile(args[0]) {
			trees, err := savedTrees(cmd, args)
			if err != nil {
				return err
			}
			return show(cmd, trees)
		}
		versions := args[:len(args)-1]
		scenario, n, err := parseCell(path, args[len(args)-1])
		if err != nil {
			return exit.With(exit.Usage, err)
		}
		if len(versions) == 2 && versions[0] == versions[1] {
			return exit.With(exit.Usage, errors.New("the two versions are the same; name two different ones"))
		}
		measured.selection = selection.Selection{Versions: versions, Scenarios: []string{scenario}, N: n}
		measured.runner.Stacks = true
		cells, err := measured.cells(cmd, path)
		if err != nil {
			return err
		}
		results, err := measured.measure(cmd, path, cells)
		if err != nil {
			return err
		}
		var trees []calltree.Tree
		for _, version := range versions {
			i := slices.IndexFunc(results, func(r scenarios.Result) bool { return r.Version == version })
			trees = append(trees, calltree.New(results[i]))
		}
		return show(cmd, trees)
	}
	return cmd
}

// savedTrees returns the trees that args select: one or two files, a package or version if the
// scenario is ambiguous, and the scenario.
func savedTrees(cmd *cobra.Command, args []string) ([]calltree.Tree, error) {
	if err := noneChanged(cmd); err != nil {
		return nil, exit.With(exit.Usage, err)
	}
	files := 1
	if len(args) > 2 && isResultFile(args[1]) { // a package may have a slash
		files = 2
	}
	names := args[files:]
	if len(names) == 0 || len(names) > 2 {
		return nil, exit.With(exit.Usage, errors.New("after the files, explain needs a scenario, or a package and a scenario"))
	}
	var trees []calltree.Tree
	for _, name := range args[:files] {
		file, err := interrupt.ReadFile(cmd.Context(), name, report.Read)
		if err != nil {
			return nil, err
		}
		file = merge.Shortened(file, file.Name)
		if len(file.Trees) == 0 {
			return nil, exit.With(exit.Usage, fmt.Errorf("%s has no call trees; measure again:\n  %s", name, withTrees(file, name)))
		}
		tree, err := savedTree(file.Trees, names)
		if err != nil {
			return nil, exit.With(exit.Usage, fmt.Errorf("%s: %w", name, err))
		}
		trees = append(trees, tree)
	}
	if first, last := trees[0].Cell.N, trees[len(trees)-1].Cell.N; first != last {
		return nil, exit.With(exit.Usage, fmt.Errorf("the files have different N of %s; name an N of both, as in %[1]s/%[2]d", names[len(names)-1], first))
	}
	return trees, nil
}

// withTrees returns the command that writes f again to name, with call trees.
func withTrees(f report.File, name string) string {
	if f.Reference != "" { // the built-in case
		return "fanout-bench run --trees --save " + term.ShellWord(name)
	}
	return "fanout-bench run --save " + term.ShellWord(name) + " -- go test ./...  # with a Recorder that keeps stacks, as that of fanouttest.NewRecorder"
}

// savedTree returns the tree of a scenario at the named N, or at the second N.
func savedTree(trees []calltree.Tree, names []string) (calltree.Tree, error) {
	version := func(t calltree.Tree) string { return t.Cell.Version }
	if len(names) == 2 {
		of := only(trees, func(t calltree.Tree) bool { return t.Cell.Version == names[0] })
		if len(of) == 0 {
			valid := unique(trees, version)
			return calltree.Tree{}, &selection.UnknownNameError{What: "package or version", Name: names[0], Valid: valid}
		}
		trees = of
	}
	scenario := names[len(names)-1]
	withN := func(t calltree.Tree) string { return fmt.Sprintf("%s/%d", t.Cell.Scenario, t.Cell.N) }
	// A scenario may have a slash in its name.
	found := only(trees, func(t calltree.Tree) bool {
		return t.Cell.Scenario == scenario || withN(t) == scenario
	})
	if len(found) == 0 {
		named := withoutN(scenario)
		if others := only(trees, func(t calltree.Tree) bool { return t.Cell.Scenario == named }); len(others) > 0 {
			measured := slices.Compact(namesOf(others, withN))
			return calltree.Tree{}, fmt.Errorf("%s was not measured, only %s", scenario, strings.Join(measured, ", "))
		}
		valid := unique(trees, func(t calltree.Tree) string { return t.Cell.Scenario })
		return calltree.Tree{}, &selection.UnknownNameError{What: "scenario or N", Name: scenario, Valid: valid}
	}
	if of := unique(found, version); len(of) > 1 {
		return calltree.Tree{}, fmt.Errorf("%s is ambiguous; name its package or version first: %s", scenario, strings.Join(of, ", "))
	}
	slices.SortFunc(found, func(a, b calltree.Tree) int { return cmp.Compare(a.Cell.N, b.Cell.N) })
	return found[telling(found[0].Cell.N, len(found))], nil
}

// telling returns which of several N to show, if nobody names one: the second, not counting 0,
// because a fan-out takes two to show.
func telling(first, several int) int {
	at := 1
	if first == 0 {
		at = 2
	}
	return min(at, several-1)
}

// withoutN returns the scenario of SCENARIO/N, or "". A scenario may have a slash in its name.
func withoutN(arg string) string {
	return arg[:max(strings.LastIndexByte(arg, '/'), 0)]
}

func only(trees []calltree.Tree, is func(calltree.Tree) bool) []calltree.Tree {
	return slices.DeleteFunc(slices.Clone(trees), func(t calltree.Tree) bool { return !is(t) })
}

// unique returns the names of trees, sorted.
func unique(trees []calltree.Tree, name func(calltree.Tree) string) []string {
	return slices.Compact(slices.Sorted(slices.Values(namesOf(trees, name))))
}

// notOfCommand rejects a command after --, which other commands run.
func notOfCommand(cmd *cobra.Command, args []string) error {
	at := cmd.ArgsLenAtDash()
	switch {
	case at >= 0:
		return fmt.Errorf("explain does not run a command; save its results, then explain the file: %s",
			collection{argv: args[at:]}.again("run --save FILE"))
	case len(args) == 1 && isFile(args[0]):
		return fmt.Errorf("explain needs a scenario of the file: fanout-bench explain %s SCENARIO[/N]\n'fanout-bench list %[1]s' lists them", term.ShellWord(args[0]))
	case len(args) < 2, len(args) > 4, len(args) == 4 && !isFile(args[0]):
		return errors.New("explain needs a version, or two, and a scenario; for example: fanout-bench explain v2.33.0-rc.3 agents\n" +
			"or, for the tests of your service: fanout-bench explain results.json list/8, where 'run --save results.json -- COMMAND' wrote the file")
	}
	return nil
}

// parseCell parses SCENARIO or SCENARIO/N. n is for a selection.
func parseCell(path *scenarios.Path, arg string) (scenario string, n []int, err error) {
	scenario, number, given := strings.Cut(arg, "/")
	i := slices.IndexFunc(path.Scenarios, func(s scenarios.Scenario) bool { return s.Name == scenario })
	switch {
	case i < 0:
		_, err := selection.Selection{Scenarios: []string{scenario}}.Cells(path)
		return "", nil, err
	case given:
		value, err := strconv.Atoi(number)
		if err != nil {
			return "", nil, fmt.Errorf("%q: N must be a number, as in %s/2", arg, scenario)
		}
		if path.Scenarios[i].Unit == "" && value != 0 {
			return "", nil, fmt.Errorf("scenario %s has no N; remove %q", scenario, "/"+number)
		}
		return scenario, []int{value}, nil
	case path.Scenarios[i].Unit == "":
		return scenario, nil, nil
	default:
		sweep := path.Scenarios[i].Sweep
		at := telling(sweep[0], len(sweep))
		return scenario, sweep[at : at+1], nil
	}
}
