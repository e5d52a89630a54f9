package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/mod/modfile"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
)

const thisModule = "github.com/fanout-bench/fanout-bench"

// wantsBuiltIn returns an error if cmd, which was given no command to run, would measure the
// built-in case in somebody's own module, whose tests are more likely meant. A flag that names
// something of the built-in case says that it is meant.
func wantsBuiltIn(cmd *cobra.Command) error {
	for _, name := range []string{"version", "scenario", "n", "baseline", "budget"} {
		if f := cmd.Flag(name); f != nil && f.Changed {
			return nil
		}
	}
	folder, err := os.Getwd()
	if err != nil {
		return err
	}
	module := moduleOf(folder)
	if module == "" || module == thisModule || strings.HasPrefix(module, thisModule+"/") {
		return nil
	}
	return exit.With(exit.Usage, fmt.Errorf("nothing to measure: name the command whose tests measure %s, such as\n"+
		"  %s -- go test ./...\n"+
		"To measure the built-in case, run it outside of your module, or name what of it with --scenario or --version", module, cmd.CommandPath()))
}

// moduleOf returns the path of the module that folder is in, or nothing.
func moduleOf(folder string) string {
	for {
		if text, err := os.ReadFile(filepath.Join(folder, "go.mod")); err == nil {
			return modfile.ModulePath(text)
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return ""
		}
		folder = parent
	}
}
