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

// A place is the package whose tests these are.
type place struct {
	module, pkg string // their paths
	tags        string // build tags, as -tags takes them
	folder      string // where go test has started the tests
}

// started is where go test has started the tests, in the folder of their package. A test may
// change to another one.
var started, _ = os.Getwd()

// thisPackage returns the package whose tests these are, whoever calls Check for them. The
// binary tells it: where it runs is up to who runs it.
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
	if here.pkg == "" { // of another build system
		here.pkg = filepath.Base(started)
	}
	if here.module == "" {
		here.module = here.pkg
	}
	return here
}

// moduleLine is that of a go.mod.
var moduleLine = regexp.MustCompile(`(?m)^module\s+"?([^\s"]+)`)

// elsewhere returns an error if the tests do not run in the folder of their package, where
// their baselines are. Without the source nobody can tell.
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
	return fmt.Errorf("these are the tests of %s, which have their baselines in its folder: run them there", p.pkg)
}

// moduleFolder returns the folder of the module, if its source is there.
func (p place) moduleFolder() string {
	for root := p.folder; ; root = filepath.Dir(root) {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			return root
		}
		if root == filepath.Dir(root) {
			return ""
		}
	}
}

// moduleName returns how the folder of the module is called in the repository. It is empty for
// the root, and where the source is not there.
func (p place) moduleName() string {
	name, err := filepath.Rel(testbaseline.Root(p.folder), p.moduleFolder())
	if err != nil || name == "." || !filepath.IsLocal(name) {
		return ""
	}
	return filepath.ToSlash(name)
}

// baseline returns where that of a scenario is, and how it is called in the repository.
func (p place) baseline(scenario string) (path, name string) {
	path = filepath.Join(p.folder, testbaseline.Path(scenario))
	name, err := filepath.Rel(testbaseline.Root(p.folder), path)
	if err != nil {
		name = testbaseline.Path(scenario)
	}
	return path, filepath.ToSlash(name)
}

// goTest is what begins a test function's name, which only package testing gives a test.
var goTest = regexp.MustCompile(`^Test[\pL\pN_]*(/|$)`)

// update returns the command that writes the baseline of a test, from anywhere in the
// module.
func (p place) update(test string) string {
	words := []string{"go"}
	// A module within a repository is not there for who stands at the root.
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
	// Of a framework that names its tests itself: -run does not know them.
	for _, arg := range os.Args[1:] {
		switch name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "="); {
		case name == "test.run", name == "test.skip", name == "test.short":
			words = append(words, term.ShellWord("-"+strings.TrimPrefix(strings.TrimLeft(arg, "-"), "test.")))
		case !strings.HasPrefix(name, "test.") && name != "fanout.update":
			words = append(words, term.ShellWord(arg))
		}
	}
	return strings.Join(append([]string{"FANOUT_UPDATE=1"}, words...), " ") + " # all of them that these run"
}

var testOf sync.Map // by the names of scenarios

// takeName makes scenario that of test. Two of one name would share a baseline, on some
// systems also if they differ in case.
func takeName(test, scenario string) error {
	if other, taken := testOf.LoadOrStore(strings.ToLower(scenario), test); taken && other != test {
		return fmt.Errorf("scenario %q is that of %s already; a name may be used once in a package", scenario, other)
	}
	return nil
}

// pattern returns what -run takes for one test.
func pattern(test string) string {
	var parts []string
	for part := range strings.SplitSeq(test, "/") {
		parts = append(parts, "^"+regexp.QuoteMeta(part)+"$")
	}
	return strings.Join(parts, "/")
}
