// Mutants changes the code of a package in small ways, one at a time, and tells which
// of these mutants its tests do not notice:
//
//	go run ./internal/mutants -least 80 report/law.go report/verdict.go
//
// It negates comparisons and conditions, moves their bounds by one, turns && into ||
// and arithmetic into other arithmetic, swaps true and false, and leaves out
// statements. Text is left alone.
//
// It works on a copy of the module, whose root it is run in, so that no file is changed
// in place, by failing tests neither. All mutants are compiled into one test binary for
// each package, which looks up in a file which of them it is to be, as compiling takes
// longer than most tests do. A mutant that makes the tests hang is noticed too.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"text/tabwriter"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("mutants", flag.ContinueOnError)
	least := flags.Float64("least", 0, "the `percentage` of each file's mutants that tests must notice")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		return errors.New("no files given")
	}
	dir, err := os.MkdirTemp("", "mutants-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // what stays is in a temporary folder

	module := filepath.Join(dir, "module")
	if err := os.CopyFS(module, os.DirFS(".")); err != nil {
		return err
	}

	var files []*file
	packages := map[string][]*file{}
	mutants := 0
	for _, name := range flags.Args() {
		source, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		f, err := mutate(name, source, mutants)
		if err != nil {
			return err
		}
		mutants += len(f.mutants)
		files = append(files, f)
		packages[filepath.Dir(name)] = append(packages[filepath.Dir(name)], f)
	}
	tests := map[string]*tests{}
	for folder, files := range packages {
		if tests[folder], err = build(ctx, module, folder, files); err != nil {
			return err
		}
	}
	for _, f := range files {
		fmt.Fprintf(os.Stderr, "%s: %d mutants\n", f.name, len(f.mutants))
		if err := tests[filepath.Dir(f.name)].judge(ctx, f, stdout); err != nil {
			return err
		}
	}
	return tabulate(stdout, files, *least)
}

// tabulate writes how many mutants of each file the tests noticed. It returns an error
// if these are less than so many percent anywhere.
func tabulate(w io.Writer, files []*file, least float64) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "mutants\tnoticed\ttimed out\tsurvived\tnot reached\tpercent\t  file")
	var (
		total file
		poor  []string
	)
	row := func(f file) {
		counts := map[fate]int{}
		for _, m := range f.mutants {
			counts[m.fate]++
		}
		fmt.Fprintf(table, "%d\t%d\t%d\t%d\t%d\t%.1f\t  %s\n", len(f.mutants), counts[noticed], counts[timedOut],
			counts[survived], counts[unreached], f.percent(), f.name)
	}
	for _, f := range files {
		row(*f)
		total.mutants = append(total.mutants, f.mutants...)
		if f.percent() < least {
			poor = append(poor, f.name)
		}
	}
	total.name = "all"
	row(total)
	if err := table.Flush(); err != nil {
		return err
	}
	if len(poor) > 0 {
		return fmt.Errorf("tests notice less than %v %% of the mutants of %q", least, poor)
	}
	return nil
}

// percent is how many of the mutants of f the tests noticed.
func (f file) percent() float64 {
	if len(f.mutants) == 0 {
		return 100
	}
	n := 0
	for _, m := range f.mutants {
		if m.fate == noticed || m.fate == timedOut {
			n++
		}
	}
	return 100 * float64(n) / float64(len(f.mutants))
}
