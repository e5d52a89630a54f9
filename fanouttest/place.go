package fanouttest

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/fanout-bench/fanout-bench/internal/term"
)

// A place is a package: its module, and its folder there.
type place struct{ module, folder string }

// started is where go test has started the tests: in the folder of their package.
var started, _ = os.Getwd()

// thisPackage returns the package whose tests these are, whoever calls Check for them.
var thisPackage = sync.OnceValue(func() place {
	module := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		module = info.Main.Path
	}
	for root := started; ; root = filepath.Dir(root) {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			folder, err := filepath.Rel(root, started)
			if err != nil || folder == "." {
				folder = ""
			}
			return place{cmp.Or(module, filepath.Base(root)), cmp.Or(filepath.ToSlash(folder), path.Base(module))}
		}
		if root == filepath.Dir(root) {
			return place{cmp.Or(module, filepath.Base(started)), filepath.Base(started)}
		}
	}
})

// command returns how to run a test of p alone, from anywhere in the module.
func (p place) command(test string) string {
	pkg := p.module
	if p.folder != path.Base(p.module) {
		pkg += "/" + p.folder
	}
	return fmt.Sprintf("go test %s -run %s", term.ShellWord(pkg), term.ShellWord(pattern(test)))
}

var names = struct {
	sync.Mutex
	testOf map[string]string
}{testOf: make(map[string]string)}

// takeName makes scenario that of test. Two of one name would share a baseline, on some
// systems also if they differ in case.
func takeName(test, scenario string) error {
	names.Lock()
	defer names.Unlock()
	key := strings.ToLower(scenario)
	if other, taken := names.testOf[key]; taken && other != test {
		return fmt.Errorf("scenario %q is that of %s already; a name may be used once in a package", scenario, other)
	}
	names.testOf[key] = test
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

// fileName makes the name of a file of any text, and another one of another text.
func fileName(text string) string {
	plain := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r) {
			return r
		}
		return '-'
	}, text)
	if plain == text && len(plain) <= 100 && !strings.HasPrefix(plain, ".") {
		return plain
	}
	sum := fnv.New32a()
	sum.Write([]byte(text))
	return fmt.Sprintf("%.100s-%08x", strings.TrimLeft(plain, "."), sum.Sum32())
}
