package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/json"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/tree"
	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/selection"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

func newExplainCommand(path *scenarios.Path) *cobra.Command {
	var (
		measured measurement
		out      output
	)
	cmd := &cobra.Command{
		Use:   "explain VERSION [VERSION] SCENARIO[/N]",
		Short: "Show who asks for what in one request",
		Long: `Explain shows one request as a tree: which function asks for which reads, which
statements and checks these cost, how often, and which of them repeat what was done
before. With two versions it shows both as one tree, with what is new and what is
gone. Without N it takes the second of the scenario's own: a fan-out takes two to
show.

It is about the built-in case. The call trees of what a command measures are in the
page that 'fanout-bench gate --page FILE -- COMMAND' writes.`,
		Args: ofBuiltInCase,
	}
	measured.addServerFlags(cmd)
	out.addFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		versions := args[:len(args)-1]
		scenario, n, err := parseCell(path, args[len(args)-1])
		if err != nil {
			return exit.With(exit.Usage, err)
		}
		if len(versions) == 2 && versions[0] == versions[1] {
			return exit.With(exit.Usage, errors.New("the two versions are the same"))
		}
		measured.selection = selection.Selection{Versions: versions, Scenarios: []string{scenario}, N: n}
		measured.stacks = true
		cells, err := measured.cells(cmd, path)
		if err != nil {
			return err
		}
		results, err := measured.measure(cmd, path, cells)
		if err != nil {
			return err
		}
		of := func(version string) calltree.Tree {
			i := slices.IndexFunc(results, func(r scenarios.Result) bool { return r.Version == version })
			return calltree.New(results[i])
		}
		if len(versions) == 1 {
			t := of(versions[0])
			return out.write(cmd.OutOrStdout(), styled(tree.Write, t), plain(json.Tree, t))
		}
		d := calltree.Compare(of(versions[0]), of(versions[1]))
		return out.write(cmd.OutOrStdout(), styled(tree.WriteDiff, d), plain(json.TreeDiff, d))
	}
	return cmd
}

// ofBuiltInCase refuses a command after --, which other commands collect from.
func ofBuiltInCase(cmd *cobra.Command, args []string) error {
	at := cmd.ArgsLenAtDash()
	if at < 0 {
		return cobra.RangeArgs(2, 3)(cmd, args)
	}
	return fmt.Errorf("explain is of the built-in case; a page has the call trees of what a command measures: %s",
		collection{argv: args[at:]}.again("gate --page FILE"))
}

// parseCell reads SCENARIO or SCENARIO/N. n is what a selection takes.
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
			return "", nil, fmt.Errorf("%q: N is a number, as in %s/2", arg, scenario)
		}
		if path.Scenarios[i].Unit == "" && value != 0 {
			return "", nil, fmt.Errorf("scenario %s has no N; leave out %q", scenario, "/"+number)
		}
		return scenario, []int{value}, nil
	case path.Scenarios[i].Unit == "":
		return scenario, nil, nil
	default:
		sweep := path.Scenarios[i].Sweep
		at := min(1, len(sweep)-1)
		if sweep[0] == 0 {
			at = min(2, len(sweep)-1)
		}
		return scenario, sweep[at : at+1], nil
	}
}
