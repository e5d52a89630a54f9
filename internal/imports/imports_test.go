// Package imports tests that imports run one way.
package imports

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/fanout-bench/fanout-bench/"

// within is the import path of the command's packages.
const within = "cmd/fanout-bench/internal/"

// allowed lists for each package of the two modules which of their packages and which other modules
// it may import directly.
var allowed = map[string][]string{
	"internal/beside":           {"github.com/jackc/pgx/v5"},
	"internal/backends":         {"github.com/jackc/pgx/v5"},
	"internal/unseen":           {"internal/backends", "github.com/jackc/pgx/v5"},
	"tracer":                    {"internal/backends", "internal/beside", "tracer/internal/callsite", "tracer/internal/identity", "tracer/internal/sqldriver", "tracer/internal/sqltext", "tracer/internal/wire", "github.com/jackc/pgx/v5"},
	"tracer/internal/callsite":  {"github.com/jackc/pgx/v5"},
	"tracer/internal/identity":  {"github.com/jackc/pgx/v5"},
	"tracer/internal/sqldriver": {},
	"tracer/internal/sqltext":   {},
	"tracer/internal/wire":      {"github.com/jackc/pgx/v5"},
	"internal/changes":          {"tracer"},
	"scenarios":                 {"internal/beside", "internal/changes", "internal/pgkeep", "internal/pgpool", "internal/probe", "internal/strays", "tracer", "github.com/jackc/pgx/v5"},
	"scenarios/agentauth":       {"internal/agentauth", "scenarios"},
	"internal/probe":            {"tracer"},
	"internal/selection":        {"scenarios"},
	"internal/workload":         {"internal/selection", "scenarios"},
	"internal/agentauth":        {"internal/workload", "scenarios", "tracer", "github.com/jackc/pgx/v5", "github.com/casbin/casbin/v3", "github.com/google/uuid"},
	"internal/index":            {},
	"internal/calltree":         {"internal/index", "internal/jsonfile", "scenarios", "tracer"},
	"report":                    {"internal/index", "internal/calltree", "internal/jsonfile", "scenarios", "tracer"},
	"internal/testbaseline":     {"internal/calltree", "internal/index", "internal/jsonfile", "report", "tracer"},
	"internal/findings":         {"internal/capacity", "internal/index", "internal/term", "report", "internal/calltree", "scenarios", "tracer"},
	"internal/capacity":         {"report", "tracer"},
	"internal/machine":          {},
	"internal/underload":        {"tracer", "github.com/jackc/pgx/v5"},
	"internal/merge":            {"internal/index", "internal/calltree", "report", "scenarios", "tracer"},
	"internal/reporttest":       {"internal/findings", "report", "internal/calltree", "scenarios", "tracer"},
	"results":                   {},
	"internal/countproxy":       {"internal/beside", "tracer", "github.com/jackc/pgx/v5"},
	"fanouttest":                {"internal/backends", "internal/beside", "internal/capacity", "internal/countproxy", "internal/machine", "internal/underload", "github.com/jackc/pgx/v5", "internal/unseen", "internal/onlycounts", "internal/merge", "internal/testbaseline", "internal/oserr", "internal/probe", "internal/strays", "internal/term", "internal/findings", "internal/calltree", "report", "scenarios", "tracer", "github.com/google/renameio/v2"},
	"fanouttest/testdb":         {"fanouttest", "internal/backends", "internal/onlycounts", "internal/pgpool", "internal/postgres/scratch", "internal/testserver", "github.com/jackc/pgx/v5"},
	"internal/onlycounts":       {},
	"internal/strays":           {"internal/beside", "tracer"},
	"internal/testserver":       {"internal/postgres", "internal/postgres/scratch"},
	"internal/download":         {"internal/tempfolder", "github.com/ulikunitz/xz"},
	"internal/pgtest":           {"internal/postgres/scratch", "internal/testserver", "github.com/jackc/pgx/v5"},
	"internal/await":            {},
	"internal/must":             {},
	"internal/bounded":          {},
	within + "golden":           {"github.com/google/go-cmp"},
	"internal/imports":          {},
	"internal/jsonfile":         {},
	"internal/term":             {"golang.org/x/text"},
	"internal/oserr":            {},
	"internal/long":             {},
	"internal/tempfolder":       {"internal/oserr"},
	"internal/pgkeep":           {"github.com/jackc/pgx/v5"},
	"internal/pgpool":           {"internal/bounded", "github.com/jackc/pgx/v5"},

	"internal/postgres":           {"internal/download", "internal/postgres/scratch", "internal/postgres/temporary"},
	"internal/postgres/temporary": {"internal/postgres/redact", "internal/postgres/scratch", "internal/tempfolder", "github.com/jackc/pgx/v5", "golang.org/x/sys"},
	"internal/postgres/scratch":   {"internal/bounded", "internal/postgres/redact", "github.com/jackc/pgx/v5"},
	"internal/postgres/redact":    {"github.com/jackc/pgx/v5"},

	within + "exit":      {},
	within + "interrupt": {within + "exit", "internal/bounded", "internal/oserr"},
	within + "collect":   {within + "exit", within + "interrupt", within + "savefile", "internal/calltree", "internal/findings", "internal/index", "internal/merge", "internal/oserr", "internal/term", "internal/testbaseline", "report", "scenarios"},
	"cmd/fanout-bench": {"internal/index", within + "collect", within + "exit", within + "interrupt", within + "claims", within + "docker", within + "metrics", within + "proof", within + "savefile", within + "saturation", within + "saturation/load", within + "render/ci", within + "render/json",
		within + "render/markdown", within + "render/page", within + "render/text", within + "render/tree", within + "render/view",
		"internal/testbaseline", "internal/capacity", "internal/findings", "internal/merge", "internal/oserr", "internal/postgres", "internal/postgres/scratch", "internal/probe", "internal/selection", "internal/tempfolder", "internal/term", "internal/workload", "report", "internal/calltree",
		"results", "scenarios", "internal/agentauth", "tracer",
		"github.com/google/renameio/v2", "github.com/spf13/cobra", "github.com/spf13/pflag", "golang.org/x/mod", "golang.org/x/term"},
	within + "claims": {"internal/jsonfile", "report", "scenarios", "tracer", "github.com/yuin/goldmark"},
	within + "docker": {"internal/bounded", "internal/postgres/redact", "internal/postgres/scratch", "internal/postgres/temporary", "github.com/distribution/reference", "github.com/jackc/pgx/v5", "github.com/moby/moby/api", "github.com/moby/moby/client",
		"github.com/testcontainers/testcontainers-go"},
	within + "metrics":         {"github.com/jackc/pgx/v5", "github.com/prometheus/client_golang"},
	within + "proof":           {"internal/findings", "internal/index", "internal/probe", "internal/term", "report", "scenarios", "tracer"},
	within + "savefile":        {"internal/oserr", "internal/testbaseline", "github.com/google/renameio/v2", "github.com/spf13/cobra", "golang.org/x/sys"},
	within + "saturation":      {"internal/jsonfile", "internal/machine", "internal/term", "internal/underload"},
	within + "saturation/load": {within + "saturation", "internal/pgpool", "internal/workload", "scenarios", "tracer", "github.com/felixge/httpsnoop", "github.com/jackc/pgx/v5", "github.com/tsenart/vegeta/v12", "internal/machine", "internal/underload"},
	within + "render":          {},
	within + "render/view":     {"internal/index", "internal/testbaseline", within + "claims", "internal/findings", "internal/term", "report", "internal/calltree", "scenarios", "tracer"},
	within + "render/tree":     {within + "render/view", "internal/findings", "internal/term", "report", "internal/calltree", "tracer"},
	within + "render/text":     {"github.com/olekukonko/tablewriter", within + "render/view", within + "claims", within + "saturation", "internal/capacity", "internal/changes", "internal/findings", "internal/merge", "internal/term", "internal/workload", "report", "scenarios", "tracer", "internal/underload"},
	within + "render/json":     {within + "render/view", within + "claims", "internal/capacity", "internal/changes", "internal/findings", "internal/jsonfile", "internal/workload", "report", "internal/calltree", "scenarios", "tracer"},
	within + "render/markdown": {within + "render/view", within + "render/tree", "internal/findings", "internal/term", "report", "internal/calltree", "scenarios", "tracer"},
	within + "render/page":     {within + "render/view", within + "render/tree", within + "claims", within + "saturation", "internal/capacity", "internal/findings", "internal/index", "internal/term", "report", "internal/calltree", "scenarios", "tracer"},
	within + "render/ci":       {"internal/findings", "internal/term", "report", "tracer"},
}

