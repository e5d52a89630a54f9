package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2/maybe"
	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/results"
	"github.com/fanout-bench/fanout-bench/scenarios/agentauth"
)

func newRunCommand() *cobra.Command {
	var (
		measured measurement
		out      output
		save     string
	)
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Measure and print what each version costs",
		Long: `Run measures every selected cell: a scenario, an N and a version. It prints what
one request costs, how that grows with N, and published figures against measured
ones.`,
		Args: cobra.NoArgs,
	}
	measured.addFlags(cmd)
	cmd.Flags().StringSliceVar(&measured.selection.Versions, "version", nil, "measure only these `names` (default all)")
	out.addFlags(cmd)
	cmd.Flags().StringVar(&save, "save", "", "write the results to `FILE` as JSON, if every cell was measured")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := checkSave(save); err != nil {
			return withStatus(statusUsage, err)
		}
		claims, err := publishedClaims()
		if err != nil {
			return err
		}
		path := agentauth.Path()
		rows, failure := measured.measure(cmd.Context(), path, cmd.ErrOrStderr())
		if len(rows.Rows) == 0 || cmd.Context().Err() != nil {
			return failure
		}
		var file bytes.Buffer
		if err := rows.Write(&file); err != nil {
			return err
		}
		if out.format.value == formatJSON {
			_, err = cmd.OutOrStdout().Write(file.Bytes())
		} else {
			overview := report.Overview{Path: path, Rows: rows, Claims: claims}
			err = overview.Text(cmd.OutOrStdout(), out.style(cmd.OutOrStdout()))
		}
		if failure != nil {
			return failure // and nothing is saved: a file with holes would pass for complete
		}
		if err == nil && save != "" {
			err = maybe.WriteFile(save, file.Bytes(), 0o644)
		}
		return err
	}
	return cmd
}

// checkSave finds out before measuring what would stop the file from being
// written after.
func checkSave(file string) error {
	if file == "" {
		return nil
	}
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return fmt.Errorf("--save %s: that is a folder; name a file", file)
	}
	if info, err := os.Stat(filepath.Dir(file)); err != nil || !info.IsDir() {
		return fmt.Errorf("--save %s: its folder does not exist", file)
	}
	return nil
}

// publishedClaims returns the figures that were published for the built-in case.
func publishedClaims() (report.Claims, error) {
	file, err := results.Claims.Open("claims/pr-24973.md")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return report.ReadClaims(file)
}
