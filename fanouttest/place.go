package fanouttest

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/internal/testbaseline"
)

// A place is the package that the tests belong to.
type place struct {
	module, pkg string // import paths
	tags        string // build tags, in the form of -tags
	folder      string // where go test started the tests
}

// started is the folder of the package, where go test starts the tests. A test may change its
// working directory later.
var started, _ = os.Getwd()

// thisPackage returns the package of the running tests. It reads the test binary, because callers
// of Check and the working directory may belong to other packages.
func thisPackage() place {
	here := place{folder: started}
	if info, ok := debug.ReadBuildInfo(); ok {
		here.module, here.pkg = info.Main.Path, strings.TrimSuffix(info.Path, ".test")
		for _, s := range info.Settings {
			if s.Key == "-tags" {
				here.tags = s.Value
			}
		}
	}
	if here.pkg == "" { // built by another build system
		here.pkg = filepath.Base(started)
	}
	if here.module == "" {
		here.module = here.pkg
	}
	return here
}

// moduleLine is the module line of a go.mod.
var moduleLine = regexp.MustCompile(`(?m)^module\s+"?([^\s"]+)`)

// elsewhere returns an error if the tests do not run in the folder of their package, where the
// baselines are. Without the source it cannot tell and returns nil.
func (p place) elsewhere() error {
	root := p.moduleFolder()
	if root == "" {
		return nil
	}
	text, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return err
	}
	within, err := filepath.Rel(root, p.folder)
	if err != nil {
		return err
	}
	if found := moduleLine.FindSubmatch(text); found == nil || path.Join(string(found[1]), filepath.ToSlash(within)) == p.pkg {
		return nil
	}
	return fmt.Errorf("the tests of %s do not run in the folder of their package, where the baselines are; run them there", p.pkg)
}

// moduleFolder returns the folder of the module, or "" without its source.
func (p place) moduleFolder() string { return testbaseline.With(p.folder, "go.mod") }

// isIn reports whether folder is in the worktree whose file .git has that text. A submodule has
// another one.
func isIn(folder, worktree string) bool {
	return testbaseline.Above(folder, func(folder string) bool {
		text, err := os.ReadFile(filepath.Join(folder, ".git"))
		return err == nil && strings.TrimSpace(string(text)) == worktree
	}) != ""
}

// root returns the folder to which paths in results are relative: that of the collecting command,
// if the package is below it, or the root of the repository.
func (p place) root() string {
	if root := os.Getenv(rootVariable); root != "" && os.Getenv(outVariable) != "" {
		if within, err := filepath.Rel(root, p.folder); err == nil && filepath.IsLocal(within) {
			return root
		}
	}
	return testbaseline.Root(p.folder)
}

// moduleName returns the module's folder relative to the repository. It is empty for the root and
// without the source.
func (p place) moduleName() string {
	name, err := filepath.Rel(p.root(), p.moduleFolder())
	if err != nil || name == "." || !filepath.IsLocal(name) {
		return ""
	}
	return filepath.ToSlash(name)
}

// baseline returns the path of the scenario's baseline, and its name in the repository.
func (p place) baseline(scenario string) (path, name string) {
	path = filepath.Join(p.folder, testbaseline.Path(scenario))
	name, err := filepath.Rel(p.root(), path)
	if err != nil {
		name = testbaseline.Path(scenario)
	}
	return path, filepath.ToSlash(name)
}

// goTest matches the beginning of a test function's name. Only package testing sets such names.
var goTest = regexp.MustCompile(`^Test[\pL\pN_]*(/|$)`)

// update returns the command that writes the baseline of a test, from anywhere in the module.
func (p place) update(test string) string {
	words := []string{"go"}
	// From the repository's root, go test needs -C to find another module.
	if module := p.moduleFolder(); module != "" && module != testbaseline.Root(p.folder) {
		words = append(words, "-C", term.ShellWord(module))
	}
	words = append(words, "test")
	if p.tags != "" {
		words = append(words, "-tags", term.ShellWord(p.tags))
	}
	words = append(words, term.ShellWord(p.pkg))
	if goTest.MatchString(test) && !strings.ContainsAny(test, " \t\n") {
		return strings.Join(append(words, "-run", term.ShellWord(pattern(test)), "-fanout.update"), " ")
	}
	// A framework that names its tests itself: -run does not select them.
	for _, arg := range os.Args[1:] {
		switch name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "="); {
		case name == "test.run", name == "test.skip", name == "test.short":
			words = append(words, term.ShellWord("-"+strings.TrimPrefix(strings.TrimLeft(arg, "-"), "test.")))
		case !strings.HasPrefix(name, "test.") && name != "fanout.update":
			words = append(words, term.ShellWord(arg))
		}
	}
	return strings.Join(append([]string{"FANOUT_UPDATE=1"}, words...), " ") + " # all tests of this command"
}

var testOf sync.Map // by scenario name

// takeName reserves the name scenario for test. Two scenarios with one name would share a
// baseline, on some systems even if the names differ in case.
func takeName(test, scenario string) error {
	if other, taken := testOf.LoadOrStore(strings.ToLower(scenario), test); taken && other != test {
		return fmt.Errorf("scenario %q already belongs to %s; give each scenario of a package its own name", scenario, other)
	}
	return nil
}

// pattern returns the -run pattern of one test.
func pattern(test string) string {
	var parts []string
	for part := range strings.SplitSeq(test, "/") {
		parts = append(parts, "^"+regexp.QuoteMeta(part)+"$")
	}
	return strings.Join(parts, "/")
}