// forTests lists the packages that may depend on package testing. The first three are for tests; the
// others use testcontainers, which imports it.
var forTests = []string{"internal/pgtest", "internal/await", within + "golden", within + "docker", "cmd/fanout-bench"}

type listed struct {
	ImportPath    string
	Imports, Deps []string
}

func TestImportsRunOneWay(t *testing.T) {
	for _, pkg := range list(t) {
		name := strings.TrimPrefix(pkg.ImportPath, module)
		rules, known := allowed[name]
		if !known {
			t.Errorf("%s: add the new package and its imports to allowed", name)
		}
		for _, path := range pkg.Imports {
			if !standard(path) && !slices.ContainsFunc(rules, func(rule string) bool { return covers(rule, path) }) {
				t.Errorf("%s imports %s", name, path)
			}
		}
		if slices.Contains(pkg.Deps, "testing") && !slices.Contains(forTests, name) {
			t.Errorf("%s makes users' programs depend on package testing", name)
		}
	}
}

// covers reports whether rule, a package or a module, allows path.
func covers(rule, path string) bool {
	if strings.Contains(strings.SplitN(rule, "/", 2)[0], ".") {
		return path == rule || strings.HasPrefix(path, rule+"/")
	}
	return path == module+rule
}

func standard(path string) bool { return !strings.Contains(strings.SplitN(path, "/", 2)[0], ".") }

func list(t *testing.T) []listed {
	t.Helper()
	touchSources(t)
	var pkgs []listed
	for decoder := json.NewDecoder(goList(t, "-json=ImportPath,Imports,Deps")); ; {
		var pkg listed
		if err := decoder.Decode(&pkg); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, pkg)
	}
}

// goList returns the output of go list for the library and the command. It sees both only in the
// workspace.
func goList(t *testing.T, args ...string) io.Reader {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", slices.Concat([]string{"list"}, args, []string{"./...", "./cmd/fanout-bench/..."})...)
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), "GOWORK=")
	cmd.Stderr = os.Stderr
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	return bytes.NewReader(output)
}

// touchSources opens every Go file of the modules, because a cached test result is valid until a
// file changes that the test opened, and go list opens files in another process.
func touchSources(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		return file.Close()
	})
	if err != nil {
		t.Fatal(err)
	}
}
