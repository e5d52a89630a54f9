package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/mod/modfile"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
)

const thisModule = "github.com/fanout-bench/fanout-bench"

// wantsBuiltIn returns an error if cmd would measure the built-in case in a user's module, where a
// command after -- is probably missing. A flag that selects a part of the built-in case allows it.
func wantsBuiltIn(cmd *cobra.Command) error {
	if len(changed(cmd, "version", "scenario", "n", "baseline", "budget")) > 0 {
		return nil
	}
	folder, err := os.Getwd()
	if err != nil {
		return err
	}
	_, goMod := moduleOf(folder)
	module := modfile.ModulePath(goMod)
	if module == "" || module == thisModule || strings.HasPrefix(module, thisModule+"/") {
		return nil
	}
	return exit.With(exit.Usage, fmt.Errorf("nothing to measure. For the tests of %s:\n"+
		"  %s -- go test ./...\n"+
		"For the built-in case, add --scenario or --version, or leave your module", module, cmd.CommandPath()))
}

// moduleOf returns the folder and the go.mod of the module that contains folder, or nothing.
func moduleOf(folder string) (root string, goMod []byte) {
	for {
		if text, err := os.ReadFile(filepath.Join(folder, "go.mod")); err == nil {
			return folder, text
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", nil
		}
		folder = parent
	}
}

// leavesTree returns a hint if the module that contains folder, which is in tree, replaces a module by
// a relative folder outside of tree: a copy of the repository elsewhere does not have it.
func leavesTree(tree, folder string) string {
	root, text := moduleOf(folder)
	file, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		return ""
	}
	for _, r := range file.Replace {
		if r.New.Version != "" || filepath.IsAbs(r.New.Path) {
			continue
		}
		if path, err := filepath.Rel(tree, filepath.Join(root, filepath.FromSlash(r.New.Path))); err != nil || !filepath.IsLocal(path) {
			return fmt.Sprintf("go.mod replaces %s by %s, outside of the repository. The base is measured in a copy of the repository "+
				"in another folder, from where this path leads elsewhere: use an absolute path, or keep the module in the repository", r.Old.Path, r.New.Path)
		}
	}
	return ""
}

// sharesCode returns an error if the module that contains folder, in the worktree of a base, replaces
// a module by an absolute path below root, where the user's own code is.
func sharesCode(root, folder string) error {
	_, text := moduleOf(folder)
	file, _ := modfile.Parse("go.mod", text, nil)
	if file == nil {
		return nil // go says why
	}
	for _, r := range file.Replace {
		path, err := filepath.EvalSymlinks(r.New.Path)
		if err != nil || !filepath.IsAbs(path) {
			continue
		}
		if within, err := filepath.Rel(root, path); err == nil && filepath.IsLocal(within) {
			return fmt.Errorf("go.mod replaces %s by an absolute path in this repository, so the base would be measured with the code of the working tree; use a relative path", r.Old.Path)
		}
	}
	return nil
}

// otherLibrary returns a note if the module with this go.mod requires another release of the
// library than the command is of. Test binaries do not know the versions of their modules.
func otherLibrary(goMod []byte, command string) string {
	file, err := modfile.Parse("go.mod", goMod, nil)
	if err != nil || command == "" || slices.ContainsFunc(file.Replace, func(r *modfile.Replace) bool { return r.Old.Path == thisModule }) {
		return ""
	}
	for _, r := range file.Require {
		if library := r.Mod.Version; r.Mod.Path == thisModule && library != command && releaseName.MatchString(library) {
			return fmt.Sprintf("NOTE go.mod requires fanout-bench %s, and this command is %s; use one release: go get %s@%[2]s", library, command, thisModule)
		}
	}
	return ""
}
