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

// wantsBuiltIn returns an error if cmd would measure the built-in case in a user's module, where a
// command after -- is probably missing. A flag that selects a part of the built-in case allows it.
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
	return exit.With(exit.Usage, fmt.Errorf("nothing to measure. For the tests of %s:\n"+
		"  %s -- go test ./...\n"+
		"For the built-in case, add --scenario or --version, or leave your module", module, cmd.CommandPath()))
}

// moduleOf returns the path of the module that contains folder, or "".
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
